"""Everything on loopback for the demo and the tests: Postgres, gateway, Twilio simulator, phone."""
