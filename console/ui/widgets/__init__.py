"""Small parts that any screen may use, each painted or styled from the tokens."""
