"""Tests of the service: webhook, worker, and the people commands."""
