"""The tests of Balas, in folders named after what they test."""
