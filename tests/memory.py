"""Where this machine keeps files in memory, and whether there is room for those of a test run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108  only fresh folders of our own are made in it
ROOM = 3 * 1024**3  # bytes; a run on two cores takes less than half of it


def is_in_memory(folder: Path) -> bool:
    """Whether files there cost no disk."""
    return MEMORY in folder.resolve().parents


def has_room() -> bool:
    """Whether a whole test run may lie in memory."""
    if not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK):
        return False
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    available = next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable"))
    return min(shutil.disk_usage(MEMORY).free, available * 1024) > ROOM
