"""Makes the local store and the server agree: pulls, pushes, files, and the line's state."""
