"""The desktop's window: the only floor of Balas that knows Qt."""

from console.ui import overrides

overrides.guard()
