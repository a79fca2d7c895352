"""The spool's folder: sealed files that outlast a crash, and the lock of who empties it.

A file holds the requests that were written together, in order, encrypted and authenticated as a
whole (AES-256-GCM, the key made by HKDF from a secret of the configuration). It appears under its
name only when all its bytes are on the disk, and it is answered for only when the name is, too:
whatever a kill -9 leaves behind is either a whole file or a `.part` nobody was promised anything
about. Names sort in the order of writing and tell the number of requests inside.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_MAGIC = b"BALAS1"
_KEY_ID, _NONCE = 8, 12  # bytes
_NAME = re.compile(r"(\d{20})-[0-9a-f]{8}-(\d{1,6})\.req")
_PART = ".part"
# Nobody is still writing a file for as long as this.
_PART_SECONDS = 600.0
_ASIDE = "aside"


class DamagedError(Exception):
    """The file is not what was written."""


class LockedError(Exception):
    """The file was sealed with a secret that we do not have."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One file: how many requests it holds, its size in bytes, when it was written (Unix time)."""

    name: str
    count: int
    size: int
    written: float


class Seal:
    """Encrypts with the first secret, opens with any of them."""

    def __init__(self, secret_texts: Sequence[str]) -> None:
        keys = [(_derived(text, b"key id", _KEY_ID), AESGCM(_derived(text, b"key", 32)))
                for text in secret_texts if text]  # fmt: skip
        if not keys:
            raise ValueError("the spool needs a secret")
        self._first = keys[0]
        self._keys = dict(keys)

    def close(self, name: str, content: bytes) -> bytes:
        """The sealed bytes, bound to the file's name."""
        key_id, key = self._first
        nonce = secrets.token_bytes(_NONCE)
        return _MAGIC + key_id + nonce + key.encrypt(nonce, content, name.encode())

    def open(self, name: str, sealed: bytes) -> bytes:
        """What was sealed under this name. Raises DamagedError, LockedError."""
        head = len(_MAGIC) + _KEY_ID
        if len(sealed) <= head + _NONCE or not sealed.startswith(_MAGIC):
            raise DamagedError("not a whole file of ours")
        key = self._keys.get(sealed[len(_MAGIC) : head])
        if key is None:
            raise LockedError
        try:
            return key.decrypt(sealed[head : head + _NONCE], sealed[head + _NONCE :], name.encode())
        except InvalidTag:
            raise DamagedError("its bytes have changed") from None


def _derived(secret: str, use: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, None, b"balas spool 1 " + use).derive(secret.encode())


class Folder:
    """The files of one spool. Any number of processes may use the same folder. Blocking."""

    def __init__(self, path: Path, seal: Seal) -> None:
        self.path = path
        self._seal = seal
        self._last = 0

    def make(self) -> None:
        """Make the folder for its owner alone. Raises OSError."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.path / _ASIDE).mkdir(exist_ok=True, mode=0o700)
        self.path.chmod(0o700)
        _sync_folder(self.path.parent)
        _sync_folder(self.path)

    def write(self, content: bytes, count: int) -> Waiting:
        """Put a file at the end; when this returns it survives a power cut. Raises OSError.

        One caller at a time in one process.
        """
        self._last = max(self._last + 1, time.time_ns())
        name = f"{self._last:020d}-{secrets.token_hex(4)}-{count}.req"
        sealed = self._seal.close(name, content)
        part = self.path / (name + _PART)
        try:
            _write_synced(part, sealed)
            part.replace(self.path / name)
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink()
            raise
        _sync_folder(self.path)
        return Waiting(name, count, len(sealed), self._last / 1e9)

    def read(self, name: str) -> bytes | None:
        """The content, None when another process is done with it.

        Raises DamagedError, LockedError, OSError.
        """
        try:
            sealed = (self.path / name).read_bytes()
        except FileNotFoundError:
            return None
        return self._seal.open(name, sealed)

    def waiting(self) -> list[Waiting]:
        """All whole files, the oldest first. Raises OSError."""
        found = []
        with os.scandir(self.path) as entries:
            for entry in entries:
                match = _NAME.fullmatch(entry.name)
                if match is None:
                    continue
                with contextlib.suppress(FileNotFoundError):
                    size = entry.stat().st_size
                    found.append(Waiting(entry.name, int(match[2]), size, int(match[1]) / 1e9))
        return sorted(found, key=lambda file: file.name)

    def changed_at(self) -> int:
        """When a name came or went last, in nanoseconds. Raises OSError."""
        return self.path.stat().st_mtime_ns

    def remove(self, name: str) -> None:
        """The file is done with. Not synced: one that comes back is stored once more, in vain."""
        (self.path / name).unlink(missing_ok=True)

    def set_aside(self, name: str) -> None:
        """Keep a damaged file where nobody tries it again; a person may look. Raises OSError."""
        with contextlib.suppress(FileNotFoundError):
            (self.path / name).replace(self.path / _ASIDE / name)
            _sync_folder(self.path / _ASIDE)
            _sync_folder(self.path)

    def aside(self) -> int:
        """How many files are set aside. Raises OSError."""
        with os.scandir(self.path / _ASIDE) as entries:
            return sum(1 for _ in entries)

    def tidy(self) -> int:
        """Remove what a killed writer left half written; how many. Its request had no answer."""
        removed = 0
        for part in self.path.glob(f"*{_PART}"):
            with contextlib.suppress(FileNotFoundError):
                if part.stat().st_mtime < time.time() - _PART_SECONDS:
                    part.unlink()
                    removed += 1
        return removed

    @contextlib.contextmanager
    def sole(self) -> Iterator[bool]:
        """Whether we alone empty the folder, until the block ends or this process dies."""
        handle = os.open(self.path / "drain.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            yield _lock(handle)
        finally:
            os.close(handle)


def _write_synced(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(handle, left) :]
        if sys.platform == "darwin":
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)  # fsync alone stops at the drive's cache there
        else:
            os.fsync(handle)
    finally:
        os.close(handle)


def _sync_folder(path: Path) -> None:
    if sys.platform == "win32":
        return  # NTFS journals names by itself; a folder cannot be opened for this
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
