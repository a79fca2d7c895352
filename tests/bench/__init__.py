"""Measurements, run by `dev.py bench`; never part of the tests."""
