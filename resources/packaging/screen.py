"""Starts a program on a screen of its own (Xvfb) and waits for its window."""

from __future__ import annotations

import os
import random
import re
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

PATIENCE = 60.0  # seconds for a window to appear, and for a program to end


def window_of(command: Sequence[str], title: str, env: Mapping[str, str]) -> str:
    """Wait until a window with `title` is shown, ask the program to end, say the window's size.

    Raises SystemExit when no window came, or when the program did not end well.
    """
    with _screen() as display:
        process = subprocess.Popen(
            list(command),
            env={**env, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"},
            stdout=subprocess.DEVNULL,
        )
        try:
            until = time.monotonic() + PATIENCE
            while (found := _shown(display, title)) is None:
                if process.poll() is not None:
                    raise SystemExit(f"it ended with {process.returncode} before its window came")
                if time.monotonic() > until:
                    raise SystemExit(f"no window called {title} within {PATIENCE:.0f} s")
                time.sleep(0.1)
            process.terminate()
            status = process.wait(PATIENCE)
        finally:
            if process.poll() is None:
                process.kill()
    if status:
        raise SystemExit(f"asked to end, it did so with {status}")
    return found


@contextmanager
def _screen() -> Iterator[str]:
    """A display nobody else has.

    Its number is drawn: the lowest that is free is what every other program takes too, and one
    that ends takes away the socket of whoever followed it there.
    """
    server, number = _started()
    try:
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


def _started() -> tuple[subprocess.Popen[bytes], int]:
    """Xvfb once it listens, and its number. Raises SystemExit."""
    for number in random.sample(range(100, 1000), 5):
        reading, writing = os.pipe()
        server = subprocess.Popen(
            ["Xvfb", f":{number}", "-displayfd", str(writing), "-screen", "0", "1280x800x24",
             "-nolisten", "tcp"],
            pass_fds=[writing],
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(writing)
        with os.fdopen(reading) as pipe:
            if pipe.readline().strip():
                return server, number
        server.wait()  # the number was taken
    raise SystemExit("Xvfb did not start")


def _shown(display: str, title: str) -> str | None:
    """Width and height of the window of this name that is larger than a hint."""
    tree = subprocess.run(
        ["xwininfo", "-display", display, "-root", "-tree"], capture_output=True, text=True
    ).stdout
    for name, size in re.findall(r'"([^"]*)".*?\s(\d+x\d+)\+', tree):
        if name.startswith(title) and int(size.partition("x")[0]) > 200:
            return str(size)
    return None
