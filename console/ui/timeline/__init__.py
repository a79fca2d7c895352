"""The thread: a painted, measured, cached list of bubbles that never jumps."""
