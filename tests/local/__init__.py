"""Tests of the local stack: Postgres, gateway, Twilio simulator, phone, story."""
