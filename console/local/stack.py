"""The whole product on loopback: its processes, its people, and the demo's line of JSON."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import psycopg

import console
from console.domain.errors import EnvironmentFaultError
from console.local import colleagues
from console.local import project as lasting
from console.local.cluster import HOST
from console.local.gateway.config import GatewayConfig
from console.local.leash import Leash
from console.local.parts import Part, PostgresPart, Program, Supervisor
from console.local.postgres import Postgres
from console.local.project import Project
from console.local.twilio.faults import FAULT_NUMBERS
from console.service import urls
from console.service.config import Needs, load
from console.service.migrate import migrate
from console.service.people import People

log = logging.getLogger("balas.stack")

_READY_WITHIN: Final = 60.0  # seconds for one part
_SERVER_ROLES: Final = (
    "authenticator",
    "supabase_auth_admin",
    "supabase_storage_admin",
    "supabase_realtime_admin",
)
# Of the caller's environment the parts get what the system needs, nothing that configures Balas.
_OURS: Final = ("SUPABASE_", "TWILIO_", "BALAS_", "PUBLIC_URL", "PORT", "METRICS_TOKEN", "PG")


class StackStoppedError(Exception):
    """The stack was told to stop while it was starting."""


class Stack:
    """Everything on this machine. Blocking; use as a context manager, or `start` and `stop`.

    `data` keeps keys, ports and all data for the next time; without it a temporary folder is used
    and removed, also when this process is killed. `speed` 10 makes the simulator's deliveries ten
    times faster. `durable=False` turns the database's fsync off, for tests only. `without` names
    parts that are not to be started, e.g. {"worker"}.
    """

    def __init__(
        self,
        data: Path | None = None,
        *,
        speed: float = 1.0,
        durable: bool = True,
        without: frozenset[str] = frozenset(),
    ) -> None:
        self._temporary = data is None
        self.folder = data.resolve() if data else Path(tempfile.mkdtemp(prefix="balas-"))
        self._speed = speed
        self._durable = durable
        self._without = without
        self.stopping = threading.Event()
        self._leash = Leash()
        self._supervisor = Supervisor(self._note_pids)
        self._project: Project | None = None
        self._postgres: Postgres | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def project(self) -> Project:
        """The lasting facts; there from `start` on."""
        if self._project is None:
            raise RuntimeError("the stack was not started")
        return self._project

    @property
    def postgres(self) -> Postgres:
        """The database server; there from `start` on."""
        if self._postgres is None:
            raise RuntimeError("the stack was not started")
        return self._postgres

    @property
    def pids(self) -> dict[str, int]:
        """Name to process id of each part as of now; also in `pids.json` of the folder."""
        return self._supervisor.pids

    @property
    def environment(self) -> dict[str, str]:
        """The service's variables of interface.md, pointing at this stack."""
        project = self.project
        api = project.url("twilio")
        return {
            "SUPABASE_URL": project.url("gateway"),
            "SUPABASE_SECRET_KEY": project.keys.secret_key,
            "SUPABASE_DB_URL": self.postgres.dsn(),
            "TWILIO_ACCOUNT_SID": project.twilio_account_sid,
            "TWILIO_AUTH_TOKEN": project.twilio_auth_token,
            "TWILIO_API_URL": api,
            "TWILIO_CONTENT_URL": api,
            "TWILIO_MESSAGING_URL": api,
            "TWILIO_MEDIA_HOSTS": ",".join(
                [urlsplit(api).netloc, f"localhost:{project.ports['media']}"]
            ),
            "PUBLIC_URL": project.url("webhook"),
            "BALAS_HOST": HOST,
            "PORT": str(project.ports["webhook"]),
            "BALAS_SPOOL_DIR": str(self.folder / "spool"),
            "METRICS_TOKEN": project.metrics_token,
        }

    def facts(self) -> dict[str, Any]:
        """What `demo --headless` prints, by the names of interface.md; `data` is the folder."""
        project, webhook = self.project, self.project.url("webhook")
        facts: dict[str, Any] = {
            "supabase_url": project.url("gateway"),
            "publishable_key": project.keys.publishable_key,
            "secret_key": project.keys.secret_key,
            "db_url": self.postgres.dsn(),
            "webhook_url": f"{webhook}/webhook",
            "status_url": f"{webhook}/status",
            "health_url": f"{webhook}/health/ready",
            "twilio_account_sid": project.twilio_account_sid,
            "twilio_auth_token": project.twilio_auth_token,
            "twilio_api_url": project.url("twilio"),
            "phone_url": f"{project.url('twilio')}/phone/",
            "inbox_address": lasting.WHATSAPP_ADDRESS,
            "sms_inbox_address": lasting.SMS_ADDRESS,
        }
        for who, login in project.people().items():
            facts |= {f"{who}_email": login.email, f"{who}_password": login.password}
        return facts | {
            "pids": self.pids,
            "fault_numbers": dict(FAULT_NUMBERS),
            "data": str(self.folder),
        }

    def start(self) -> None:
        """Start everything and return when all of it answers.

        Raises EnvironmentFaultError with the ends of the logs when a part does not come up, and
        StackStoppedError when `stopping` was set meanwhile. What was started is stopped then.
        """
        try:
            self._start()
        except BaseException as error:
            words = self._supervisor.last_words()
            self.stop()
            if isinstance(error, EnvironmentFaultError) and words:
                raise EnvironmentFaultError(error.title, f"{error.text}\n{words}") from error
            raise

    def stop(self) -> None:
        """Stop every part, the database last; a temporary folder goes, too."""
        self.stopping.set()
        self._supervisor.stop(last="postgres")
        self._leash.close()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._temporary:
            self._leash.remove(self.folder)
        for name in ("logs", "files", "spool", "twilio"):
            (self.folder / name).mkdir(exist_ok=True, mode=0o700)
        self._project = Project.open(self.folder)
        self._postgres = Postgres(
            self.folder / "postgres",
            port=self._project.ports["postgres"],
            durable=self._durable,
            leash=self._leash,
        )
        # Neither needs the database to begin with, and both take a moment to load.
        self._postgres.prepare()
        for part in (self._gateway(), self._twilio()):
            self._begin(part)
        self._begin(PostgresPart(self._postgres))
        migrate(self._postgres.dsn())
        for name in ("webhook", "worker"):
            self._begin(self._program(name, ["console", name], self.environment))
        self._await("gateway", lambda: _answers(f"{self.project.url('gateway')}/local/health"))
        self._seed()
        self._await("twilio", lambda: _listens(self.project.ports["twilio"]))
        self._await("webhook", lambda: _answers(self.facts()["health_url"]))
        self._await("worker", self._has_worker)

    def _begin(self, part: Part) -> None:
        if self.stopping.is_set():
            raise StackStoppedError
        if part.name not in self._without:
            self._supervisor.start(part)

    def _await(self, name: str, condition: Callable[[], bool]) -> None:
        if name in self._without:
            return
        deadline = time.monotonic() + _READY_WITHIN
        while not condition():
            if self.stopping.wait(0.03):
                raise StackStoppedError
            if time.monotonic() > deadline:
                raise EnvironmentFaultError(
                    "The demo does not start", f"{name} did not answer in {_READY_WITHIN:.0f} s."
                )

    # The parts --------------------------------------------------------------------------------

    def _gateway(self) -> Part:
        config = GatewayConfig(
            keys=self.project.keys,
            database={role: self.postgres.dsn(role) for role in _SERVER_ROLES},
            files=self.folder / "files",
            port=self.project.ports["gateway"],
        )
        file = self.folder / "gateway.json"
        config.save(file)
        return self._program("gateway", ["console.local.gateway", "--config", str(file)], {})

    def _twilio(self) -> Part:
        project, public = self.project, self.project.url("webhook")
        options = {
            "--port": str(project.ports["twilio"]),
            "--media-port": str(project.ports["media"]),
            "--data": str(self.folder / "twilio"),
            "--webhook-url": urls.inbound_url(public),
            "--status-base": urls.status_url(public),
            "--whatsapp": lasting.WHATSAPP_ADDRESS,
            "--sms": lasting.SMS_ADDRESS,
            "--business": lasting.BUSINESS,
            "--speed": str(self._speed),
        }
        words = [word for pair in options.items() for word in pair]
        keys = {
            "TWILIO_ACCOUNT_SID": project.twilio_account_sid,
            "TWILIO_AUTH_TOKEN": project.twilio_auth_token,
        }
        return self._program("twilio", ["console.local.twilio", *words], keys)

    def _program(self, name: str, module: list[str], variables: Mapping[str, str]) -> Part:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}
        source = str(Path(console.__file__).resolve().parent.parent)
        paths = [source, *filter(None, [os.environ.get("PYTHONPATH")])]
        inherited["PYTHONPATH"] = os.pathsep.join(paths)
        command = [sys.executable, "-m", *module]
        log = self.folder / "logs" / f"{name}.log"
        return Program(name, command, {**inherited, **variables}, log, self._leash)

    def _seed(self) -> None:
        """Inboxes, people and what they share, as they would make it; what is there stays."""
        people = self.project.people()
        with psycopg.connect(self.postgres.dsn()) as connection:
            for name, channel, address in lasting.INBOXES:
                connection.execute(
                    "insert into public.inboxes (name, channel, address) values (%s, %s, %s)"
                    " on conflict (address) do nothing",
                    [name, channel, address],
                )
            colleagues.prepare(connection)
            cursor = connection.execute("select lower(email) from auth.users")
            known = {row[0] for row in cursor.fetchall()}
        with People(load(self.environment, Needs.PEOPLE)) as desk:
            for login in people.values():
                if login.email not in known:
                    desk.add(
                        login.email,
                        login.role,
                        name=login.name,
                        inboxes=login.inboxes,
                        password=login.password,
                    )

    def _has_worker(self) -> bool:
        """Whether this run's worker has registered with the queue."""
        with psycopg.connect(self.postgres.dsn()) as connection:
            row = connection.execute(
                "select exists (select from jobs.procrastinate_workers"
                " where last_heartbeat > (select pg_postmaster_start_time()))"
            ).fetchone()
        return bool(row and row[0])

    def _note_pids(self, pids: dict[str, int]) -> None:
        fresh = self.folder / f"pids.{threading.get_ident()}"
        with contextlib.suppress(OSError):  # the folder may be going already
            fresh.write_text(json.dumps(pids))
            fresh.replace(self.folder / "pids.json")


def demo_headless(data: Path | None, story: bool) -> int:
    """`balas demo --headless`: start, print one line of JSON, run until SIGINT or SIGTERM.

    With `story` the cast's customers write and react meanwhile. The exit status is 0 also when it
    was told to stop while it was starting.
    """
    stack = Stack(data)
    with _told_to_stop(stack.stopping):
        try:
            stack.start()
        except StackStoppedError:
            return 0
        try:
            sys.stdout.write(json.dumps(stack.facts()) + "\n")
            sys.stdout.flush()
            if story:
                asyncio.run(_tell(stack))
            while not stack.stopping.wait(0.5):
                pass  # Windows delivers signals between two waits only
        finally:
            stack.stop()
    return 0


async def _tell(stack: Stack) -> None:
    """Play the story until the stack is told to stop."""
    from console.local.scenario import Scenario

    facts = stack.facts()
    scenario = Scenario(facts["twilio_api_url"], db_url=facts["db_url"])
    playing = asyncio.create_task(scenario.run())
    while not stack.stopping.is_set() and not playing.done():
        await asyncio.wait([playing], timeout=0.2)
    playing.cancel()
    try:
        await playing
    except asyncio.CancelledError:
        return
    except Exception:
        log.exception("the story broke off; everything else goes on")


@contextlib.contextmanager
def _told_to_stop(stopping: threading.Event) -> Iterator[None]:
    def note(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _answers(url: str) -> bool:
    """Whether a GET is answered 200."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or HOST, place.port, timeout=5)
    try:
        connection.request("GET", place.path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), 1):
        return True
    return False
