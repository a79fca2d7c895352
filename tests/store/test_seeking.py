"""Search as one types: it finds what a look at everything would, and reads little of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from console.domain.conversation import ConversationRow, Filter, Sort, View
from console.store import migrations, seeking
from console.store.conversations import _stretches, _wanted
from console.store.database import Reading, _connect
from console.store.search import Search
from console.store.store import Store
from console.store.times import micros
from tests.store.conftest import NOON, Desk, undo_people
from tests.store.test_views import label, labelled

PEOPLE = 160
NEAR = 20
FIRST = ("Siti", "Budi", "Xu", "Qi", "李", "Ágnes", "Bo", "Zq", "Dewi")
LAST = ("Rahma", "Santoso", "Yq", "明", "Oz", "Wijaya", "")
TYPED = (
    *(
        "s",
        "si",
        "sit",
        "siti",
        "siti r",
        "b",
        "bo",
        "q",
        "zq",
        "yq",
        "y",
        "z",
        "李",
        "明",
        "李 明",
    ),
    *(
        "a",
        "ag",
        "agnes",
        "0",
        "00",
        "000",
        "+",
        "+6",
        "62 6",
        '"',
        "%",
        "xu oz",
        "tidak",
        "x",
        "wx",
    ),
)


@pytest.fixture
async def crowd(desk: Desk) -> Desk:
    """Many people, heard of in another order than they wrote in."""
    chance = random.Random(7)
    labels = [label(name) for name in ("Q", "Oz", "明")]  # what a needle ends with
    contacts, conversations, messages, records = [], [], [], list(labels)
    for number in range(PEOPLE):
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
        contact, conversation = desk.server.customer(
            name, f"+62800{number:04}" if number % 3 else ""
        )
        at = NOON + timedelta(minutes=chance.randrange(9_000))
        contacts.append(contact)
        conversations.append(
            replace(conversation, last_inbound_at=at, waiting_since=at if number % 2 else None)
        )
        messages.append(desk.server.inbound(conversation.id, "halo", timestamp=at))
        if number % 5 == 0:
            records.append(labelled(conversation.id, chance.choice(labels).id))
    await desk.apply(
        contacts=tuple(contacts),
        conversations=tuple(conversations),
        messages=tuple(messages),
        records=tuple(records),
    )
    return desk


async def needles(desk: Desk) -> dict[str, str]:
    def work(reading: Reading) -> dict[str, str]:
        sql = "select l.conversation_id, n.needle from needles n join listing l using (row)"
        return dict(reading.all(sql))

    return await desk.store._database.read(work)


async def pages(desk: Desk, view: View, search: str) -> list[ConversationRow]:
    rows: list[ConversationRow] = []
    after: ConversationRow | None = None
    page = desk.store.conversations.page
    while found := await page(view, search=search, after=after, limit=19):
        rows += found
        after = found[-1]
    return rows


# With small bounds every way of looking is gone: walking a little, far, and by the indexes.
@pytest.mark.parametrize("bounds", [(1_000, 20_000, 250), (20, 60, 10), (5, 5, 400), (5, 30, 0)])
@pytest.mark.parametrize("sort", list(Sort))
async def test_every_way_of_looking_finds_the_same_in_the_order_of_the_list(
    crowd: Desk, sort: Sort, bounds: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    view = View(Filter.ALL, sort=sort)
    whole = await pages(crowd, view, "")
    held = await needles(crowd)
    assert len(whole) == len(held) == PEOPLE
    for name, bound in zip(("NEAR", "FAR", "MANY"), bounds, strict=True):
        monkeypatch.setattr(seeking, name, bound)
    for text in TYPED:
        found = [row.id for row in await pages(crowd, view, text)]
        assert found == [row.id for row in whole if _wanted(text) in held[row.id]], text


@pytest.mark.parametrize("sort", list(Sort))
async def test_the_list_is_walked_within_an_index_that_has_all_that_is_asked(
    crowd: Desk, sort: Sort
) -> None:
    def plan(reading: Reading) -> list[str]:
        steps = []
        for stretch in _stretches(reading, sort, None, NOON):
            sql = seeking.next_sql(sort, stretch, "n.row, n.needle")
            at = (stretch.key, stretch.row, 10)
            steps += [row[3] for row in reading.all(f"explain query plan {sql}", *at)]
        return steps

    steps = await crowd.store._database.read(plan)
    assert steps
    assert all("USING COVERING INDEX needles_" in step for step in steps), steps


async def test_short_and_rare_letters_are_looked_up_instead_of_reading_every_name(
    crowd: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeking, "NEAR", 5)

    def plans(reading: Reading) -> list[str]:
        steps: list[str] = []
        for text in ("q", "zq", "xu oz"):
            for among in seeking._holders(reading, text):
                rows = reading.all(f"explain query plan {among.sql}", *among.values)
                steps += [row[3] for row in rows]
        return steps

    steps = await crowd.store._database.read(plans)
    assert len(steps) == 6
    assert not [step for step in steps if step.startswith("SCAN needles")], steps


async def test_a_walk_goes_on_where_it_was_and_reads_as_few_lists_as_have_every_letter(
    crowd: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, bound in (("NEAR", NEAR), ("FAR", 100), ("MANY", 0)):
        monkeypatch.setattr(seeking, name, bound)
    walks: list[tuple[object, ...]] = []
    numbers = seeking._numbers

    def noted(reading: Reading, sql: str, *values: object) -> list[int]:
        walks.append(values[:2])
        return numbers(reading, sql, *values)

    monkeypatch.setattr(seeking, "_numbers", noted)
    everyone = await pages(crowd, View(Filter.ALL), "")
    walks.clear()
    await crowd.store.conversations.page(View(Filter.ALL), search="xu oz", limit=19)
    near, far, *_ = walks
    newest = micros(everyone[NEAR - 1].last_message_at)
    assert newest
    assert near[0] < far[0] == -newest  # type: ignore[operator]
    among = await crowd.store._database.read(lambda reading: seeking._holders(reading, "siti rah"))
    assert among[0].values == ('"i r" AND "rah" AND "sit"',)


async def test_a_store_of_the_version_before_loses_the_places_that_nobody_walks(
    path: Path, crowd: Desk
) -> None:
    key = crowd.store._database._key
    await crowd.store.close()
    connection = _connect(path, key, readonly=False)
    for name in ("newest", "waiting", "closing", "last", "last_two"):
        connection.execute(f"drop index needles_{name}")
    connection.execute("drop table triples")
    undo_people(connection)
    connection.execute("insert into scopes values (99, 'every', '', '', 400, 0)")
    connection.execute("insert into places select 99, 0, newest, row from needles")
    connection.pragma("user_version", 5)
    connection.close()
    store = await Store.open(path, key)
    assert store._filling is not None
    await store._filling
    rows = await store.conversations.page(View(Filter.ALL), search="zq", limit=500)
    assert rows
    left = await store._database.read(
        lambda reading: (
            reading.value("select count(*) from places where scope = 99"),
            reading.value("select count(*) from scopes where filter = 'every'"),
            reading.value("pragma user_version"),
        )
    )
    assert left == (0, 0, max(number for number, _ in migrations.steps()))
    await store.close()


# Messages: what narrows a search that found everything


@contextmanager
def said(desk: Desk) -> Iterator[list[str]]:
    """The statements that the readers run."""
    statements: list[str] = []
    idle = desk.store._database._idle
    readers = [idle.get() for _ in range(idle.qsize())]
    for reader in readers:
        reader.set_profile(lambda sql, _: statements.append(sql))
        idle.put(reader)
    yield statements
    for reader in readers:
        reader.set_profile(None)


async def test_what_narrows_a_search_is_found_in_what_that_found(desk: Desk) -> None:
    await desk.customer("Budi", "teknisi kami segera", "kapan datang", "teknisi baru siap")
    assert desk.store._filling is not None
    await desk.store._filling
    with said(desk) as statements:
        for text in (
            "teknisi",
            "teknisi s",
            "teknisi se",
            "teknisi segera ",
            "kami teknisi segera ",
        ):
            statements.clear()
            hits = await desk.store.search.messages(text)
            assert bool([sql for sql in statements if "match" in sql]) is (text == "teknisi")
            found = [hit.snippet for hit in hits]
            assert "teknisi kami segera" in found
            assert len(found) == (2 if text in ("teknisi", "teknisi s") else 1)


async def test_a_search_is_asked_anew_after_anything_was_written(desk: Desk) -> None:
    budi = await desk.customer("Budi", "teknisi kami")
    assert len(await desk.store.search.messages("tekn")) == 1
    await desk.apply(messages=(desk.server.inbound(budi, "teknisi lain"),))
    assert len(await desk.store.search.messages("tekni")) == 2


async def test_whatever_one_types_finds_what_a_first_search_would(desk: Desk) -> None:
    chance = random.Random(3)
    words = ("Satu", "sat", "dua", "Éa", "e", "tiga", "tig", "da", "satu\u200bdua", "9")
    for name in ("Budi", "Dewi"):
        await desk.customer(name, *(" ".join(chance.choices(words, k=3)) for _ in range(30)))
    budi = (await desk.store.conversations.page(View(Filter.ALL), search="budi"))[0].id
    for _ in range(150):
        text = " ".join(chance.choices(words, k=chance.randrange(1, 4)))
        for end in range(1, len(text) + 1):
            where = budi if chance.random() < 0.3 else None
            limit = chance.choice((3, 50))
            typed = text[:end] + " " * chance.randrange(2)
            found = await desk.store.search.messages(typed, conversation_id=where, limit=limit)
            fresh = Search(desk.store._database)
            assert found == await fresh.messages(typed, conversation_id=where, limit=limit), typed
