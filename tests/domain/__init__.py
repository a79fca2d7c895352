"""Tests of the plain values in console.domain."""
