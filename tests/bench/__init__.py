"""Measurements: taking requests in beside Express, growth to a million messages, sending."""
