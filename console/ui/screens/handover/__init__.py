"""Giving one's work to a colleague at the end of a shift."""
