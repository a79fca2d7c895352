"""The local schema, one numbered SQL file a version."""
