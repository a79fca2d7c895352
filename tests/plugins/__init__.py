"""Plugins of pytest that every test run uses."""
