"""The index is merged and the log emptied beside the commits, and still in time."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from console.store import upkeep
from console.store.database import Database, Reading
from console.store.upkeep import Upkeep
from tests.store.conftest import Desk
from tests.waiting import eventually

MANY = 70  # messages, one a commit: more than SQLite leaves the index alone for


async def parts(desk: Desk) -> int:
    """Of which the index of words consists."""

    def work(reading: Reading) -> int:
        return int(reading.value("select count(distinct segid) from texts_idx"))

    return await desk.store._database.read(work)


async def write(desk: Desk, count: int) -> None:
    conversation = await desk.customer("Budi", "halo")
    for number in range(count):
        await desk.apply(messages=(desk.server.inbound(conversation, f"pesan nomor {number}"),))


def file_of(desk: Desk) -> Path:
    return desk.store._database.path


async def test_nobody_waits_for_the_upkeep(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def merge(self: Upkeep, writing: object) -> None:
        begun.set()
        may_end.wait()

    monkeypatch.setattr(Upkeep, "merge", merge)
    conversation = await desk.customer("Budi", "halo")
    assert len(await desk.store.messages.latest(conversation)) == 1
    await eventually(begun.is_set)
    may_end.set()


async def test_a_commit_neither_merges_nor_empties_the_log(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Upkeep, "note", lambda *_: None)
    size = file_of(desk).stat().st_size
    await write(desk, MANY)

    def facts(reading: Reading) -> tuple[int, int]:
        merging = reading.value("select v from texts_config where k = 'automerge'")
        return int(merging), int(reading.value("pragma page_size"))

    merging, page = await desk.store._database.read(facts)
    assert merging == 0
    log = file_of(desk).with_name(f"{file_of(desk).name}-wal")
    assert log.stat().st_size > upkeep.MOST_LOGGED * page
    assert file_of(desk).stat().st_size == size


async def test_words_that_came_are_merged_soon(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await write(desk, MANY)

    async def few() -> bool:
        return await parts(desk) <= 4

    await eventually(few)
    hits = await desk.store.search.messages("pesan nomor 69")
    assert [hit.snippet for hit in hits] == ["pesan nomor 69"]


async def test_two_parts_of_a_size_become_one(desk: Desk) -> None:
    await write(desk, 2)  # and the greeting

    async def whole() -> bool:
        return await parts(desk) == 1

    await eventually(whole)


async def test_a_page_of_the_index_lies_in_a_page_of_the_file(desk: Desk) -> None:
    conversation = await desk.customer("Budi", "halo")
    rows = (desk.server.inbound(conversation, f"nomor {n:06} {n * 7919:07}") for n in range(3_000))
    await desk.apply(messages=tuple(rows))

    def overflowing(reading: Reading) -> tuple[int, int]:
        sql = "select count(*), sum(pagetype = 'overflow') from dbstat where name = 'texts_data'"
        pages, over = reading.all(sql)[0]
        return int(pages), int(over)

    pages, over = await desk.store._database.read(overflowing)
    assert pages > 20
    assert over <= 3


async def test_a_long_log_is_emptied_into_the_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "MOST_LOGGED", 20)
    size = file_of(desk).stat().st_size
    await write(desk, 3)
    await eventually(lambda: file_of(desk).stat().st_size > size)


async def test_no_commit_waits_while_the_log_is_emptied(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = threading.Event(), threading.Event()
    empty = Database._empty_log

    def slowly(self: Database) -> None:
        begun.set()
        may_end.wait()
        empty(self)

    monkeypatch.setattr(Database, "_empty_log", slowly)
    monkeypatch.setattr(upkeep, "MOST_LOGGED", 20)
    size = file_of(desk).stat().st_size
    await write(desk, 3)
    await eventually(begun.is_set)
    await write(desk, 3)
    assert file_of(desk).stat().st_size == size
    may_end.set()
    await eventually(lambda: file_of(desk).stat().st_size > size)


async def test_a_store_closes_while_its_upkeep_is_due(desk: Desk) -> None:
    await write(desk, 1)
    await desk.store.close()
    assert desk.store._database._upkeep._timer is None or (
        desk.store._database._upkeep._timer.cancelled()
    )
