"""A customer beside the thread: who they are, and what one can do about them."""
