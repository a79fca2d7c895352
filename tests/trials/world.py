"""The product under trial: real processes, with a proxy wherever a line can break.

Twilio ── front ──▶ webhooks ── database ──▶ Postgres
Twilio's API ◀── twilio (TLS) ── workers ── database ──▶ Postgres
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg

from console.local.cluster import HOST, free_port
from console.local.leash import Leash
from console.local.parts import Program, Supervisor
from console.local.stack import Stack
from console.service.signature import fields_of, sign
from tests.authority import NOW, Authority
from tests.service.requests import FORM, encoded
from tests.trials.callers import Callers, Message, Sent, messages_of
from tests.trials.desk import Desk
from tests.trials.ledger import Ledger
from tests.trials.proxy import Proxy
from tests.trials.trap import Trap
from tests.waiting import eventually, wait_until

ROOT = Path(__file__).resolve().parents[2]
RESOLVER = Path(__file__).with_name("resolver")
WEBHOOKS = ("webhook1", "webhook2")
WORKERS = ("worker1", "worker2")
LOCAL = "localhost"  # Twilio's name for the workers; a name, so that it can be lost


class World(Desk):
    """Two webhooks behind one address, two workers, and everything they talk to."""

    def __init__(self, folder: Path, *, speed: float) -> None:
        self.folder = folder
        self.stack = Stack(
            folder, speed=speed, durable=True, without=frozenset({"webhook", "worker"})
        )
        self._closing = ExitStack()
        self._leash = Leash()
        self.supervisor = Supervisor(self._note_start)
        self._begun: dict[str, tuple[int, int]] = {}  # process id, size of the log when it began
        self._read: dict[str, int] = {}  # lines of each log that were looked at
        self.ports: dict[str, int] = {}
        self._lost_names = folder / "lost-names"
        self._trusted = folder / "trusted"
        self._trusted.mkdir()
        self._authority = Authority(self._trusted)

    def __enter__(self) -> Self:
        with ExitStack() as building:
            building.callback(self._leash.close)
            self.stack.start()
            building.callback(self.stack.stop)
            facts = self.stack.facts()
            project = self.stack.project
            self.facts = facts
            self.http = building.enter_context(httpx.Client(timeout=60))
            self.ledger = Ledger(facts["db_url"])
            self.database = building.enter_context(Proxy(project.ports["postgres"]))
            self.twilio = building.enter_context(
                Proxy(
                    project.ports["twilio"],
                    tls=self._authority.context(LOCAL, NOW + timedelta(days=1)),
                    untrusted=Authority(self.folder).context(LOCAL, NOW + timedelta(days=1)),
                )
            )
            self.ports = {name: free_port() for name in WEBHOOKS}
            self.front = building.enter_context(
                Proxy(*self.ports.values(), port=project.ports["webhook"])
            )
            self.trusted = building.enter_context(Trap())  # a media host of Twilio's, as we say
            self.other = building.enter_context(Trap())  # and another one
            self.private = building.enter_context(Trap())  # what lies beside us and is nobody's
            building.callback(self.supervisor.stop, last="")
            for name in (*WEBHOOKS, *WORKERS):
                self.supervisor.start(self._program(name))
            self.await_ready()
            self._closing = building.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    # The parts ------------------------------------------------------------------------------------

    def kill(self, name: str, number: int = signal.SIGKILL) -> int:
        """Send a signal to a part of ours or of the stack; its process id of then."""
        pid = self.pid(name)
        if name in WORKERS:
            self._begun[name] = (0, self._log(name).stat().st_size)
        os.kill(pid, number)
        return pid

    async def back(self, name: str, before: int, *, within: float = 60.0) -> None:
        """Wait until a part that was process `before` runs again and works."""
        await eventually(lambda: self.pid(name) not in (before, 0), within=within)
        if name in WEBHOOKS:
            await eventually(lambda: self.is_ready(name), within=within)
        elif name in WORKERS:
            await eventually(lambda: self.is_working(name), within=within)
        elif name == "postgres":
            await eventually(self.has_database, within=within)

    def lose_twilios_name(self) -> None:
        """From now on no name server knows Twilio, and what was open to it is cut."""
        self._lost_names.write_text(LOCAL, encoding="utf-8")
        self.twilio.cut()

    def heal(self) -> None:
        """Everything passes again between the parts, and names are found."""
        self._lost_names.unlink(missing_ok=True)
        for proxy in (self.database, self.twilio, self.front):
            proxy.heal()

    def pid(self, name: str) -> int:
        """The process of now."""
        return self.supervisor.pids.get(name) or self.stack.pids[name]

    def await_ready(self, *, within: float = 60.0) -> None:
        """Both webhooks take requests, both workers have registered since they started."""
        try:
            wait_until(lambda: all(map(self.is_ready, WEBHOOKS)), within=within)
            wait_until(lambda: all(map(self.is_working, WORKERS)), within=within)
        except AssertionError as error:
            ends = [f"{name}: {self._log(name).read_text()[-1_000:]}" for name in self._begun]
            raise AssertionError("\n".join([str(error), *ends])) from error

    def is_ready(self, webhook: str) -> bool:
        """Whether it reaches the database and nothing waits in its spool."""
        told = self._told(webhook)
        return told.get("status") == "ready" and not told["spool"]["waiting"]

    def has_recovered(self, webhook: str) -> bool:
        """Whether it reaches the database; its spool may still be emptying."""
        return self._told(webhook).get("status") == "ready"

    def _told(self, webhook: str) -> dict[str, Any]:
        try:
            answer = self.http.get(f"http://{HOST}:{self.ports[webhook]}/health/ready", timeout=10)
        except httpx.TransportError:
            return {}
        return dict(answer.json()) if answer.status_code == 200 else {}

    def is_working(self, worker: str) -> bool:
        """Whether the worker's process of now has said that it works."""
        _, begun = self._begun[worker]
        return '"what": "working"' in self._log(worker).read_bytes()[begun:].decode()

    def _note_start(self, pids: dict[str, int]) -> None:
        for name, pid in pids.items():
            if pid and self._begun.get(name, (0, 0))[0] != pid:
                size = self._log(name).stat().st_size if self._log(name).exists() else 0
                kept = self._begun.get(name, (0, size))[1]
                self._begun[name] = (pid, kept)

    def _log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def _program(self, name: str) -> Program:
        port = self.ports.get(name, 0)
        spool = self.folder / "spool"  # one for both, as on one machine
        spool.mkdir(exist_ok=True, mode=0o700)
        inherited = {
            key: os.environ[key] for key in ("PATH", "LANG", "TMPDIR") if key in os.environ
        }
        variables = {
            **inherited,
            **self.stack.environment,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(RESOLVER)]),
            "SUPABASE_DB_URL": _through(self.database, self.facts["db_url"]),
            "TWILIO_API_URL": f"https://{LOCAL}:{self.twilio.port}",
            "SSL_CERT_FILE": str(self._authority.file),
            "TRIAL_LOST_NAMES": str(self._lost_names),
            "BALAS_SPOOL_DIR": str(spool),
            "TWILIO_MEDIA_HOSTS": (
                f"{self.stack.environment['TWILIO_MEDIA_HOSTS']},"
                f"{HOST}:{self.trusted.port},{HOST}:{self.other.port}"
            ),
            "BALAS_SWEEP_SECONDS": "5",
            "PORT": str(port),
        }
        command = [sys.executable, "-m", "console", name.rstrip("12")]
        return Program(name, command, variables, self._log(name), self._leash)

    # Customers and Twilio -------------------------------------------------------------------------

    def sim(self, path: str, **query: object) -> Any:
        """Read from the simulator's control API."""
        url = f"{self.facts['twilio_api_url']}/sim/{path}"
        return self.http.get(url, params={k: str(v) for k, v in query.items()}).json()

    def tell_sim(self, path: str, **fields: object) -> Any:
        """Write to it."""
        answer = self.http.post(f"{self.facts['twilio_api_url']}/sim/{path}", json=fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def creates(self, to: str | None = None) -> list[dict[str, Any]]:
        """The simulator's book of create calls, refused ones without a SID."""
        found: list[dict[str, Any]] = self.sim("creates", **({"to": to} if to else {}))["creates"]
        return found

    def threads(self, customers: int) -> list[Iterator[Message]]:
        """What so many new customers write; without end."""
        base = uuid.uuid4().int % 10**7
        return [
            messages_of(
                f"whatsapp:+6282{base + number:010d}",
                to=self.facts["inbox_address"],
                public_url=self.facts["webhook_url"].removesuffix("/webhook"),
                token=self.facts["twilio_auth_token"],
            )
            for number in range(customers)
        ]

    async def send(self, threads: Sequence[Iterable[Message]]) -> Sent:
        """Send these as Twilio would, through the front door."""
        return await Callers(self.front.port).send(threads)

    @contextlib.asynccontextmanager
    async def load(self, customers: int, each: int) -> AsyncIterator[Sent]:
        """New customers write while the block runs, each of them at least so often."""
        callers = Callers(self.front.port)
        sending = asyncio.create_task(callers.send(self.threads(customers), least=each))
        try:
            yield callers.sent
        finally:
            callers.enough.set()
            await sending

    def has_database(self) -> bool:
        """Whether Postgres answers."""
        with contextlib.suppress(psycopg.OperationalError):
            return bool(self.ledger.value("select true"))
        return False

    def customer(self, number: str | None = None) -> str:
        """A customer who has just written, so that the window is open; their address."""
        address = f"whatsapp:{number or f'+6283{uuid.uuid4().int % 10**9:09d}'}"
        told = self.tell_sim("inbound", **{"from": address, "name": "Siti", "body": "Halo"})
        assert told["answer"] == 200, told
        return address

    def report(self, sid: str, word: str, *, error: int | None = None) -> None:
        """A signed status callback of Twilio about a message."""
        parameters = {
            "MessageSid": sid,
            "MessageStatus": word,
            **({"ErrorCode": str(error)} if error else {}),
        }
        answer = self.post(encoded(parameters), url=self.facts["status_url"])
        assert answer.status_code == 200, answer.text

    def post(
        self,
        body: bytes,
        *,
        url: str | None = None,
        signed: str | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> httpx.Response:
        """A POST as Twilio makes it; `signed` is the URL that it is signed for, "" for none.

        `headers` replace those that Twilio would send; None takes one away.
        """
        url = url or self.facts["webhook_url"]
        sent: dict[str, str | None] = {"content-type": FORM}
        if signed != "":
            sent["x-twilio-signature"] = self.signature(body, signed or url)
        sent |= headers or {}
        return self.http.post(
            url, content=body, headers={k: v for k, v in sent.items() if v is not None}
        )

    def signature(self, body: bytes, url: str | None = None) -> str:
        """Twilio's signature of a form for our webhook."""
        token = self.facts["twilio_auth_token"]
        return sign(token, url or self.facts["webhook_url"], fields_of(body))

    def signature_of(self, fields: Mapping[str, str]) -> str:
        """The same of a form that has more fields than anybody would read."""
        pairs = [(name.encode(), value.encode()) for name, value in fields.items()]
        return sign(self.facts["twilio_auth_token"], self.facts["webhook_url"], pairs)

    def message(self, sid: str) -> dict[str, Any]:
        """The row of a message."""
        (row,) = self.ledger.rows("select * from public.messages where message_sid = %s", sid)
        return row

    def raw(self, body: bytes) -> list[dict[str, Any]]:
        """The raw requests with exactly this body, in the order of their arrival."""
        return self.ledger.rows(
            "select * from private.webhook_requests where body = %s order by received_at", body
        )

    def stored(self) -> tuple[int, int]:
        """How many messages and raw requests there are."""
        return (
            self.ledger.value("select count(*) from public.messages"),
            self.ledger.value("select count(*) from private.webhook_requests"),
        )

    def memory(self, name: str) -> float:
        """What a process holds now, in MB; from here on `peak` counts."""
        place = Path(f"/proc/{self.pid(name)}")
        (place / "clear_refs").write_text("5", encoding="ascii")
        return _megabytes(place, "VmRSS")

    def peak(self, name: str) -> float:
        """The most that it held at any moment since `memory` was asked, in MB."""
        return _megabytes(Path(f"/proc/{self.pid(name)}"), "VmHWM")

    def is_stored(self, sid: str) -> bool:
        """Whether a message with this SID is in the database."""
        return bool(self.ledger.rows("select from public.messages where message_sid = %s", sid))

    def let_time_pass(self) -> None:
        """For the database, half a minute has gone by without a word from any worker."""
        with self.administrator() as line:
            line.execute(
                "update jobs.procrastinate_workers set last_heartbeat = now() - interval '30 s'"
            )
            line.execute(
                "update public.delivery_attempts set started_at = started_at - interval '30 s',"
                " called_at = called_at - interval '30 s' where outcome = 'calling'"
            )

    def complaints(self, *names: str) -> list[str]:
        """What these, or all of the service, logged as an error since the last call."""
        found = []
        for name in names or (*WEBHOOKS, *WORKERS):
            lines = self._log(name).read_text().splitlines()
            found += [line for line in lines[self._read.get(name, 0) :] if _is_complaint(line)]
            self._read[name] = len(lines)
        return found


def _megabytes(process: Path, what: str) -> float:
    lines = (process / "status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(what))


def _is_complaint(line: str) -> bool:
    return '"level": "error"' in line or "Traceback" in line


def _through(proxy: Proxy, url: str) -> str:
    """The URL with the proxy's port in it."""
    parts = urlsplit(url)
    login = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return urlunsplit(parts._replace(netloc=f"{login}{HOST}:{proxy.port}"))
