"""The open thread and the page beside it are read at the same time, in every order of answers."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from console.domain.changes import Changes
from console.domain.feed import MessageFacts, OlderPage
from console.domain.ids import ConversationId, MessageId
from console.store.store import Store
from console.ui.errors import Errors
from console.ui.models.thread import PAGE, ThreadModel
from console.ui.tasks import TaskScope
from tests.store.conftest import NOON, Desk, open_desk
from tests.waiting import eventually


class Gates:
    """The store's messages; what a read has found waits behind its gate."""

    def __init__(self, store: Store) -> None:
        self._messages = store.messages
        self._open = asyncio.Event()
        self._open.set()
        self.shut: set[str] = set()
        self.waiting: list[str] = []

    def close(self, *names: str) -> None:
        self.shut = set(names)
        self._open.clear()

    def open(self) -> None:
        self.shut.clear()
        self._open.set()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        read = getattr(self._messages, name)

        async def gated(*asked: object, **more: object) -> object:
            found = await read(*asked, **more)
            if name in self.shut:
                self.waiting.append(name)
                await self._open.wait()
                self.waiting.remove(name)
            return found

        return read if name == "want_older" else gated


class Reader:
    """A thread of numbered messages, one a minute, and the model that shows it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.gates = Gates(desk.store)
        self.errors = Errors()
        self.told: list[str] = []
        self.errors.told.connect(lambda _, text: self.told.append(text))
        self.tasks = TaskScope(self.errors)
        self.firsts = 0
        self.id = ConversationId("")
        self.facts: dict[int, MessageFacts] = {}

    async def begin(self, count: int, unread: int = 0) -> None:
        store = self.desk.store
        self.id = await self.desk.customer("Budi")
        await self.put(*range(count))
        row = await store.conversations.get(self.id)
        assert row is not None
        self.model = ThreadModel(cast(Store, SimpleNamespace(messages=self.gates)), self.tasks)
        self.model.changed.connect(self._on_changed)
        store.changes.subscribe(self._on_changes)
        self.model.open(replace(row, unread=unread))

    def _on_changed(self, first: bool) -> None:
        self.firsts += first
        ids = [message.id for message in self.model.messages]
        assert len(ids) == len(set(ids))

    def _on_changes(self, changes: Changes) -> None:
        if self.id in changes.threads:
            self.model.reload()

    async def put(self, *numbers: int, at: datetime | None = None) -> None:
        """Messages with their number as text; with `at`, moved there."""
        server, made = self.desk.server, []
        for number in numbers:
            known = self.facts.get(number) or server.inbound(self.id, f"{number}")
            stands = at or (
                known.timestamp if number in self.facts else NOON + timedelta(minutes=number)
            )
            self.facts[number] = replace(known, timestamp=stands, updated_at=server.tick())
            made.append(self.facts[number])
        await self.desk.apply(messages=tuple(made))

    async def change(self, number: int, text: str) -> None:
        self.facts[number] = replace(self.facts[number], content=text)
        await self.put(number)

    async def drop(self, *numbers: int) -> None:
        ids = tuple(self.facts.pop(number).id for number in numbers)
        await self.desk.apply(deleted={"messages": ids})

    def shown(self) -> list[str]:
        return [message.content.text for message in self.model.messages]

    async def shows(self, first: int, last: int) -> None:
        wanted = [f"{number}" for number in range(first, last + 1)]
        await eventually(lambda: self.shown() == wanted)

    async def held(self, name: str) -> None:
        """Wait until a read of that name waits behind its gate."""
        await eventually(lambda: name in self.gates.waiting)


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[Reader]:
    desk = await open_desk(tmp_path / "store.db")
    made = Reader(desk)
    yield made
    made.gates.open()
    made.tasks.close()
    await made.tasks.settle()
    await desk.store.close()
    assert made.told == []


async def test_a_new_message_does_not_wait_for_a_slow_page_and_the_page_still_comes(
    reader: Reader,
) -> None:
    await reader.begin(150)
    await reader.shows(90, 149)
    reader.gates.close("before")
    reader.model.older()
    await reader.held("before")
    await reader.put(150)
    await reader.shows(90, 150)
    reader.gates.open()
    await reader.shows(30, 150)


async def test_a_page_stays_where_it_came_while_the_window_was_being_read_again(
    reader: Reader,
) -> None:
    await reader.begin(150)
    await reader.shows(90, 149)
    reader.gates.close("latest")
    await reader.put(150)
    await reader.held("latest")
    reader.model.older()
    await reader.shows(30, 149)
    reader.gates.open()
    await reader.shows(30, 150)


async def test_what_changed_on_a_page_while_it_was_read_is_shown(reader: Reader) -> None:
    await reader.begin(150)
    await reader.shows(90, 149)
    reader.gates.close("before")
    reader.model.older()
    await reader.held("before")
    await reader.change(50, "ubah")
    await reader.drop(51)
    reader.gates.open()
    await eventually(lambda: "ubah" in reader.shown())
    assert "51" not in reader.shown()
    assert len(reader.shown()) == 2 * PAGE - 1


async def test_what_moves_from_the_page_into_the_window_stands_there_once(reader: Reader) -> None:
    await reader.begin(150)
    await reader.shows(90, 149)
    reader.gates.close("before")
    reader.model.older()
    await reader.held("before")
    await reader.put(60, at=NOON + timedelta(minutes=120, seconds=30))
    await eventually(lambda: "60" in reader.shown())
    reader.gates.open()
    order = [*range(30, 60), *range(61, 121), 60, *range(121, 150)]
    await eventually(lambda: reader.shown() == [f"{number}" for number in order])


async def test_the_uppermost_message_may_move_down_up_or_go(reader: Reader) -> None:
    await reader.begin(150)
    await reader.shows(90, 149)
    await reader.put(90, at=NOON + timedelta(minutes=140, seconds=30))
    order = [*range(91, 141), 90, *range(141, 150)]
    await eventually(lambda: reader.shown() == [f"{number}" for number in order])
    await reader.put(91, at=NOON + timedelta(minutes=85, seconds=30))
    order = [*range(86, 90), *range(92, 141), 90, *range(141, 150)]
    await eventually(lambda: reader.shown() == ["91", *(f"{number}" for number in order)])
    await reader.drop(91, 86)
    await eventually(lambda: reader.shown() == [f"{number}" for number in order[1:]])


async def test_far_above_the_window_stays_the_same_stretch_when_its_ends_go_or_move(
    reader: Reader,
) -> None:
    await reader.begin(400)
    await reader.shows(340, 399)
    reader.model.show_around(reader.facts[150].id)
    await reader.shows(90, 209)
    await reader.drop(90, 209)
    await reader.shows(91, 208)
    await reader.put(91, at=NOON + timedelta(minutes=300, seconds=30))
    await reader.put(208, at=NOON + timedelta(minutes=10, seconds=30))
    await reader.shows(92, 207)
    await reader.change(150, "ubah")
    await eventually(lambda: "ubah" in reader.shown())
    assert not reader.model.is_at_newest


async def test_what_comes_above_the_start_of_a_thread_is_shown(reader: Reader) -> None:
    await reader.begin(0)
    await reader.put(10, 11)
    await reader.shows(10, 11)
    await reader.desk.store.feed.apply_older(reader.id, OlderPage((), more=False))
    reader.model.older()
    await eventually(lambda: reader.model._start_reached)
    await reader.put(9)
    await reader.shows(9, 11)


async def test_a_change_does_not_end_a_jump_on_its_way(reader: Reader) -> None:
    await reader.begin(400)
    await reader.shows(340, 399)
    found: list[MessageId | None] = []
    reader.model.found.connect(found.append)
    reader.gates.close("around")
    reader.model.show_around(reader.facts[150].id)
    await reader.held("around")
    await reader.change(150, "ubah")
    reader.gates.open()
    await eventually(lambda: found == [reader.facts[150].id])
    await eventually(lambda: "ubah" in reader.shown())
    assert len(reader.shown()) == 2 * PAGE


async def test_a_change_while_a_thread_is_opened_keeps_its_line_of_the_unread(
    reader: Reader,
) -> None:
    reader.gates.close("latest")
    await reader.begin(100, unread=3)
    await reader.held("latest")
    await reader.change(98, "ubah")
    reader.gates.open()
    await eventually(lambda: "ubah" in reader.shown())
    assert reader.model.new_from == reader.facts[97].id
    assert (reader.model.new_count, reader.firsts) == (3, 1)


async def test_a_page_of_the_place_that_was_left_does_not_come_to_the_new_one(
    reader: Reader,
) -> None:
    await reader.begin(400)
    await reader.shows(340, 399)
    reader.gates.close("before")
    reader.model.older()
    await reader.held("before")
    reader.model.show_around(reader.facts[100].id)
    await reader.shows(40, 159)
    reader.gates.open()
    await reader.tasks.settle()
    await reader.shows(40, 159)
    reader.model.older()
    await reader.shows(0, 159)


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_overlaps_the_window_ends_as_the_store_has_it(
    reader: Reader, seed: int
) -> None:
    chance = random.Random(seed)
    await reader.begin(500)
    await eventually(lambda: reader.model.messages)
    newest = 500
    for _ in range(60):
        match chance.randrange(9):
            case 0:
                await reader.put(newest)
                newest += 1
            case 1:
                await reader.change(chance.choice(list(reader.facts)), f"ubah {chance.random()}")
            case 2:
                await reader.drop(chance.choice(list(reader.facts)))
            case 3:
                moved = NOON + timedelta(minutes=newest * chance.random())
                await reader.put(chance.choice(list(reader.facts)), at=moved)
            case 4:
                reader.model.newer()
            case 5 if chance.random() < 0.3:
                reader.model.show_around(chance.choice(list(reader.facts.values())).id)
            case 6 if chance.random() < 0.3:
                reader.model.to_newest()
            case 7:
                reader.gates.close(*chance.choices(("latest", "before", "after", "around"), k=2))
            case 8:
                reader.gates.open()
            case _:
                reader.model.older()
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)
    reader.gates.open()
    await reader.tasks.settle()
    whole = await reader.desk.store.messages.latest(reader.id, 10_000)
    shown = list(reader.model.messages)
    assert shown
    start = [message.id for message in whole].index(shown[0].id)
    assert shown == whole[start : start + len(shown)]
    assert not reader.model.is_at_newest or shown[-1] == whole[-1]
