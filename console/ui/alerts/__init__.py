"""Alerts: what calls an agent back to the window, and what must not be seen by others."""
