"""Whole screens: sign-in, the inbox, the picture viewer, questions."""
