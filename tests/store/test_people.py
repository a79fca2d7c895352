"""The contacts page is searched as one types: it finds what a look at everybody would."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console.domain.contact import ContactLine
from console.domain.feed import ContactRow
from console.domain.ids import ContactId
from console.store import people
from console.store.contacts import _parts
from console.store.database import Reading, _connect
from console.store.store import Store
from tests.store.conftest import KEY, Desk, open_desk, undo_people

PEOPLE = 240
FIRST = ("Siti", "Budi", "Xu", "Qi", "李", "Ágnes", "Bo", "Zq", "Dewi", "")
LAST = ("Rahma", "Santoso", "Yq", "明", "Oz", 'Wija"ya', "d'Arc", "")
TYPED = (
    *("s", "si", "sit", "siti", "siti r", "rah si", "b", "bo", "q", "zq", "yq", "y", "z", "李"),
    *("明", "李 明", "a", "ag", "agnes", "0", "00", "0800", "+62 800-01", "+", "62 6", '"', "'"),
    *("%", "xu oz", "x oz", "tidak", "wx", "oz", "q yq", "AND", "siti*", "\x01", "7"),
)


async def whole(desk: Desk) -> list[tuple[str, str]]:
    """Everybody's needle and id, in the order of the page."""
    return await desk.store._database.read(
        lambda reading: reading.all(
            "select needle, contact_id from people order by sort, contact_id"
        )
    )


async def shown(desk: Desk, search: str) -> list[str]:
    lines: list[ContactLine] = []
    after: ContactLine | None = None
    while page := await desk.store.contacts.page(search, after=after, limit=19):
        lines += page
        after = page[-1]
    return [line.id for line in lines]


async def compare(desk: Desk) -> None:
    everybody = await whole(desk)
    for text in TYPED:
        wanted = _parts(text)
        fits = [id for needle, id in everybody if all(part in needle for part in wanted)]
        assert await shown(desk, text) == fits, text


def someone(desk: Desk, chance: random.Random, number: int) -> ContactRow:
    name = f"{chance.choice(FIRST)} {chance.choice(LAST)}".strip()
    contact, _ = desk.server.customer(name, f"+62800{number:04}" if number % 3 else None)
    return contact


@pytest.fixture
async def crowd(desk: Desk) -> Desk:
    chance = random.Random(11)
    made = tuple(someone(desk, chance, number) for number in range(PEOPLE))
    await desk.apply(contacts=made)
    return desk


@pytest.mark.parametrize(
    "bounds",
    [(2_000, 10_000, 250, 10_000, 2), (20, 40, 0, 500, 2), (5, 9, 0, 500, 1), (5, 9, 9, 20, 1)],
)
async def test_every_way_of_looking_finds_the_same_in_the_order_of_the_page(
    crowd: Desk, bounds: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, bound in zip(("NEAR", "FAR", "FEW", "MANY", "RANGES"), bounds, strict=True):
        monkeypatch.setattr(people, name, bound)
    assert len(await whole(crowd)) == PEOPLE
    await compare(crowd)


async def test_what_changes_is_found_as_it_is_now(
    crowd: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "NEAR", 5)
    chance = random.Random(5)
    known = {id: None for _, id in await whole(crowd)}
    for number in range(60):
        match chance.randrange(3):
            case 0:
                made = someone(crowd, chance, PEOPLE + number)
                known[made.id] = None
                await crowd.apply(contacts=(made,))
            case 1:
                renamed = someone(crowd, chance, number)
                id = ContactId(chance.choice(list(known)))
                kept = tuple(replace(a, contact_id=id) for a in renamed.addresses)
                await crowd.apply(contacts=(replace(renamed, id=id, addresses=kept),))
            case _:
                gone = chance.choice(list(known))
                del known[gone]
                await crowd.apply(deleted={"contacts": (gone,)})
    await compare(crowd)

    def indexed(reading: Reading) -> list[tuple[object, ...]]:
        return reading.all(
            "select (select count(*) from people), (select count(*) from people_names)"
        )

    assert await crowd.store._database.read(indexed) == [(len(known), len(known))]
    await crowd.store.feed.forget_everything()
    assert await crowd.store._database.read(indexed) == [(0, 0)]
    await crowd.apply(contacts=(someone(crowd, chance, 1),))
    await compare(crowd)


async def test_few_are_looked_up_instead_of_walking_the_page(
    crowd: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "NEAR", 5)
    walks: list[int] = []
    walked = people._walked

    def noted(reading: Reading, wanted: Any, after: Any, limit: int, most: int) -> Any:
        walks.append(most)
        return walked(reading, wanted, after, limit, most)

    monkeypatch.setattr(people, "_walked", noted)
    for text in ("zq yq", "oz", "q", "tidak", "0800 0123"):
        walks.clear()
        await crowd.store.contacts.page(text)
        assert walks == [5], text


async def test_a_lookup_reads_no_more_of_the_page_than_it_shows(
    crowd: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "NEAR", 5)
    said: dict[str, None] = {}

    def plans(reading: Reading) -> list[str]:
        reading._connection.set_profile(lambda sql, _: said.setdefault(sql))
        people.found(reading, ["zq", "yq"], ("", ""), 60)
        people.found(reading, ["rahma"], ("", ""), 3)
        reading._connection.set_profile(None)
        return [
            str(row[3])
            for sql in said
            for row in reading.all(f"explain query plan {sql.replace('?', '1')}")
        ]

    steps = await crowd.store._database.read(plans)
    assert "SEARCH people USING PRIMARY KEY (sort>? AND sort<?)" in steps, steps
    assert not [step for step in steps if step.startswith(("SCAN people ", "SCAN people_heads"))]


async def test_a_store_of_the_version_before_finds_everybody_before_and_after_it_is_filled(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await open_desk(path, KEY)
    chance = random.Random(2)
    await desk.apply(contacts=tuple(someone(desk, chance, n) for n in range(PEOPLE)))
    await desk.store.close()
    connection = _connect(path, KEY, readonly=False)
    undo_people(connection)
    connection.pragma("user_version", 8)
    connection.close()
    monkeypatch.setattr(people, "NEAR", 5)
    desk.store = await Store.open(path, KEY)
    assert desk.store._filling is not None
    desk.store._filling.cancel()
    await desk.apply(contacts=(someone(desk, chance, PEOPLE),))
    await compare(desk)
    await desk.store.close()
    desk.store = await Store.open(path, KEY)
    assert desk.store._filling is not None
    await desk.store._filling
    assert not await desk.store._database.read(people.has_unnumbered)
    await compare(desk)
    await desk.store.close()
