"""Bringing a store of an older version into the list's orders and the index of words, bit by bit.

A new store has nothing to fill. What arrives meanwhile is placed and indexed when it is written.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable

from console.domain.errors import EnvironmentFaultError
from console.domain.ids import ConversationId
from console.store import listing, people, places, search
from console.store.database import Database, Reading, Writing
from console.store.threads import BESIDE, put_beside

log = logging.getLogger(__name__)

# Rows a transaction: some milliseconds, so that what the agent does never waits long.
ROWS = 100
_CLEARED = 2_000  # places
_TELL = 20  # pieces
_PAUSE = 0.01  # seconds between two pieces


class Filling:
    """What remains to be done is written in the rows themselves, so it goes on after any end."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(self) -> None:
        """Place the newest rows, so that the list has something to show at once."""
        if _place in await self._database.read(_due):
            await self._database.write(_place)

    async def run(self) -> None:
        """Everything that is left."""
        try:
            for step in await self._database.read(_due):
                more = True
                while more:
                    more = await self._database.write(step)
                    await asyncio.sleep(_PAUSE)
        except EnvironmentFaultError as error:
            log.warning("the index could not be filled and waits for the next start: %s", error)


def _due(reading: Reading) -> list[Callable[[Writing], bool]]:
    """The steps that have something to do: at nearly every start none, and none is written for."""
    is_due = {
        _place: places.unsorted_up_to(reading) > 0,
        _number: reading.value("select 1 from messages where rowid < ? limit 1", search.FIRST),
        _move_records: reading.value(
            f"select 1 from records where kind in ({', '.join('?' * len(BESIDE))}) limit 1",  # noqa: S608
            *BESIDE,
        ),
        people.number: people.has_unnumbered(reading),
        _clear_every: reading.value("select 1 from scopes where filter = 'every'"),
    }
    return [step for step, due in is_due.items() if due]


def _place(writing: Writing) -> bool:
    """Some rows into the list's orders, newest first; whether there are more."""
    below = places.unsorted_up_to(writing)
    if not below:
        return False
    left = listing.place(writing, below, ROWS)
    if left > 0:
        writing.run("update meta set value = ? where key = 'unsorted'", str(left))
    else:
        writing.run("delete from meta where key = 'unsorted'")
    # Whoever shows the list reads it anew now and then, not for each piece.
    writing.everything = left <= 0 or (below // ROWS) % _TELL == 0
    return left > 0


def _number(writing: Writing) -> bool:
    """Some messages into the index of words, under the numbers that they have there."""
    rows = writing.all(
        "select rowid, timestamp, conversation_id, content, media from messages"
        " where rowid < ? order by rowid limit ?",
        search.FIRST,
        ROWS,
    )
    for rowid, timestamp, conversation_id, content, media in rows:
        number = search.number_for(writing, timestamp)
        writing.run("update messages set rowid = ? where rowid = ?", number, rowid)
        text = search.searchable(content, json.loads(media))
        search.index(writing, number, conversation_id, text)
    return len(rows) == ROWS


def _move_records(writing: Writing) -> bool:
    """Some notes and events from where they lay apart into their threads."""
    from console.domain.feed import Record  # nothing else here needs the feed's rows at the start

    for kind in BESIDE:
        rows = writing.all(
            "select id, conversation_id, data from records where kind = ? limit ?", kind, ROWS
        )
        for id, conversation_id, data in rows:
            if conversation_id is not None:
                put_beside(
                    writing, Record(kind, id, ConversationId(conversation_id), json.loads(data))
                )
            writing.run("delete from records where kind = ? and id = ?", kind, id)
        if rows:
            return True
    return False


def _clear_every(writing: Writing) -> bool:
    """Some places of the scope of every conversation, which search no longer walks."""
    scope = writing.value("select id from scopes where filter = 'every'")
    if scope is None:
        return False
    left = writing.run(
        "delete from places where (scope, sort, key, row) in"
        " (select scope, sort, key, row from places where scope = ? limit ?)",
        scope,
        _CLEARED,
    )
    if left < _CLEARED:
        writing.run("delete from scopes where id = ?", scope)
    return left == _CLEARED
