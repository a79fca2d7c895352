"""The whole product at work: every real part, one window, a customer on the other side."""
