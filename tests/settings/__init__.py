"""Tests of the settings: values, paths, the project's address, the store's key."""
