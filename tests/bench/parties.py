"""The processes of the ingest measurement: one Postgres, `balas webhook`, and the Express peers."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from console.local.cluster import free_port
from console.local.leash import Leash
from console.local.postgres import Postgres
from console.service.migrate import migrate
from tests.service.requests import ACCOUNT, INBOX, PUBLIC_URL, TOKEN
from tests.waiting import wait_until

ROOT: Final = Path(__file__).resolve().parents[2]
SOURCE: Final = Path(__file__).with_name("peers")
PLACE: Final = ROOT / "out" / "bench" / "peers"


class MissingError(Exception):
    """Something that the measurement needs is not on this machine."""


@dataclass(frozen=True)
class Party:
    """One handler under measurement. `counts` finds how many of its SIDs are stored."""

    name: str
    what: str
    port: int
    process: subprocess.Popen[bytes]
    counts: str

    def memory(self) -> float:
        """The most memory that the process ever held, in MB; 0 where the system does not tell."""
        status = Path(f"/proc/{self.process.pid}/status")
        if not status.exists():
            return 0.0
        lines = status.read_text().splitlines()
        return next((int(line.split()[1]) / 1024 for line in lines if "VmHWM" in line), 0.0)


def processor_seconds(pid: int, *, children: bool = False) -> float:
    """User and system time of a process, of its children too; 0 where the system does not tell."""
    total, tick = 0, os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
    for file in Path("/proc").glob("[0-9]*/stat" if children else f"{pid}/stat"):
        try:
            fields = file.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if int(file.parent.name) == pid:  # those that ended are in its own account
            total += sum(map(int, fields[11:15] if children else fields[11:13]))
        elif int(fields[1]) == pid:
            total += sum(map(int, fields[11:13]))
    return total / tick


_PEERS: Final = (
    ("a", "plain", "Express, one insert"),
    ("b", "replying", "Express, insert, call Twilio, insert"),
    ("c", "whole", "Express, the same writes in one transaction"),
)
_OURS: Final = "select count(*) from public.messages where message_sid = any(%s)"
_THEIRS: Final = "select count(*) from peers.messages where message_sid = any(%s)"


def install_peers() -> Path:
    """The peers with their dependencies as locked, in out/; installed by npm when they changed.

    Raises MissingError where Node or npm is missing.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise MissingError("Node 20 or newer with npm is needed for the Express peers")
    PLACE.mkdir(parents=True, exist_ok=True)
    for file in SOURCE.iterdir():
        shutil.copy(file, PLACE / file.name)
    lock = hashlib.sha256((SOURCE / "package-lock.json").read_bytes()).hexdigest()
    stamp = PLACE / "installed"
    if not stamp.exists() or stamp.read_text() != lock:
        command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
        if subprocess.run(command, cwd=PLACE, check=False).returncode:
            raise MissingError("npm could not install the peers; see above")
        stamp.write_text(lock)
    return PLACE


@contextmanager
def database(folder: Path, leash: Leash) -> Iterator[Postgres]:
    """A migrated project on a server with fsync, and the peers' own table beside it."""
    server = Postgres(folder / "postgres", durable=True, leash=leash)
    server.start()
    try:
        migrate(server.dsn())
        with psycopg.connect(server.dsn()) as connection:
            connection.execute((SOURCE / "schema.sql").read_bytes())
            connection.execute(
                "insert into public.inboxes (name, channel, address) values ('WA', 'whatsapp', %s)",
                [INBOX],
            )
        yield server
    finally:
        server.stop()


@contextmanager
def parties(folder: Path, server: Postgres, leash: Leash) -> Iterator[list[Party]]:
    """Every party up and answering, ours first."""
    place = install_peers()
    twilio_port = free_port()
    shared = {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": f"http://127.0.0.1:{twilio_port}",
        "PUBLIC_URL": PUBLIC_URL,
        "DATABASE_URL": server.dsn(),
        "SUPABASE_DB_URL": server.dsn(),
        "BALAS_SPOOL_DIR": str(folder / "spool"),
        "NODE_ENV": "production",
        "PYTHONPATH": str(ROOT),
    }
    twilio = [
        sys.executable, "-m", "console.local.twilio", "--port", str(twilio_port),
        "--media-port", str(free_port()), "--data", str(folder / "twilio"),
        "--webhook-url", f"{PUBLIC_URL}/webhook", "--status-base", "http://127.0.0.1:9/status",
        "--whatsapp", INBOX, "--sms", "+14155550100", "--business", "Toko", "--speed", "1000",
    ]  # fmt: skip
    with ExitStack() as stack:
        stack.enter_context(_running("twilio", twilio, shared, folder, leash))
        found = []
        port = free_port()
        balas = [sys.executable, "-m", "console", "webhook"]
        ours = stack.enter_context(
            _running("balas", balas, {**shared, "PORT": str(port)}, folder, leash)
        )
        found.append(Party("balas", "balas webhook", port, ours, _OURS))
        for name, script, what in _PEERS:
            port = free_port()
            command = ["node", str(place / f"{script}.js")]
            peer = stack.enter_context(
                _running(script, command, {**shared, "PORT": str(port)}, folder, leash)
            )
            counts = _OURS if name == "c" else _THEIRS
            found.append(Party(name, what, port, peer, counts))
        wait_until(lambda: _answers(f"{shared['TWILIO_API_URL']}/sim/state"), within=30)
        for party in found:
            path = "/health/ready" if party.name == "balas" else "/health"
            url = f"http://127.0.0.1:{party.port}{path}"
            wait_until(lambda url=url: _answers(url), within=30)  # type: ignore[misc]
        yield found


@contextmanager
def _running(
    name: str, command: list[str], variables: dict[str, str], folder: Path, leash: Leash
) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **variables}, stdout=log, stderr=log, cwd=folder
        )
    leash.hold(process.pid)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        leash.release(process.pid)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  loopback
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
