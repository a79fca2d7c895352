"""The watcher that ends child processes and removes temporary folders when their owner dies.

A process that starts others holds a :class:`Leash`. The watcher is a tiny process of its own that
reads the other end of a pipe; when the owner goes away, even by ``kill -9``, the pipe closes and
the watcher ends everything it was told of. It works the same on Linux, macOS and Windows.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path


class Leash:
    """Tells a watcher process what must not outlive this one."""

    def __init__(self) -> None:
        self._watcher = subprocess.Popen(  # noqa: S603  our own interpreter and file
            [sys.executable, "-E", "-S", str(Path(__file__).resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=Path(sys.executable).anchor or "/",
            start_new_session=True,  # a Ctrl-C at the terminal or a killed group must not reach it
        )

    def hold(self, pid: int, *, grace: float = 10.0) -> None:
        """End this process when the owner is gone; kill it `grace` seconds after asking."""
        self._tell(f"hold {pid} {grace}")

    def release(self, pid: int) -> None:
        """Forget a process that has ended, before the system gives its number to another."""
        self._tell(f"release {pid}")

    def remove(self, folder: Path) -> None:
        """Delete this folder after the owner and all held processes are gone."""
        self._tell(f"remove {folder}")

    def close(self) -> None:
        """End what is still held and wait for the watcher."""
        if self._watcher.stdin is not None:
            with contextlib.suppress(OSError):
                self._watcher.stdin.close()
        self._watcher.wait()

    def _tell(self, line: str) -> None:
        assert self._watcher.stdin is not None  # noqa: S101  opened as a pipe above
        with contextlib.suppress(OSError, ValueError):  # gone, or closed by us
            self._watcher.stdin.write(line.encode() + b"\n")
            self._watcher.stdin.flush()


def _alive(pid: int) -> bool:
    if sys.platform == "win32":
        return (
            str(pid)
            in subprocess.run(  # noqa: S603  a fixed command
                ["tasklist", "/FI", f"PID eq {pid}", "/NH"],  # noqa: S607
                capture_output=True,
                text=True,
                check=False,
            ).stdout.split()
        )
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError):  # ended, but nobody has collected its status (containers)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True


def _end(held: dict[int, float]) -> None:
    for pid in held:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGINT if sys.platform != "win32" else signal.SIGTERM)
    asked = time.monotonic()
    left = {pid: asked + grace for pid, grace in held.items()}
    while left:
        for pid, deadline in list(left.items()):
            if time.monotonic() > deadline:
                with contextlib.suppress(OSError):
                    os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
                del left[pid]
            elif not _alive(pid):
                del left[pid]
        time.sleep(0.05)


def _watch() -> None:
    held: dict[int, float] = {}
    folders: list[str] = []
    for line in sys.stdin:
        verb, _, rest = line.rstrip("\n").partition(" ")
        if verb == "hold":
            pid, grace = rest.split()
            held[int(pid)] = float(grace)
        elif verb == "release":
            held.pop(int(rest), None)
        elif verb == "remove":
            folders.append(rest)
    _end(held)
    for folder in folders:
        for _ in range(20):  # a dying database may still write its last file
            shutil.rmtree(folder, ignore_errors=True)
            if not Path(folder).exists():
                break
            time.sleep(0.1)


if __name__ == "__main__":
    _watch()
