"""A screen of memory, read while programs paint on it: when each shows its first picture."""

from __future__ import annotations

import mmap
import os
import shutil
import signal
import struct
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

WIDE, HIGH = 1920, 1080
EVERY = 8  # pixels between two that are looked at, both ways
_PAUSE = 0.004  # seconds between two looks
PAINTED = 0.02  # of the screen is no longer empty
SETTLED = 0.005  # of the screen is all that still differs from what stays (a caret blinks)
STILL = 3.0  # seconds without a change worth the name
_TICKS = os.sysconf("SC_CLK_TCK")

Picture = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds since the program was asked for, and the processor's seconds that it used."""

    painted: float
    settled: float
    work: float
    picture: Picture


class Screen:
    """Xvfb without a window manager; what it shows lies in a file that costs nobody a request."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: subprocess.Popen[bytes] | None = None
        self.name = ""

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        reader, writer = os.pipe()
        command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{WIDE}x{HIGH}x24"]
        command += ["-fbdir", str(self._folder), "-nolisten", "tcp", "-br"]
        self._server = subprocess.Popen(
            command, pass_fds=(writer,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(writer)
        with os.fdopen(reader) as answer:
            self.name = f":{answer.readline().strip()}"
        file = (self._folder / "Xvfb_screen0").open("rb")
        self._memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        file.close()
        head = struct.unpack(">25I", self._memory[:100])
        self._line, self._start = head[12], head[0] + head[19] * 12
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.terminate()
        self._server.wait()
        self._memory.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def look(self) -> Picture:
        """Every eighth line of the screen as it is now."""
        line, start = self._line, self._start
        return tuple(
            self._memory[start + y * line : start + (y + 1) * line] for y in range(0, HIGH, EVERY)
        )

    def start(
        self, command: Sequence[str], env: Mapping[str, str], cwd: Path, longest: float = 120.0
    ) -> Start:
        """Start a program, wait until its picture stays, and end it."""
        empty = self.look()
        began = time.perf_counter()
        program = subprocess.Popen(
            list(command),
            env={**env, "DISPLAY": self.name, "QT_QPA_PLATFORM": "xcb"},
            cwd=cwd,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        seen: list[tuple[float, float, Picture]] = []
        last = empty
        changed = began
        try:
            while time.perf_counter() - began < longest:
                now = self.look()
                if now != last:
                    at, work = time.perf_counter() - began, _work(program.pid)
                    if difference(now, last) > SETTLED / 4:
                        changed = time.perf_counter()
                    last = now
                    seen.append((at, work, now))
                still = seen and time.perf_counter() - changed > STILL
                if still and difference(last, empty) > PAINTED:
                    break
                time.sleep(_PAUSE)
            else:
                raise TimeoutError(f"{command[0]} shows nothing")
            painted = next(at for at, _, each in seen if difference(each, empty) > PAINTED)
            settled, work = next(
                (at, work) for at, work, each in seen if difference(each, last) <= SETTLED
            )
            return Start(painted, settled, work, last)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGTERM)
            try:
                program.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(program.pid, signal.SIGKILL)
                program.wait()
            while difference(self.look(), empty) > 0:
                time.sleep(0.05)


def difference(one: Picture, other: Picture) -> float:
    """The share of the pixels looked at in which two pictures differ."""
    step = 4 * EVERY
    differs = 0
    for a, b in zip(one, other, strict=True):
        if a != b:
            differs += sum(a[x : x + 3] != b[x : x + 3] for x in range(0, 4 * WIDE, step))
    return differs * EVERY * EVERY / (WIDE * HIGH)


def save(picture: Picture, path: Path) -> None:
    """The lines looked at as a PPM file, to see what was measured."""
    with path.open("wb") as file:
        file.write(f"P6 {WIDE // 4} {len(picture)} 255\n".encode())
        for line in picture:
            for x in range(0, 4 * WIDE, 16):
                file.write(bytes((line[x + 2], line[x + 1], line[x])))


def _work(pid: int) -> float:
    """Seconds of processor time that a process and all its threads have used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS
