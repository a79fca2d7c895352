"""What systemd is told of a process: ready, alive, stopping. Silent where nobody asked for it.

The protocol is one datagram a sentence (man sd_notify); it needs no library.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys

READY, ALIVE, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"


def tell(state: str) -> None:
    """Say it; whether anybody hears is not our business."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address or sys.platform == "win32":
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.setblocking(False)  # a supervisor that does not listen must not hold us up
        line.sendto(state.encode(), address)


async def keep_telling() -> None:
    """Say that the event loop turns, three times in each of the supervisor's spans."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    if not microseconds.isdigit() or os.environ.get("WATCHDOG_PID", "") not in (
        "",
        str(os.getpid()),
    ):
        return
    while True:
        tell(ALIVE)
        await asyncio.sleep(int(microseconds) / 3_000_000)
