"""Copies that other programs open: in a folder of this program's own, which goes with it."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import stat
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QLockFile

_BEGINS = "balas-open-"
# The folder of this program and the lock beside it, which tells the next one whether we live.
_ours: tuple[Path, QLockFile] | None = None
_making = threading.Lock()


def new_place() -> Path:
    """An empty folder for one copy, open to this user alone."""
    global _ours
    with _making:
        if _ours is None:
            folder = Path(tempfile.gettempdir()) / f"{_BEGINS}{secrets.token_hex(16)}"
            lock = _lock_of(folder)
            lock.tryLock(0)  # before the folder is there, so that nobody takes it for a dead one's
            folder.mkdir(mode=0o700)
            _ours = folder, lock
            atexit.register(remove)
        return Path(tempfile.mkdtemp(dir=_ours[0]))


def remove() -> None:
    """Take back every copy of this program, as far as the others let go of them."""
    global _ours
    with _making:
        if _ours is not None:
            folder, lock = _ours
            shutil.rmtree(folder, ignore_errors=True)
            lock.unlock()
            _ours = None
            atexit.unregister(remove)


def remove_left() -> None:
    """Remove what programs of this user left behind that were killed, or could not remove."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_BEGINS}*"):
        if not _is_own(folder):
            continue
        lock = _lock_of(folder)
        if lock.tryLock(0):
            shutil.rmtree(folder, ignore_errors=True)
            lock.unlock()


def _lock_of(folder: Path) -> QLockFile:
    lock = QLockFile(f"{folder}.lock")
    lock.setStaleLockTime(0)  # a lock of a program that died is taken over at once
    return lock


def _is_own(folder: Path) -> bool:
    """A folder, no link to one, that this user made."""
    with suppress(OSError):
        about = folder.lstat()
        return stat.S_ISDIR(about.st_mode) and (os.name == "nt" or about.st_uid == os.getuid())
    return False
