"""A real Postgres on loopback: started, killed and started again; passwords of its roles."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import psycopg
from psycopg import sql

from console.local.cluster import (
    HOST,
    START_TIMEOUT,
    PostgresError,
    copy,
    free_port,
    interrupt,
    spawn,
    template,
)

if TYPE_CHECKING:
    from console.local.leash import Leash

LOGIN_ROLES: Final = (
    "supabase_admin",
    "postgres",
    "authenticator",
    "supabase_auth_admin",
    "supabase_storage_admin",
    "supabase_realtime_admin",
)


def give_default_grants(connection: psycopg.Connection[object]) -> None:
    """Make this database the older flavour: new tables in public are granted to the API roles.

    The connection is one of ``supabase_admin``. Projects made before Supabase dropped these
    defaults still have them, so a migration must hold with both.
    """
    for kind in ("tables", "functions", "sequences"):
        connection.execute(
            sql.SQL(
                "alter default privileges for role postgres in schema public"
                " grant all on {} to postgres, anon, authenticated, service_role"
            ).format(sql.SQL(kind))
        )


class Postgres:
    """One server with its data in ``directory``: started, killed and started again at will.

    ``directory`` gets ``cluster`` (the data), ``passwords.json`` (readable by the owner only) and
    ``postgres.log``. ``durable=False`` turns fsync off, for tests only: what is committed survives
    a kill -9, but not a power cut. Blocking: the first start takes about a second, and some seconds
    more when the machine has no template cluster yet.
    """

    def __init__(
        self,
        directory: Path,
        *,
        port: int | None = None,
        durable: bool = True,
        leash: Leash | None = None,
    ) -> None:
        self.directory = directory.resolve()
        self.port = port or free_port()
        self._durable = durable
        self._leash = leash
        self._process: subprocess.Popen[bytes] | None = None
        self._passwords: dict[str, str] = {}

    @property
    def pid(self) -> int:
        """Process id of the postmaster; 0 before the first start."""
        return self._process.pid if self._process else 0

    @property
    def running(self) -> bool:
        """Whether the postmaster is alive."""
        return self._process is not None and self._process.poll() is None

    def dsn(self, role: str = "postgres", database: str = "postgres") -> str:
        """Connection URL over TCP with the password of ``role`` (one of LOGIN_ROLES)."""
        password = quote(self._passwords[role])
        return f"postgresql://{role}:{password}@{HOST}:{self.port}/{quote(database)}"

    def prepare(self) -> None:
        """Make the passwords, so that `dsn` answers before the server runs."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._load_passwords()

    def start(self) -> None:
        """Start, or start again, and return when connections are answered. Raises PostgresError."""
        self.prepare()
        model = template()
        cluster = self.directory / "cluster"
        if not (cluster / "PG_VERSION").exists():
            copy(model / "cluster", cluster)
        self._launch(cluster)
        try:
            self._settle(json.loads((model / "password.json").read_text()))
        except (psycopg.Error, PostgresError) as error:
            self.stop()  # where it still runs, it would stand in the way of the next start
            if isinstance(error, PostgresError):
                raise
            raise PostgresError(f"Postgres ended while it was starting: {error}") from error

    def wait(self) -> int:
        """Block until the postmaster ends; its exit status."""
        return self._process.wait() if self._process else 0

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is on disk."""
        if self._process is None:
            return
        if self.running:
            interrupt(self._process, self.directory / "cluster")
            try:
                self._process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._leash:
            self._leash.release(self._process.pid)

    def _load_passwords(self) -> None:
        path = self.directory / "passwords.json"
        if not path.exists():
            fresh = {role: secrets.token_urlsafe(18) for role in LOGIN_ROLES}
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump(fresh, file)
        self._passwords = json.loads(path.read_text())

    def _launch(self, cluster: Path) -> None:
        options = {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": "",
            "timezone": "UTC",
            "log_timezone": "UTC",
            # What customers write must not reach a log, not even inside an error: what a caller got
            # wrong is quoted in it, so that errors are for the caller alone.
            "log_min_messages": "log",
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "log_parameter_max_length_on_error": "0",
        }
        if not self._durable:
            # synchronous_commit stays on: without it a commit waits for a moment in the server's
            # own memory, and a kill -9 takes along what was answered already.
            options |= {"fsync": "off", "full_page_writes": "off"}
            # Tests connect thousands of times, and hashing the password was half of the work.
            options |= {"scram_iterations": "1"}
            # Nothing lives long enough to need a vacuum, and its worker costs each connection that
            # follows on a new database.
            options |= {"autovacuum": "off"}
        log = os.open(
            self.directory / "postgres.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600
        )
        deadline = time.monotonic() + START_TIMEOUT
        try:
            while True:
                self._process = spawn(cluster, options, log)
                if self._leash:
                    self._leash.hold(self._process.pid)
                if self._answers(deadline):
                    return
                # After a kill -9 the old backends hold the shared memory for a moment.
                if self._leash:
                    self._leash.release(self._process.pid)
                if time.monotonic() > deadline:
                    raise PostgresError(
                        f"Postgres does not start, see {self.directory}/postgres.log"
                    )
                time.sleep(0.1)
        finally:
            os.close(log)

    def _answers(self, deadline: float) -> bool:
        """Wait until the server speaks; False when it ended instead."""
        while self.running and time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), 1):
                return self.running
            time.sleep(0.01)
        return False

    def _settle(self, template_password: str) -> None:
        """Replace the template's password by this server's own; make today's partitions."""
        deadline = time.monotonic() + START_TIMEOUT
        password = self._passwords["supabase_admin"]
        connection: psycopg.Connection[object] | None = None
        while connection is None:
            try:
                connection = psycopg.connect(
                    host=HOST,
                    port=self.port,
                    user="supabase_admin",
                    password=password,
                    dbname="postgres",
                    autocommit=True,
                )
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error) and password != template_password:
                    password = template_password
                elif time.monotonic() > deadline or not self.running:
                    raise PostgresError(f"Postgres does not answer: {error}") from error
                else:
                    time.sleep(0.02)  # "the database system is starting up"
        with connection:
            if password == template_password:
                with connection.transaction():
                    for role, own in self._passwords.items():
                        connection.execute(
                            sql.SQL("alter role {} password {}").format(
                                sql.Identifier(role), sql.Literal(own)
                            )
                        )
            connection.execute("select realtime.keep_partitions()")
