"""The encrypted local store: everything the window shows, and every intent not yet carried out."""
