"""Search among thousands of messages over years finds what looking at each of them finds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Database, create_database, drop_database
from tests.database.conftest import Desk, Person

SIZE = 9_000
# the n-th word about half as often as the one before it, from every message to one in two thousand
WORDS = (
    "kirim",
    "kira",
    "sudah",
    "saya",
    "resi",
    "resmi",
    "toko",
    "kado",
    "lunas",
    "ganti",
    "izin",
)
# of the last moments of some days and the first of others, of long pauses and busy minutes
PAUSES = (0.0, 0.0, 0.001, 60.0, 3_600.0, 86_400.0)


@dataclass(frozen=True)
class Said:
    """A message as it was written."""

    at: datetime
    id: UUID
    conversation: str
    inbox: str
    words: frozenset[str]

    @property
    def key(self) -> tuple[datetime, int]:
        return (self.at, self.id.int)


@dataclass
class Years:
    """What was said, newest first, and who looks for it."""

    desk: Desk
    said: list[Said]
    agent: Person
    supervisor: Person
    threads: list[str]


def moments(chance: random.Random) -> Iterator[datetime]:
    """From now on backwards; some at midnight, some together, one pause of half a year."""
    at = datetime(2026, 7, 1, 12, tzinfo=UTC)
    for number in range(SIZE):
        yield at
        if number == SIZE // 2:
            at -= timedelta(days=180)
        at -= timedelta(seconds=chance.choice(PAUSES) * chance.random())
        if number % 500 == 0:
            at = at.replace(hour=0, minute=0, second=0, microsecond=0)
    yield datetime(1999, 12, 31, 23, tzinfo=UTC)


@pytest.fixture(scope="module")
def written(migrated_template: Database) -> Iterator[Years]:
    """Thousands of messages in two inboxes, of which the agent sees one; a template."""
    server, template = migrated_template.server, migrated_template.name
    database = create_database(server, f"years_{uuid4().hex[:12]}", template)
    with Desk.of(database) as desk:
        made = fill(desk)
    yield made
    drop_database(database)


@pytest.fixture
def years(written: Years, new_database: Callable[[str], Database]) -> Iterator[Years]:
    """As `written`, in a database of the test's own."""
    database = new_database(written.desk.database.name)
    with Desk.of(database) as desk:
        desk.jakarta, desk.bandung = written.desk.jakarta, written.desk.bandung
        agent, supervisor = (Person(desk, one.id) for one in (written.agent, written.supervisor))
        yield replace(written, desk=desk, agent=agent, supervisor=supervisor)


def fill(desk: Desk) -> Years:
    chance = random.Random(21)
    desk.jakarta = desk.inbox("Jakarta", "whatsapp:+628110000001")
    desk.bandung = desk.inbox("Bandung", "whatsapp:+628110000002")
    agent = desk.person("Dewi", "agent", desk.jakarta)
    supervisor = desk.person("Ratna", "supervisor")
    places = [(desk.conversation(inbox), inbox) for inbox in (desk.jakarta, desk.bandung) * 3]
    said = []
    for at in moments(chance):
        words = [word for place, word in enumerate(WORDS) if chance.random() < 0.5**place]
        thread, inbox = places[min(int(chance.expovariate(1)), len(places) - 1)]
        said.append(
            Said(at, UUID(int=chance.getrandbits(128)), thread, inbox, frozenset((*words, "ya")))
        )
    desk.run("alter table public.messages disable trigger user")
    with (
        desk.admin.cursor() as cursor,
        cursor.copy(
            "copy public.messages (id, conversation_id, direction, content, timestamp) from stdin"
        ) as copy,
    ):
        for one in said:
            copy.write_row((one.id, one.conversation, "inbound", " ".join(one.words), one.at))
    desk.run("alter table public.messages enable trigger user")
    assert desk.one("select private.refill_search()") == len(said)
    desk.run("analyze private.searchable")
    said.sort(key=lambda one: one.key, reverse=True)
    return Years(desk, said, agent, supervisor, [thread for thread, _ in places])


def looked_for(
    years: Years, query: str, *, agent: bool, thread: str | None, inbox: str | None
) -> list[Said]:
    """What each message says for itself, newest first."""
    *whole, last = query.split(" ")

    def matches(one: Said) -> bool:
        return (
            one.words.issuperset(word for word in whole if word)
            and (not last or any(word.startswith(last) for word in one.words))
            and (not agent or one.inbox == years.desk.jakarta)
            and (thread is None or one.conversation == thread)
            and (inbox is None or one.inbox == inbox)
        )

    return [one for one in years.said if matches(one)]


def pages(person: Person, query: str, **more: object) -> Iterator[dict[str, Any]]:
    before = None
    while True:
        answer = person.call("search_messages", query=query, before=before, **more)
        yield answer
        if not answer["more"]:
            return
        before = answer["cursor"]


def ids(answer: dict[str, Any]) -> list[str]:
    return [message["id"] for message in answer["messages"]]


queries = st.builds(
    lambda words, cut, space: " ".join(words)[: -cut or None] + space,
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
    st.integers(0, 3),
    st.sampled_from(["", " "]),
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_page_holds_what_looking_at_each_message_finds(
    years: Years, data: st.DataObject
) -> None:
    query = data.draw(queries, label="query")
    size = data.draw(st.integers(1, 100), label="page size")
    agent = data.draw(st.booleans(), label="agent")
    narrow = data.draw(st.sampled_from(["", "", "inbox", "thread"]), label="narrowed")
    inbox = years.desk.jakarta if narrow == "inbox" else None
    thread = years.threads[0] if narrow == "thread" else None
    start = data.draw(st.none() | st.sampled_from(years.said), label="before")
    expected = [
        str(one.id)
        for one in looked_for(years, query, agent=agent, thread=thread, inbox=inbox)
        if start is None or one.key < start.key
    ]
    answer = (years.agent if agent else years.supervisor).call(
        "search_messages",
        query=query,
        page_size=size,
        inbox_id=inbox,
        conversation_id=thread,
        before=start and {"at": start.at.isoformat(), "id": str(start.id)},
    )
    assert ids(answer) == expected[:size]
    assert answer["more"] == (len(expected) > size)
    if answer["more"]:
        assert answer["cursor"]["id"] == expected[size - 1]


def test_pages_to_the_end_hold_each_hit_once_newest_first(years: Years) -> None:
    for word, person in product(WORDS[3:], (years.agent, years.supervisor)):
        found = [one for page in pages(person, f"{word} ", page_size=100) for one in ids(page)]
        expected = looked_for(
            years, f"{word} ", agent=person is years.agent, thread=None, inbox=None
        )
        assert found == [str(one.id) for one in expected]


def test_what_lies_beyond_all_calendars_is_found(years: Years) -> None:
    thread = years.threads[0]
    for at in ("-infinity", "0044-03-15 BC", "12000-01-01", "infinity"):
        years.desk.inbound(thread, f"seabad {at}", at=f"timestamptz '{at}'")
    # so many at once that nothing else is among the newest
    years.desk.run(
        "insert into public.messages (conversation_id, direction, content, timestamp)"
        " select %s, 'inbound', 'ya', timestamptz 'infinity' from generate_series(1, 2100)",
        thread,
    )
    for more in ({}, {"conversation_id": thread}):
        found = [
            ident
            for page in pages(years.agent, "seabad", page_size=1, **more)
            for ident in ids(page)
        ]
        assert len(found) == len(set(found)) == 4
    answer = years.supervisor.call("search_messages", query="izin ")
    assert ids(answer)[:50] == [
        str(one.id) for one in looked_for(years, "izin ", agent=False, thread=None, inbox=None)[:50]
    ]


def test_the_index_answers_without_a_look_at_the_rest(years: Years) -> None:
    """A word that is met now and then costs some rows and not all that have it."""
    asked = "sudah"  # one in four

    def fetched() -> int:
        years.desk.run("select pg_stat_force_next_flush()")
        return int(
            years.desk.one(
                "select idx_tup_fetch from pg_stat_user_tables where relname = 'searchable'"
            )
        )

    before = fetched()
    years.desk.run(
        "select set_config('request.jwt.claims', jsonb_build_object('role', 'authenticated',"
        " 'sub', %s::text)::text, false)",
        years.supervisor.id,
    )
    years.desk.run(
        "select public.search_messages(%s, before => %s)",
        f"{asked} lunas ",
        '{"at": "2026-06-30", "id": "ffffffff-ffff-ffff-ffff-ffffffffffff"}',
    )
    # The newest, twice where the index alone does not say who sees them, and a few hits.
    assert fetched() - before < 2 * 2_000 + 300
