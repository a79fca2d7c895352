"""Balas: the desk from which a support team answers customers on WhatsApp and SMS."""

__version__ = "0.1.0"
