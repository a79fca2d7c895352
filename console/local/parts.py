"""The processes of a local stack: started, watched, started again when they die, and stopped."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Protocol

from console.domain.errors import EnvironmentFaultError
from console.local.leash import Leash
from console.local.postgres import Postgres

STOP_GRACE: Final = 6.0  # seconds between the polite signal and the kill
_DELAY: Final = 0.3  # seconds before a dead part comes back
_LONGEST_DELAY: Final = 5.0
_STEADY: Final = 5.0  # seconds after which a part counts as well again


class Part(Protocol):
    """One process that a stack can lose and start again."""

    name: str

    @property
    def pid(self) -> int:
        """The process of now; it changes with a restart."""

    def start(self) -> None:
        """Start, or start again. Raises EnvironmentFaultError."""

    def wait(self) -> int:
        """Block until the process ends; its status."""

    def stop(self) -> None:
        """End it, politely first."""

    def last_words(self) -> str:
        """The end of its log."""


class Program:
    """A part that is a command. Its output goes to a log file that only the owner reads."""

    def __init__(
        self,
        name: str,
        command: list[str],
        environment: Mapping[str, str],
        log: Path,
        leash: Leash,
    ) -> None:
        self.name = name
        self._command = command
        self._environment = dict(environment)
        self._log = log
        self._leash = leash
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """0 before the first start."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start, or start again."""
        log = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._process = subprocess.Popen(  # noqa: S603  a command of ours
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the stack, which stops its parts in order
            )
        finally:
            os.close(log)
        self._leash.hold(self._process.pid, grace=2.0)

    def wait(self) -> int:
        """Block until the process ends; its status."""
        if self._process is None:
            return 0
        status = self._process.wait()
        self._leash.release(self._process.pid)
        return status

    def stop(self) -> None:
        """SIGTERM, and after a grace SIGKILL."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=STOP_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._leash.release(self._process.pid)

    def last_words(self) -> str:
        """The end of its log."""
        return _tail(self._log)


class PostgresPart:
    """The database as a part."""

    name = "postgres"

    def __init__(self, server: Postgres) -> None:
        self._server = server

    @property
    def pid(self) -> int:
        """The postmaster."""
        return self._server.pid

    def start(self) -> None:
        """Start, or start again with recovery."""
        self._server.start()

    def wait(self) -> int:
        """Block until the postmaster ends; its status."""
        return self._server.wait()

    def stop(self) -> None:
        """Fast shutdown."""
        self._server.stop()

    def last_words(self) -> str:
        """The end of its log."""
        return _tail(self._server.directory / "postgres.log")


class Supervisor:
    """Starts parts and keeps them alive until `stop`.

    A part that ends by itself, or by somebody's kill -9, comes back on the same port after 0.3 s;
    one that keeps dying comes back at longer and longer intervals, up to 5 s. `changed` is called
    with all process ids after each start, from whatever thread started the part.
    """

    def __init__(self, changed: Callable[[dict[str, int]], None]) -> None:
        self._changed = changed
        self._parts: dict[str, Part] = {}
        self._watchers: list[threading.Thread] = []
        self._stopping = threading.Event()
        self._lock = threading.Lock()

    @property
    def pids(self) -> dict[str, int]:
        """Name to process id, as of now."""
        return {name: part.pid for name, part in self._parts.items()}

    def start(self, part: Part) -> None:
        """Start a part and watch it from now on. Raises what its start raises."""
        with self._lock:
            part.start()
            self._parts[part.name] = part
        self._changed(self.pids)
        watcher = threading.Thread(target=self._watch, args=[part], name=part.name, daemon=True)
        self._watchers.append(watcher)
        watcher.start()

    def last_words(self) -> str:
        """The ends of all logs, for a failed start."""
        return "\n".join(
            f"--- {name}\n{words}"
            for name, part in self._parts.items()
            if (words := part.last_words())
        )

    def stop(self, *, last: str) -> None:
        """Stop all parts at once, and `last` after the others."""
        with self._lock:
            self._stopping.set()
        ending = [
            threading.Thread(target=part.stop) for name, part in self._parts.items() if name != last
        ]
        for thread in ending:
            thread.start()
        for thread in ending:
            thread.join()
        if last in self._parts:
            self._parts[last].stop()
        for watcher in self._watchers:
            watcher.join(timeout=1)

    def _watch(self, part: Part) -> None:
        delay = _DELAY
        while True:
            began = time.monotonic()
            part.wait()
            if time.monotonic() - began > _STEADY:
                delay = _DELAY
            while True:
                if self._stopping.wait(delay):
                    return
                delay = min(delay * 2, _LONGEST_DELAY)
                with self._lock:
                    if self._stopping.is_set():
                        return
                    try:
                        part.start()
                    except (EnvironmentFaultError, OSError):
                        continue
                break
            self._changed(self.pids)


def _tail(log: Path) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(log.stat().st_size - 1500, 0))
        return file.read().decode(errors="replace").strip()
