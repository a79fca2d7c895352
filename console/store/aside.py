"""A store found damaged: remembered beside it, and set aside at the next start."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path


def marker(path: Path) -> Path:
    """A file that says: this store was found damaged, do not open it again as it is."""
    return path.with_name(f"{path.name}.damaged")


def set_aside(path: Path) -> Path:
    """Give the file another name, with its log; which one."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    moved_to = path.with_name(f"{path.name}.set-aside-{stamp}")
    marker(path).unlink(missing_ok=True)
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(moved_to.with_name(moved_to.name + suffix))
    return moved_to
