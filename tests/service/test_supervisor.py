"""A supervisor such as systemd hears when a process is ready, that it lives, and that it stops."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from console.local.cluster import free_port
from console.local.leash import Leash
from tests.service.requests import ACCOUNT, PUBLIC_URL, TOKEN

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no such sockets")


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[socket.socket]:
    """Where the supervisor listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(30)
        yield line


@pytest.mark.parametrize("part", ["webhook", "worker"])
def test_it_is_ready_lives_and_stops(
    part: str, heard: socket.socket, leash: Leash, tmp_path: Path
) -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "console", part],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        env=os.environ
        | {
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "WATCHDOG_USEC": "60000",
            "SUPABASE_URL": "http://127.0.0.1:1",
            "SUPABASE_SECRET_KEY": "x",
            "SUPABASE_DB_URL": "postgresql://postgres:x@127.0.0.1:1/postgres",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "PUBLIC_URL": PUBLIC_URL,
            "PORT": str(port),
        },
    )
    leash.hold(process.pid)
    said = []
    while "READY=1" not in said:
        said.append(heard.recv(100).decode())
    if part == "webhook":
        assert httpx.get(f"http://127.0.0.1:{port}/health/live").status_code == 200
    for _ in range(3):
        assert heard.recv(100) == b"WATCHDOG=1"
    process.send_signal(signal.SIGTERM)
    while "STOPPING=1" not in said:
        said.append(heard.recv(100).decode())
    assert process.wait(30) == 0
    leash.release(process.pid)
