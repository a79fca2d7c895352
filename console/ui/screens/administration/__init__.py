"""Running the team: people, inboxes, what it says, what is kept."""
