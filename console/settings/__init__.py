"""What a person can choose, where things lie on this machine, and the store's key."""
