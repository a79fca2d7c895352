"""The main screen: conversations, one thread, the contact beside it."""
