"""Measurements of the window on the whole local stack."""
