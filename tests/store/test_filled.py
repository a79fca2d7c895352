"""The store that the measurements of the window fill is what the feed would have made of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from console.domain.ids import ProfileId
from console.store.database import Reading, Row
from console.store.store import Store
from tests.bench.desk.fill import Size, Story, fill
from tests.store.conftest import KEY

ME = ProfileId("00000000-0000-4000-8000-000000000001")
SHOWN = {
    "messages": "select * from messages order by rowid",
    "numbers": "select rowid, id from messages order by rowid",
    "listing": "select * from listing order by conversation_id",
    "needles": "select l.conversation_id, n.* from needles n join listing l using (row) order by 1",
    "places": "select s.filter, s.inbox_id, s.label_id, p.sort, p.key, l.conversation_id"
    " from places p join scopes s on s.id = p.scope join listing l using (row)"
    " order by 1, 2, 3, 4, 5, 6",
    "scopes": "select filter, inbox_id, label_id, conversations, unread from scopes"
    " order by 1, 2, 3",
    "names": "select rowid from names order by rowid",
    "words": "select rowid from texts where texts match 'pesanan' order by rowid",
    "all words": "select rowid from texts order by rowid",
}


def contents(reading: Reading) -> dict[str, list[Row]]:
    def columns(name: str, row: Row) -> Row:
        if name == "messages":
            return row[:-1]  # without the version
        return row[1:] if name in ("listing", "numbers") else row

    found = {name: [columns(name, row) for row in reading.all(sql)] for name, sql in SHOWN.items()}
    found["needles"] = [(row[0], *row[2:]) for row in found["needles"]]
    found["names"] = [(len(found["names"]),)]
    return found


async def opened(path: Path) -> Store:
    store = await Store.open(path, KEY)
    await store.set_me(ME)
    return store


async def test_a_filled_store_is_what_the_feed_makes(tmp_path: Path) -> None:
    story = Story(Size(200), ME, datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
    filled = await opened(tmp_path / "filled.db")
    await fill(filled, story)
    fed = await opened(tmp_path / "fed.db")
    await fed.feed.apply(story.desk())
    await fed.feed.apply(story.people(range(story.size.conversations + 1)))
    messages = tuple(story.messages(0, story.size.messages))
    await fed.feed.apply(replace(story.desk(), messages=messages))
    assert await filled._database.read(contents) == await fed._database.read(contents)
    await filled.close()
    await fed.close()
