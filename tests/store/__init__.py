"""Tests of the encrypted store: secrecy, killed programs, every order of answers."""
