"""How taking in and catching up grow with the number of messages that are there already."""

from __future__ import annotations

import base64
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from console.local.leash import Leash
from console.local.postgres import Postgres
from console.service import inbound, signature
from console.service.migrate import migrate
from tests.bench.payloads import Payload, customer, payload
from tests.bench.table import table
from tests.service.requests import INBOX, PUBLIC_URL

SIZES = (10_000, 1_000_000)  # messages; a tenth as many conversations
ROUNDS = 40
TOGETHER = 32
PAGE = 500
SUPERVISOR = "00000000-0000-4000-b000-000000000001"

_ID = "('00000000-0000-4000-{kind}-' || lpad(to_hex(n), 12, '0'))::uuid"
_INBOX = "'00000000-0000-4000-8000-000000000001'::uuid"
_CONTACT, _THREAD = _ID.format(kind="9000"), _ID.format(kind="a000")
_RAW = json.dumps(
    {
        "Body": "halo kak apakah pesanan saya sudah dikirim",
        "From": "whatsapp:+6281200000000",
        "To": INBOX,
        "ProfileName": "Pelanggan",
        "NumMedia": "0",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
        "ChannelMetadata": '{"type":"whatsapp","data":{"context":{"ProfileName":"Pelanggan"}}}',
    }
)
_ME = f"'{SUPERVISOR}'::uuid"
# Ten messages in each thread, both ways, over the last four weeks, and what hangs on them. The feed
# has them thread by thread, so that a page holds as many conversations at either size.
_FILL = f"""
insert into public.inboxes (id, name, channel, address) values ({_INBOX}, 'WA', 'whatsapp', %(to)s);
insert into public.profiles (id, display_name, role) values ({_ME}, 'Siti', 'supervisor');
insert into public.contacts (id, name, phone)
select {_CONTACT}, 'Pelanggan ' || n, '+62812' || lpad(n::text, 8, '0')
  from generate_series(0, %(threads)s - 1) n;
insert into public.contact_addresses (contact_id, address, channel)
select {_CONTACT}, 'whatsapp:+62812' || lpad(n::text, 8, '0'), 'whatsapp'
  from generate_series(0, %(threads)s - 1) n;
insert into public.conversations (id, inbox_id, contact_id, last_message_at, last_inbound_at)
select {_THREAD}, {_INBOX}, {_CONTACT}, at, at
  from generate_series(0, %(threads)s - 1) n,
       lateral (select now() - interval '27 days' * n / %(threads)s as at) l;
insert into public.messages (conversation_id, message_sid, direction, content, "timestamp",
                             from_number, to_number, status, metadata)
select {_THREAD}, 'SM' || md5(n || ':' || k), case k %% 2 when 0 then 'inbound' else 'outbound' end,
       'halo kak apakah pesanan saya sudah dikirim',
       now() - interval '27 days' * n / %(threads)s - interval '1 hour' * k,
       case k %% 2 when 0 then them else %(to)s end, case k %% 2 when 0 then %(to)s else them end,
       case k %% 2 when 0 then 'received' else 'read' end,
       jsonb_build_object('kind', 'text', 'raw', %(raw)s::jsonb)
  from generate_series(0, %(threads)s - 1) n, generate_series(0, 9) k,
       lateral (select 'whatsapp:+62812' || lpad(n::text, 8, '0') as them) l;
insert into public.delivery_attempts (message_id, started_at, finished_at, outcome, http_status)
select id, "timestamp", "timestamp", 'accepted', 201 from public.messages
 where direction = 'outbound';
insert into public.events (conversation_id, kind) select {_THREAD}, 'resolved'
  from generate_series(0, %(threads)s - 1) n;
insert into public.notes (conversation_id, body) select {_THREAD}, 'sudah ditelepon'
  from generate_series(0, %(threads)s - 1, 10) n;
insert into public.reads (conversation_id, profile_id, read_at) select {_THREAD}, {_ME}, now()
  from generate_series(0, %(threads)s - 1, 2) n;
insert into private.changes (kind, id, inbox_id, conversation_id)
select 'messages', id::text, {_INBOX}, conversation_id from public.messages
 order by conversation_id, "timestamp"
"""


class Project:
    """One database with so many messages."""

    def __init__(self, server: Postgres, size: int) -> None:
        self.size = size
        self._name = f"growth_{size}"
        with psycopg.connect(server.dsn("supabase_admin"), autocommit=True) as admin:
            admin.execute(
                sql.SQL("create database {} template postgres owner postgres").format(
                    sql.Identifier(self._name)
                )
            )
        migrate(server.dsn("postgres", self._name))
        with psycopg.connect(server.dsn("supabase_admin", self._name), autocommit=True) as admin:
            admin.execute("set session_replication_role = replica")  # no triggers: much faster
            for statement in _FILL.split(";\n"):
                # server-side parameters cannot be part of several statements
                psycopg.ClientCursor(admin).execute(
                    statement.encode(), {"to": INBOX, "threads": size // 10, "raw": _RAW}
                )
            # what the triggers would have kept
            admin.execute("select private.recount_tallies()")
            admin.execute("select private.recount_reports()")
            admin.execute("select private.refill_search()")
            admin.execute("vacuum analyze")
            admin.execute("select pg_stat_reset()")
        self.service = psycopg.connect(server.dsn("postgres", self._name), autocommit=True)
        self.desk = psycopg.connect(server.dsn("postgres", self._name), autocommit=True)
        claims = json.dumps({"role": "authenticated", "sub": SUPERVISOR})
        self.desk.execute("select set_config('request.jwt.claims', %s, false)", [claims])
        self.desk.execute("set role authenticated")
        self.chance = random.Random(size)
        self.cursor = ""
        self.fill_cursor = ""
        self.away_cursor = ""

    def close(self) -> None:
        """Let go of the connections."""
        self.service.close()
        self.desk.close()

    # What is measured. Each does one thing and returns how many messages it was worth.

    def ingest_one(self) -> int:
        """One message by itself."""
        body, message = _understood(self._payload())
        self.service.execute(
            "select private.ingest(%s, %s)", [Jsonb(message), body.encode("latin-1")]
        )
        return 1

    def ingest_together(self) -> int:
        """A batch, as under load."""
        batch = []
        for _ in range(TOGETHER):
            body, message = _understood(self._payload())
            batch.append({**message, "body": body, "headers": {}, "path": "/webhook"})
        self.service.execute("select private.ingest_together(%s)", [Jsonb(batch)])
        return TOGETHER

    def catch_up(self) -> int:
        """What a desktop does at a bell; what the two before this one took in has come."""
        self.cursor = self._pull(self.cursor)["cursor"]
        return 1

    def first_pull(self) -> int:
        """The next page of a first pull, from the newest threads backwards."""
        page = self._pull(self.fill_cursor)
        self.fill_cursor = page["cursor"] if page["more"] else ""
        return len(page["messages"]) or 1

    def away(self) -> int:
        """The next page of a desktop that was away so long that every message is news to it."""
        if not self.away_cursor:
            self.away_cursor = self._cursor_with(base="3:3:", base_at="2020-01-01T00:00:00+00:00")
        page = self._pull(self.away_cursor)
        self.away_cursor = page["cursor"] if page["more"] else ""
        return len(page["messages"]) or 1

    def older(self) -> int:
        """An older page of one thread."""
        thread = f"00000000-0000-4000-a000-{self.chance.randrange(self.size // 10):012x}"
        self.desk.execute("select public.messages_before(%s, now(), 60)", [thread])
        return 1

    def counters(self) -> int:
        """The numbers beside the views."""
        self.desk.execute("select public.counters()")
        return 1

    def catch_up_wholly(self) -> None:
        """Be a desktop that has had its first pull."""
        self.cursor = self._cursor_with()

    def scanned(self) -> set[str]:
        """Tables of a thousand rows and more that some statement has read from end to end."""
        for connection in (self.service, self.desk):  # each keeps its own counts for a while
            connection.execute("select pg_stat_force_next_flush()")
        found = self.service.execute(
            "select relname from pg_stat_user_tables where n_live_tup >= 1000 and seq_scan > 0"
        )
        return {str(name) for (name,) in found}

    def _cursor_with(self, **state: str) -> str:
        """A cursor of now, with nothing left to fill."""
        now = json.loads(base64.b64decode(self._pull("")["cursor"]))
        return base64.b64encode(json.dumps({**now, "fill": [], **state}).encode()).decode()

    def _payload(self) -> Payload:
        number = customer(self.chance.randrange(self.size // 10))
        return payload(number, self.chance, "/webhook", PUBLIC_URL)

    def _pull(self, cursor: str) -> Any:
        row = self.desk.execute("select public.pull_changes(%s, %s)", [cursor, PAGE]).fetchone()
        assert row is not None
        return row[0]


def _understood(one: Payload) -> tuple[str, dict[str, Any]]:
    body = one.raw.partition(b"\r\n\r\n")[2]
    message = inbound.parse(inbound.decode(signature.fields_of(body)))
    assert message is not None
    return body.decode("latin-1"), message.as_json()


_MEASURED: tuple[tuple[str, Callable[[Project], int]], ...] = (
    ("ingest, one by itself", Project.ingest_one),
    (f"ingest, each of {TOGETHER} together", Project.ingest_together),
    (f"pull_changes after {TOGETHER + 1} messages", Project.catch_up),
    (f"pull_changes, each message of a first pull's page of {PAGE}", Project.first_pull),
    (f"pull_changes, each message of a page of {PAGE} after a long absence", Project.away),
    ("messages_before, a page", Project.older),
    ("counters, all views", Project.counters),
)


def measure(*, rounds: int = ROUNDS, folder: Path | None = None) -> str:
    """Both sizes in turn in one server, medians; the table."""
    with tempfile.TemporaryDirectory(prefix="balas-bench-", dir=folder) as made:
        place = Path(made)
        place.chmod(0o755)
        with _projects(place) as found:
            took: dict[tuple[str, int], list[float]] = {}
            for number in range(rounds + 5):
                for what, step in _MEASURED:
                    for project in found if number % 2 else reversed(found):
                        began = time.perf_counter()
                        worth = step(project)
                        each = (time.perf_counter() - began) / worth
                        if number >= 5:  # the first ones fill caches and plans
                            took.setdefault((what, project.size), []).append(each)
            scanned = sorted(found[-1].scanned())
    lines = []
    for what, _ in _MEASURED:
        small, large = (statistics.median(took[what, size]) * 1e3 for size in SIZES)
        lines.append([what, f"{small:.2f} ms", f"{large:.2f} ms", f"{large / small:.2f} ×"])
    text = table(["", *(f"{size:,} messages" for size in SIZES), "growth"], lines)
    return f"{text}\n\nRead from end to end at {SIZES[-1]:,}: {', '.join(scanned) or 'no table'}.\n"


@contextmanager
def _projects(folder: Path) -> Iterator[list[Project]]:
    leash = Leash()
    server = Postgres(folder / "postgres", durable=True, leash=leash)
    server.start()
    with ExitStack() as stack:
        stack.callback(leash.close)
        stack.callback(server.stop)
        found = [Project(server, size) for size in SIZES]
        for project in found:
            stack.callback(project.close)
            project.catch_up_wholly()
        yield found
