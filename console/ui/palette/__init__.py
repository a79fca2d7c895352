"""The palette (Ctrl K): everything one can do, everyone one knows, every message, in one field."""
