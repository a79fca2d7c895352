"""What the words of Balas mean: plain Python values, no I/O, no framework."""
