"""Tests of the database: access, feed, desk functions, adoption, each on a clone of a template."""
