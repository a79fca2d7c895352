"""A desk with two inboxes and its people, ready for the tests of the database."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from console.service.migrate import migrations
from tests.conftest import Database

Row = dict[str, Any]


@dataclass
class Person:
    """A signed-in person and their cursor."""

    desk: Desk
    id: str
    cursor: str = ""
    pages: list[Row] = field(default_factory=list)
    _line: psycopg.Connection[Any] | None = None

    @contextmanager
    def session(self, *, autocommit: bool = True) -> Iterator[psycopg.Connection[Any]]:
        """A connection with this person's token."""
        with self.desk.database.acting_as(self.id, autocommit=autocommit) as connection:
            yield connection

    def call(self, function: str, **arguments: object) -> Any:
        """Call a function by name with named arguments, as the Data API does.

        On one connection for all calls of the test itself: a new one knows no function yet, and
        that takes longer than most calls. Threads have their own.
        """
        if threading.current_thread() is not threading.main_thread():
            with self.session() as connection:
                return call(connection, function, **arguments)
        if self._line is None or self._line.closed:
            self._line = self.desk.lines.enter_context(self.session())
        return call(self._line, function, **arguments)

    def pull_page(self, page_size: int = 200) -> Row:
        """One page; the cursor moves on."""
        page: Row = self.call("pull_changes", cursor=self.cursor, page_size=page_size)
        self.cursor = page["cursor"]
        self.pages.append(page)
        return page

    def pull(self, page_size: int = 200) -> Row:
        """Pages until there are no more, as one: rows by kind in the order they came."""
        total: Row = {"deleted": {}, "forget": []}
        while True:
            page = self.pull_page(page_size)
            for kind, rows in page.items():
                if kind == "deleted":
                    for name, ids in rows.items():
                        total["deleted"].setdefault(name, []).extend(ids)
                elif isinstance(rows, list):
                    total.setdefault(kind, []).extend(rows)
            if not page["more"]:
                return total


def call(connection: psycopg.Connection[Any], function: str, **arguments: object) -> Any:
    """Call a function of schema public; dicts and lists travel as JSON."""
    names = ", ".join(f'"{name}" => %({name})s' for name in arguments)
    values = {
        name: json.dumps(value) if isinstance(value, dict | list) else value
        for name, value in arguments.items()
    }
    row = connection.execute(f"select public.{function}({names})", values).fetchone()
    return row[0] if row else None


def refused(act: Callable[[], object]) -> str:
    """The short code of the refusal that `act` meets; it comes with words and what to do."""
    with pytest.raises(psycopg.Error) as error:
        act()
    assert error.value.sqlstate == "P0001", error.value
    assert error.value.diag.message_detail
    return str(error.value.diag.message_primary)


def at_once(calls: Sequence[tuple[Person, str, Row]]) -> list[Any]:
    """Each call on its own connection, all let go in the same moment.

    Their answers in the order of `calls`; a refusal as its short code.
    """
    answers: list[Any] = [None] * len(calls)
    start = threading.Barrier(len(calls))

    def one(place: int, person: Person, function: str, arguments: Row) -> None:
        with person.session() as connection:
            start.wait()
            try:
                answers[place] = call(connection, function, **arguments)
            except psycopg.Error as error:
                answers[place] = error.diag.message_primary

    threads = [
        threading.Thread(target=one, args=(place, *what)) for place, what in enumerate(calls)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@dataclass
class Desk:
    """The database with helpers that write what the service would write."""

    database: Database
    admin: psycopg.Connection[Any]
    lines: ExitStack  # people's connections; whoever makes the desk closes them
    jakarta: str = ""
    bandung: str = ""

    @classmethod
    @contextmanager
    def of(cls, database: Database) -> Iterator[Desk]:
        """The desk of this database until the block ends."""
        with database.connect() as admin, ExitStack() as lines:
            yield cls(database, admin, lines)

    def one(self, query: str, *values: object) -> Any:
        """The first column of the first row."""
        row = self.admin.execute(query, values).fetchone()
        return row[0] if row else None

    def run(self, query: str, *values: object) -> None:
        self.admin.execute(query, values)

    def inbox(self, name: str, address: str | None, channel: str = "whatsapp") -> str:
        return str(
            self.one(
                "insert into public.inboxes (name, channel, address) values (%s, %s, %s)"
                " returning id",
                name,
                channel,
                address,
            )
        )

    def person(self, name: str, role: str = "agent", *inboxes: str) -> Person:
        ident = str(uuid.uuid4())
        self.run(
            "insert into public.profiles (id, display_name, role) values (%s, %s, %s)",
            ident,
            name,
            role,
        )
        for inbox in inboxes:
            self.join(ident, inbox)
        return Person(self, ident)

    def join(self, profile: str, inbox: str) -> None:
        self.run(
            "insert into public.inbox_members (inbox_id, profile_id) values (%s, %s)",
            inbox,
            profile,
        )

    def leave(self, profile: str, inbox: str) -> None:
        self.run(
            "delete from public.inbox_members where inbox_id = %s and profile_id = %s",
            inbox,
            profile,
        )

    def contact(self, name: str, address: str | None = None) -> str:
        ident = str(self.one("insert into public.contacts (name) values (%s) returning id", name))
        if address:
            self.run(
                "insert into public.contact_addresses (contact_id, address, channel)"
                " values (%s, %s, %s)",
                ident,
                address,
                "whatsapp" if address.startswith("whatsapp:") else "sms",
            )
        return ident

    def conversation(self, inbox: str, name: str = "Siti", address: str | None = None) -> str:
        address = address or f"whatsapp:+62{uuid.uuid4().int % 10**10:010d}"
        contact = self.contact(name, address)
        return str(self.one("select private.conversation_for(%s, %s)", inbox, contact))

    def inbound(
        self,
        conversation: str,
        text: str = "Halo",
        *,
        at: str | None = None,
        connection: psycopg.Connection[Any] | None = None,
    ) -> str:
        """A message of the customer; `at` is an SQL expression for an earlier time."""
        moment = at or "private.next_moment(%(conversation)s)"
        row = (
            (connection or self.admin)
            .execute(
                "with message as (insert into public.messages (conversation_id, direction, content,"
                " timestamp, status, message_sid, from_number)"
                f" select c.id, 'inbound', %(text)s, {moment}, 'received', %(sid)s, (select address"
                "   from public.contact_addresses a where a.contact_id = c.contact_id limit 1)"
                "  from public.conversations c where c.id = %(conversation)s returning *),"
                " moved as (update public.conversations c set"
                "  last_message_at = greatest(c.last_message_at, m.timestamp),"
                "  last_inbound_at = greatest(c.last_inbound_at, m.timestamp),"
                "  waiting_since = coalesce(c.waiting_since, m.timestamp)"
                "  from message m where c.id = m.conversation_id) select id from message",
                {"conversation": conversation, "text": text, "sid": f"SM{uuid.uuid4().hex}"},
            )
            .fetchone()
        )
        assert row is not None
        return str(row[0])


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    """Two WhatsApp inboxes, Jakarta and Bandung."""
    with Desk.of(database) as made:
        made.jakarta = made.inbox("Jakarta", "whatsapp:+628110000001")
        made.bandung = made.inbox("Bandung", "whatsapp:+628110000002")
        yield made


@pytest.fixture
def agent(desk: Desk) -> Person:
    """An agent of Jakarta."""
    return desk.person("Dewi", "agent", desk.jakarta)


@pytest.fixture
def outsider(desk: Desk) -> Person:
    """An agent who is in no inbox."""
    return desk.person("Budi")


@pytest.fixture
def supervisor(desk: Desk) -> Person:
    return desk.person("Ratna", "supervisor")


@pytest.fixture
def run_files() -> Callable[[Database], None]:
    """Runs the migration files as the Supabase CLI does: one batch a file, nothing around them."""

    def run(target: Database) -> None:
        for step in migrations():
            with target.connect() as connection:
                connection.execute(step.path.read_text().encode())

    return run
