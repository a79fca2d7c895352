"""How large each trial is: small in the normal test run, full size by `dev.py trials`."""

from __future__ import annotations

from typing import Any, Final

SMALL: Final[dict[str, dict[str, Any]]] = {
    "F1": {"customers": 12, "each": 25, "kills": 2},
    "F2": {"customers": 12, "each": 15, "kills": 1, "seconds": 60.0},
    "F3": {"customers": 6, "each": 8, "seconds": 1.5},
    "F4": {"messages": 6},
    "F5": {"orders": 12},
    "F6": {"messages": 3},
    "F7": {"rounds": 1, "wait": False},
    "F8": {"times": 1, "patience": False},
    "F9": {"refusals": 2},
    "F10": {"seconds": 1.0, "replies": 4},
    "F12": {"conversations": 6, "each": 5},
    "F13": {"kills": 4},
    "F17": {"messages": 40},
    "F18": {"seconds": 1.0},
    "F19": {"messages": 2_000, "threads": 40},
    "F20": {"replies": 24, "threads": 3},
    "F22": {"keys": 1_000, "bytes": 10_000_000},
    "F23": {"lines": 64_000},
    "F24": {"drips": [5_000_000], "in_a_hurry": True},
    "F25": {"customers": 10, "each": 25, "rounds": 1},
    "F26": {"messages": 5, "seconds": 0.0},
    "F27": {"customers": 4, "each": 5},
    "F28": {"seconds": 1, "rate": 40, "listeners": 20},
    "A1": {"length": 10_000},
    "A4": {"times": 60},
    "A7": {"slow": 60, "to_the_end": False},
    "A15": {"bodies": 400, "callers": 8},
    "A21": {"messages": 500},
}
FULL: Final[dict[str, dict[str, Any]]] = {
    "F1": {"customers": 50, "each": 400, "kills": 50},
    "F2": {"customers": 40, "each": 250, "kills": 10, "seconds": 5.0},
    "F3": {"customers": 40, "each": 50, "seconds": 60.0},
    "F4": {"messages": 200},
    "F5": {"orders": 720},
    "F6": {"messages": 50},
    "F7": {"rounds": 5, "wait": True},
    "F8": {"times": 5, "patience": True},
    "F9": {"refusals": 20},
    "F10": {"seconds": 300.0, "replies": 40},
    "F12": {"conversations": 200, "each": 50},
    "F13": {"kills": 200},
    "F17": {"messages": 1_000},
    "F18": {"seconds": 600.0},
    "F19": {"messages": 50_000, "threads": 500},
    "F20": {"replies": 500, "threads": 20},
    "F22": {"keys": 1_000, "bytes": 10_000_000},
    "F23": {"lines": 64_000},
    "F24": {"drips": [50_000_000, 100_000_000], "in_a_hurry": False},
    "F25": {"customers": 40, "each": 250, "rounds": 5},
    "F26": {"messages": 200, "seconds": 600.0},
    "F27": {"customers": 100, "each": 100},
    "F28": {"seconds": 30, "rate": 80, "listeners": 20},
    "A1": {"length": 10_000},
    "A4": {"times": 1_000},
    "A7": {"slow": 500, "to_the_end": True},
    "A15": {"bodies": 1_000_000, "callers": 96},
    "A21": {"messages": 100_000},
}
for table in (SMALL, FULL):
    for name in ("A2", "A3", "A6", "A8", "A9"):
        table[name] = {}
