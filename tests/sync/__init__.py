"""Tests of sync: store and project agree whatever happens to the line between them."""
