"""Measurements, run by `dev.py bench`: requests beside Express, growth, sending, the window."""
