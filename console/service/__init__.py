"""The headless service that Twilio calls and that calls Twilio: webhook and worker."""
