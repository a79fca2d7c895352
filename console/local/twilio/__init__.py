"""A stand-in for Twilio on loopback: its REST API, webhooks, media host and the customers."""
