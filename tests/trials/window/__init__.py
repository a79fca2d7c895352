"""Trials of the desktop: its real window and sync on the whole stack, through a fault proxy."""
