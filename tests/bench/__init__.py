"""Measurements, run by `dev.py bench`: requests beside Express, and the window."""
