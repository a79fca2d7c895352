"""What desktop and service rely on, call by call, asked of the gateway or of any other project."""
