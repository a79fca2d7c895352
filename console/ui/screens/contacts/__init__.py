"""The page of everybody who is known."""
