"""Every component in every state, rendered to pictures."""
