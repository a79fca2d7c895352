"""Tables for the README, and how fast the disk under a measurement is."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence
from pathlib import Path


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; every column after the first is right-aligned."""
    rule = ["---", *("--:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *lines))


def fsync_milliseconds(folder: Path, times: int = 50) -> float:
    """The median time of writing 8 kB durably in this folder: the floor of every commit."""
    file = os.open(folder / "fsync", os.O_WRONLY | os.O_CREAT, 0o600)
    took = []
    try:
        for _ in range(times):
            os.pwrite(file, bytes(8192), 0)
            began = time.perf_counter()
            os.fdatasync(file) if hasattr(os, "fdatasync") else os.fsync(file)
            took.append(time.perf_counter() - began)
    finally:
        os.close(file)
    return statistics.median(took) * 1000
