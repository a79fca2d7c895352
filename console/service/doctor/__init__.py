"""`balas doctor`: checks every part the service stands on, one file a theme, and says the fix."""
