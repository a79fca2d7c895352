"""Notes that ask for this agent."""
