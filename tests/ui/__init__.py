"""The window's tests: real widgets, a store in memory."""
