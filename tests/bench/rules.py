"""How the team's pages, numbers, searches and reports grow with what is in the database."""

from __future__ import annotations

import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from console.local.leash import Leash
from console.local.postgres import Postgres
from console.service.migrate import migrate
from tests.bench.table import table

SIZES = (10_000, 1_000_000)  # messages; a tenth as many conversations
ROUNDS, WARM = 40, 5
VOCABULARY = 20_000
SUPERVISOR = "00000000-0000-4000-b000-000000000000"
AGENT = "00000000-0000-4000-b000-000000000001"

_ID = "('00000000-0000-4000-{kind}-' || lpad(to_hex({n}), 12, '0'))::uuid"
_INBOX = _ID.format(kind="8000", n="n %% 3")
_AGENT = _ID.format(kind="b000", n="1 + n %% 20")
_CONTACT, _THREAD = _ID.format(kind="9000", n="n"), _ID.format(kind="a000", n="n")
_SYLLABLES = "".join(c + v for v in "aiueo" for c in "bcdghjklmnprstwy")
_WORD = " || ".join(
    f"substr('{_SYLLABLES}', (w.n * 7919 / {80**power}) %% 80 * 2 + 1, 2)" for power in range(3)
)
# Three inboxes, twenty agents, ten messages in each thread over a year, one thread in ten open.
# Words are as frequent as in speech: the n-th most frequent one a tenth as often as the n/10-th.
_FILL = f"""
create temp table words as select n, {_WORD} as word from generate_series(0, {VOCABULARY}) w (n);
create temp table said as
select m.n as place, string_agg(w.word, ' ') as content
  from (select n, k, floor(power({VOCABULARY}, random()))::int as rank
          from generate_series(0, %(threads)s * 10 - 1) n, generate_series(1, 8) k) m
  join words w on w.n = m.rank group by m.n;
create index on said (place);
insert into public.inboxes (id, name, channel, address)
select {_INBOX}, 'WA ' || n, 'whatsapp', 'whatsapp:+6281100000' || n from generate_series(0, 2) n;
insert into public.profiles (id, display_name, role) values ('{SUPERVISOR}', 'Ratna', 'supervisor');
insert into public.profiles (id, display_name) select {_AGENT}, 'Agen ' || n
  from generate_series(0, 19) n;
insert into public.inbox_members (inbox_id, profile_id) select {_INBOX}, {_AGENT}
  from generate_series(0, 19) n;
insert into public.labels (id, name) select {_ID.format(kind="c000", n="n")}, 'Label ' || n
  from generate_series(0, 19) n;
insert into public.contacts (id, name) select {_CONTACT}, 'Pelanggan ' || n
  from generate_series(0, %(threads)s - 1) n;
insert into public.contact_addresses (contact_id, address, channel)
select {_CONTACT}, 'whatsapp:+62812' || lpad(n::text, 8, '0'), 'whatsapp'
  from generate_series(0, %(threads)s - 1) n;
insert into public.conversations (id, inbox_id, contact_id, status, assignee_id, last_message_at,
                                  last_inbound_at, waiting_since)
select {_THREAD}, {_INBOX}, {_CONTACT}, case n %% 10 when 0 then 'open' else 'resolved' end,
       case when n %% 4 > 0 then {_AGENT} end, at, at, case when n %% 10 = 0 then at end
  from generate_series(0, %(threads)s - 1) n,
       lateral (select now() - interval '365 days' * n / %(threads)s as at) l;
insert into public.conversation_labels (conversation_id, label_id)
select {_THREAD}, {_ID.format(kind="c000", n="n %% 20")} from generate_series(0, %(threads)s - 1) n;
insert into public.messages (conversation_id, message_sid, direction, content, "timestamp", sent_by,
                             status)
select {_THREAD}, 'SM' || md5(n || ':' || k), case k %% 2 when 0 then 'inbound' else 'outbound' end,
       case when n = 7 and k = 0 then 'unikum ' else '' end || s.content,
       now() - interval '365 days' * n / %(threads)s - interval '1 hour' * k,
       case k %% 2 when 1 then {_AGENT} end, case k %% 2 when 0 then 'received' else 'read' end
  from generate_series(0, %(threads)s - 1) n cross join generate_series(0, 9) k
  join said s on s.place = n * 10 + k;
insert into private.report_times (at, inbox_id, agent_id, what, seconds)
select now() - interval '365 days' * n / %(threads)s, {_INBOX}, {_AGENT}, what, random() * 7200
  from generate_series(0, %(threads)s - 1) n,
       unnest(array['first_response', 'response', 'response', 'response', 'resolution']) what;
insert into private.report_volume (slot, inbox_id, agent_id, what, n, folded)
select private.slot_of(now() - interval '365 days' * n / %(threads)s), {_INBOX}, {_AGENT}, what,
       count(*), true
  from generate_series(0, %(threads)s - 1) n, unnest(array['opened', 'resolved']) what
 group by 1, 2, 3, 4
"""
_UPKEEP = (
    "select private.recount_tallies()",
    "select private.recount_reports()",
    "select private.refill_search()",
    "select private.refill_contact_search()",
    # Customers wait in inboxes that route, and their answers are due; nobody is there.
    "update public.inboxes set routing = true, first_response_minutes = 15",
    "update public.conversations set first_response_due_at = now() + interval '1 day'"
    " where waiting_since is not null",
    "vacuum analyze",
)


class Project:
    """One database with so many messages, and its people's connections."""

    def __init__(self, server: Postgres, size: int) -> None:
        self.size = size
        self.present = False  # whether the agents are there
        self.chance = random.Random(size)
        name = f"rules_{size}"
        with psycopg.connect(server.dsn("supabase_admin"), autocommit=True) as admin:
            admin.execute(
                sql.SQL("create database {} template postgres owner postgres").format(
                    sql.Identifier(name)
                )
            )
        migrate(server.dsn("postgres", name))
        with psycopg.connect(server.dsn("supabase_admin", name), autocommit=True) as admin:
            admin.execute("set session_replication_role = replica")  # no triggers: much faster
            admin.execute("select setseed(0.5)")
            for statement in _FILL.split(";\n"):
                # server-side parameters cannot be part of several statements
                psycopg.ClientCursor(admin).execute(statement.encode(), {"threads": size // 10})
            for statement in _UPKEEP:  # what the triggers would have kept
                admin.execute(statement.encode())
            self.words = [
                str(word) for (word,) in admin.execute("select word from words order by n")
            ]
        self._people = {who: self._signed_in(server, name, who) for who in (AGENT, SUPERVISOR)}
        self._service = psycopg.connect(server.dsn("postgres", name), autocommit=True)
        # What there is to do at first is done before anything is measured.
        while self.serve("select private.remind_windows() + private.take_back()"):
            pass

    def close(self) -> None:
        """Let go of the connections."""
        for connection in (*self._people.values(), self._service):
            connection.close()

    def serve(self, query: str) -> Any:
        """The first column of the first row, as the worker."""
        row = self._service.execute(query.encode()).fetchone()
        return row[0] if row else None

    def attempt(self, query: str) -> Any:
        """As `serve`, and then it has not happened."""
        with self._service.transaction(force_rollback=True):
            return self.serve(query)

    def ask(self, who: str, query: str, *values: object) -> Any:
        """The first column of the first row, as this person."""
        row = self._people[who].execute(query.encode(), values).fetchone()
        assert row is not None
        return row[0]

    def word(self, first: int, last: int) -> str:
        """A word of these ranks; 1 is the most frequent."""
        return self.words[self.chance.randrange(first, last)]

    def thread(self) -> str:
        """Any conversation of the first inbox."""
        return f"00000000-0000-4000-a000-{self.chance.randrange(self.size // 30) * 3:012x}"

    @staticmethod
    def _signed_in(server: Postgres, name: str, who: str) -> psycopg.Connection[Any]:
        connection = psycopg.connect(server.dsn("postgres", name), autocommit=True)
        claims = json.dumps({"role": "authenticated", "sub": who})
        connection.execute("select set_config('request.jwt.claims', %s, false)", [claims])
        connection.execute("set role authenticated")
        return connection


_PAGE = (
    "select json_agg(c) from (select * from public.conversations where inbox_id = %s"
    " {more} order by coalesce(last_message_at, created_at) desc, id desc limit 50) c"
)
_FIRST = "00000000-0000-4000-8000-000000000000"  # the agent's own
_SEARCH = "select public.search_messages(%s)"
_REPORT = "select public.reports(%s, now() - %s::interval, now())"


# With nothing to do, as most of the time: 10,000 customers wait among 1,000,000 messages.
_WORK = (
    "route_waiting",
    "take_back",
    "remind_windows",
    "renew_due",
    "tell_overdue",
    "release_scheduled",
    "wake_snoozed",
)


def _page(more: str) -> Callable[[Project], object]:
    return lambda project: project.ask(AGENT, _PAGE.format(more=more), _FIRST)


def _search(who: str, first: int, last: int, count: int = 1, cut: int = 0) -> Callable[..., object]:
    def step(project: Project) -> object:
        words = [project.word(first, last) for _ in range(count)]
        text = " ".join(words)
        return project.ask(who, _SEARCH, text[: len(text) - cut] if cut else f"{text} ")

    return step


def _in_thread(project: Project) -> object:
    return project.ask(
        SUPERVISOR,
        "select public.search_messages(%s, conversation_id => %s)",
        project.word(1, 50),
        project.thread(),
    )


def _second_page(project: Project) -> object:
    query = project.word(1, 20) + " "
    first = project.ask(AGENT, _SEARCH, query)
    return project.ask(
        AGENT,
        "select public.search_messages(%s, before => %s)",
        query,
        json.dumps(first["cursor"]),
    )


def _report(kind: str, span: str) -> Callable[[Project], object]:
    return lambda project: project.ask(SUPERVISOR, _REPORT, kind, span)


def _people(*queries: str) -> Callable[[Project], object]:
    """Search for contacts; {n} is the number of any of them."""

    def step(project: Project) -> object:
        number = project.chance.randrange(project.size // 10)
        query = project.chance.choice(queries).format(n=number, tail=f"{number:08d}"[-5:])
        return project.ask(SUPERVISOR, "select public.search_contacts(%s)", query)

    return step


def _round(function: str) -> Callable[[Project], object]:
    return lambda project: project.attempt(f"select private.{function}()")


def _give(project: Project) -> object:
    """One decision of routing, among agents who are all there and have room."""
    if not project.present:
        project.present = True
        project.serve(
            "update public.profiles set available = true, capacity = 10000"
            " where role = 'agent' returning 1"
        )
    return project.attempt(
        "select private.route_conversation(c) from (select * from public.conversations"
        f" where inbox_id = '{_FIRST}' and status = 'open' and assignee_id is null"
        " and waiting_since is not null order by (case priority when 'urgent' then 0"
        " when 'high' then 1 when 'low' then 3 else 2 end), waiting_since limit 1) c"
    )


_MEASURED: tuple[tuple[str, Callable[[Project], object]], ...] = (
    ("inbox page of 50, newest first", _page("")),
    ("inbox page of 50, open ones of nobody", _page("and status = 'open' and assignee_id is null")),
    ("counters, an agent", lambda p: p.ask(AGENT, "select public.counters()")),
    ("counters, a supervisor", lambda p: p.ask(SUPERVISOR, "select public.counters()")),
    ("search, one of the 20 most frequent words, an agent", _search(AGENT, 1, 20)),
    ("search, one of the 20 most frequent words, a supervisor", _search(SUPERVISOR, 1, 20)),
    ("search, a word of middle frequency (100th to 500th), an agent", _search(AGENT, 100, 500)),
    ("search, the same, a supervisor", _search(SUPERVISOR, 100, 500)),
    ("search, a rare word", _search(SUPERVISOR, 15_000, 20_000)),
    ("search, two frequent words", _search(SUPERVISOR, 1, 50, count=2)),
    ("search, three words of any frequency", _search(SUPERVISOR, 1, 2_000, count=3)),
    ("search, three letters of a word", _search(SUPERVISOR, 1, 20_000, cut=3)),
    ("search, one letter of a word", _search(SUPERVISOR, 1, 20_000, cut=5)),
    ("search, one word in a million", lambda p: p.ask(SUPERVISOR, _SEARCH, "unikum")),
    ("search, a word that nobody wrote", lambda p: p.ask(SUPERVISOR, _SEARCH, "zzzz")),
    ("search, in one conversation", _in_thread),
    ("search, the first and the second page", _second_page),
    ("contacts, whole name", _people("pelanggan {n}")),
    ("contacts, part of a number", _people("0812 {tail}", "{tail}")),
    ("contacts, what all have in common", _people("pelanggan", "62", "8")),
    ("contacts, nobody", _people("zzzz", "777777777")),
    *((f"round of the worker: {name}", _round(name)) for name in _WORK),
    ("routing, one conversation", _give),
    *(
        (f"report {kind}, {span}", _report(kind, span))
        for span in ("30 days", "365 days")
        for kind in (
            "volume",
            "first_response",
            "response",
            "resolution",
            "agents",
            "inboxes",
            "days",
        )
    ),
)


def measure(
    *, folder: Path | None = None, sizes: Sequence[int] = SIZES, rounds: int = ROUNDS
) -> str:
    """All sizes in turn in one server; median and 95th percentile of each, and the growth."""
    took: dict[tuple[str, int], list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="balas-bench-", dir=folder) as made:
        place = Path(made)
        place.chmod(0o755)
        with _projects(place, sizes) as found:
            for what, step in _MEASURED:
                for number in range(rounds + WARM):
                    for project in found if number % 2 else reversed(found):
                        began = time.perf_counter()
                        step(project)
                        spent = time.perf_counter() - began
                        if number >= WARM:  # the first ones fill caches and plans
                            took.setdefault((what, project.size), []).append(spent * 1e3)
    head = ["median / p95 in ms", *(f"{size:,} messages" for size in sizes), "growth"]
    lines = []
    for what, _ in _MEASURED:
        medians = [statistics.median(took[what, size]) for size in sizes]
        cells = [
            f"{median:.1f} / {_p95(took[what, size]):.1f}"
            for size, median in zip(sizes, medians, strict=True)
        ]
        lines.append([what, *cells, f"{medians[-1] / medians[0]:.1f} ×"])
    return f"{table(head, lines)}\n"


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


@contextmanager
def _projects(folder: Path, sizes: Sequence[int]) -> Iterator[list[Project]]:
    leash = Leash()
    server = Postgres(folder / "postgres", durable=False, leash=leash)
    server.start()
    with ExitStack() as stack:
        stack.callback(leash.close)
        stack.callback(server.stop)
        found = []
        for size in sizes:
            found.append(Project(server, size))
            stack.callback(found[-1].close)
        yield found
