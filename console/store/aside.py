"""A store found damaged: remembered beside it, and set aside at the next start."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from console.domain.errors import EnvironmentFaultError


class SetAsideError(EnvironmentFaultError):
    """The file could not be opened with this key, or is damaged, and now lies at `moved_to`.

    Opening again starts a store with what could be rescued (`rescued` drafts and intents), which
    the server fills anew.
    """

    def __init__(self, moved_to: Path, rescued: int = 0) -> None:
        rescue = f" {rescued} drafts and unsent replies were saved from it." if rescued else ""
        super().__init__(
            "The local store could not be opened",
            "Its key does not fit or the file is damaged. The file was set aside and nothing in it"
            f" was changed: {moved_to.name}.{rescue}",
            fix="Go on with a new local store; everything the server has comes back by itself.",
        )
        self.moved_to = moved_to
        self.rescued = rescued


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
