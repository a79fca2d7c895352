"""What a person can set, in a page of sections."""
