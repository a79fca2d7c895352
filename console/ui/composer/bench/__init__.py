"""The media bench: files made into what WhatsApp takes, on this machine, off the loop's thread."""
