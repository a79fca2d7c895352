"""The thread: intents laid over the server's rows, a page at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from console.domain.content import Content, Event, Kind, content_from
from console.domain.delivery import Direction, Status
from console.domain.ids import AttemptId, ConversationId, MessageId, ProfileId
from console.domain.message import Attempt, Message, Quote
from console.store.bus import Wishes
from console.store.database import Database, Reading, Row
from console.store.times import micros, moment_of, position_of

# `position` must be among what is selected: SQLite then walks the view's indexes in that order
# instead of sorting the thread.
_SELECT = (
    "select id, conversation_id, direction, message_type, content, media, metadata, timestamp,"
    " status, version, sid, sent_by, error_code, error_text, automatic, local, waiting, upload,"
    " reply_to, quoted_sid, position, rule from timeline"
)
_CUSTOMER = (
    "select case when name <> '' then name else address end from listing where conversation_id = ?"
)
_LONGEST_QUOTE = 300
KEPT = 512  # messages


def _content(row: Row) -> Content:
    metadata = json.loads(row[6])
    content = content_from(row[3], row[4], json.loads(row[5]), metadata)
    if content.kind is Kind.NOTE:
        return replace(content, mentions=tuple(metadata.get("mentions") or ()))
    if content.kind is Kind.EVENT:
        event = metadata.get("event") or {}
        happened = Event(str(event.get("kind") or ""), None, event.get("data") or {})
        return replace(content, event=happened)
    return content


def _message(row: Row, sender: str | None = None) -> Message:
    content = _content(row)
    if content.event is not None and sender is not None:
        content = replace(content, event=replace(content.event, actor_name=sender))
    return Message(
        id=MessageId(row[0]),
        conversation_id=ConversationId(row[1]),
        direction=Direction(row[2]),
        content=content,
        timestamp=moment_of(row[7]),
        status=None if row[8] is None else Status(row[8]),
        version=row[9],
        sid=row[10],
        sent_by=None if row[11] is None else ProfileId(row[11]),
        sender_name=sender,
        error_code=row[12],
        error_text=row[13],
        automatic=bool(row[14]),
        local=bool(row[15]),
        waiting=row[16],
        upload=row[17],
        rule=row[21],
    )


def _names(reading: Reading, rows: Sequence[Row]) -> dict[str, str]:
    """Who sent or did what, by the senders' ids; the customers by those of their conversations."""
    senders = {row[11] for row in rows if row[11] is not None}
    names = {id: reading.value("select name from profiles where id = ?", id) for id in senders}
    for id in {row[1] for row in rows if row[2] == Direction.INBOUND}:
        names[id] = reading.value(_CUSTOMER, id)
    return {id: name for id, name in names.items() if name is not None}


def _sender(row: Row) -> str:
    """Under which of those ids the sender's name is."""
    return str(row[1] if row[2] == Direction.INBOUND else row[11])


_ATTEMPT = (
    "select id, message_id, started_at, finished_at, outcome, http_status, error_code, words"
    " from attempts where message_id = ?"
)


def _attempt(row: Row) -> Attempt:
    return Attempt(
        id=AttemptId(row[0]),
        message_id=MessageId(row[1]),
        started_at=moment_of(row[2]),
        finished_at=moment_of(row[3]),
        outcome=row[4],
        http_status=row[5],
        error_code=row[6],
        words=row[7],
    )


def _last_try(reading: Reading, message: Message) -> Attempt | None:
    """Why a queued reply waits, if it was tried already."""
    if message.status is not Status.QUEUED or message.local:
        return None
    row = reading.one(f"{_ATTEMPT} order by started_at desc, id desc limit 1", message.id)
    return _attempt(row) if row is not None and row[4] == "retry" else None


def _quote(reading: Reading, message: Message, row: Row) -> Quote | None:
    reply_to, quoted_sid, metadata = row[18], row[19], row[6]
    if reply_to is None and quoted_sid is None:
        return None
    found = None
    columns = "select id, content, direction, sent_by from"
    if reply_to is not None:
        found = reading.one(f"{columns} timeline where id = ?", reply_to)
    if found is None and quoted_sid is not None:
        found = reading.one(f"{columns} messages where sid = ?", quoted_sid)
    if found is None:
        known: Any = json.loads(metadata).get("quoted") or {}
        return Quote(None, str(known.get("sender") or ""), "")
    id, text, direction, sent_by = found
    if direction == Direction.INBOUND:
        sender = reading.value(_CUSTOMER, message.conversation_id)
    else:
        sender = reading.value("select name from profiles where id = ?", sent_by)
    return Quote(MessageId(id), sender or "", (text or "")[:_LONGEST_QUOTE])


def _stood(reading: Reading, message: Message) -> tuple[int, str]:
    """Where a message stood when it was read, wherever it is now: an end of what one knows."""
    row = reading.one("select position, timestamp from timeline where id = ?", message.id)
    known = micros(message.timestamp)
    position = int(row[0]) if row is not None and row[1] == known else position_of(known)
    return position, message.id


def _from(reading: Reading, message: Message) -> tuple[int, str]:
    """Where to begin so that also a message that has moved up since is among what follows."""
    position = reading.value("select position from timeline where id = ?", message.id)
    stood = _stood(reading, message)
    return stood if position is None else min(stood, (int(position), message.id))


def _place_at(
    reading: Reading, conversation_id: ConversationId, at: MessageId | datetime
) -> tuple[int, str] | None:
    """The place of a bubble or a moment; None where we do not have that part of the thread."""
    if not isinstance(at, datetime):
        row = reading.one(
            "select position, id from timeline where id = ? and conversation_id = ?",
            at,
            conversation_id,
        )
        return None if row is None else (int(row[0]), str(row[1]))
    position = position_of(micros(at))
    has_start = reading.value(
        "select 1 from history where conversation_id = ? and complete", conversation_id
    )
    oldest = reading.value(
        "select position from timeline where conversation_id = ? order by position limit 1",
        conversation_id,
    )
    if has_start is None and (oldest is None or oldest > position):
        return None
    return position, ""


def read_messages(reading: Reading, where: str, *values: object) -> list[Message]:
    """Bubbles without what they quote; `where` is our own SQL, and orders them."""
    rows = reading.all(f"{_SELECT}{where}", *values)
    names = _names(reading, rows)
    return [_message(row, names.get(_sender(row))) for row in rows]


class Messages:
    """What the thread reads. Every list is oldest first."""

    def __init__(self, database: Database, wishes: Wishes) -> None:
        self._database = database
        self._wishes = wishes
        # A thread is read again whenever something in it changes, and most of it is as it was.
        self._message = lru_cache(KEPT)(_message)

    def _read(self, reading: Reading, rows: Sequence[Row]) -> list[Message]:
        """Rows of the timeline with the names and quotes that belong to them."""
        names = _names(reading, rows)
        found = []
        for row in rows:
            message = self._message(row, names.get(_sender(row)))
            quote, tried = _quote(reading, message, row), _last_try(reading, message)
            if quote is not None or tried is not None:
                message = replace(message, quote=quote, last_try=tried)
            found.append(message)
        return found

    async def latest(
        self,
        conversation_id: ConversationId,
        limit: int = 60,
        *,
        since: Message | None = None,
        until: Message | None = None,
    ) -> list[Message]:
        """The newest `limit` bubbles; none above where `since` stood, or below `until`."""

        def work(reading: Reading) -> list[Message]:
            above = "" if since is None else " and (position, id) >= (?, ?)"
            below = "" if until is None else " and (position, id) <= (?, ?)"
            rows = reading.all(
                f"{_SELECT} where conversation_id = ?{above}{below}"
                " order by position desc, id desc limit ?",
                conversation_id,
                *(() if since is None else _from(reading, since)),
                *(() if until is None else _stood(reading, until)),
                limit,
            )
            return self._read(reading, rows[::-1])

        return await self._database.read(work)

    async def before(
        self, conversation_id: ConversationId, oldest: Message, limit: int = 60
    ) -> list[Message]:
        """The `limit` bubbles just above `oldest`."""

        def work(reading: Reading) -> list[Message]:
            rows = reading.all(
                f"{_SELECT} where conversation_id = ? and (position, id) < (?, ?)"
                " order by position desc, id desc limit ?",
                conversation_id,
                *_stood(reading, oldest),
                limit,
            )
            return self._read(reading, rows[::-1])

        return await self._database.read(work)

    async def after(
        self, conversation_id: ConversationId, newest: Message, limit: int = 60
    ) -> list[Message]:
        """The `limit` bubbles just below `newest`."""

        def work(reading: Reading) -> list[Message]:
            rows = reading.all(
                f"{_SELECT} where conversation_id = ? and (position, id) > (?, ?)"
                " order by position, id limit ?",
                conversation_id,
                *_stood(reading, newest),
                limit,
            )
            return self._read(reading, rows)

        return await self._database.read(work)

    async def around(
        self, conversation_id: ConversationId, at: MessageId | datetime, limit: int = 60
    ) -> list[Message]:
        """About `limit` bubbles around one bubble or a moment, half of them above it.

        Empty while that part of the thread is not on this machine: want_older() brings it.
        """

        def work(reading: Reading) -> list[Message]:
            place = _place_at(reading, conversation_id, at)
            if place is None:
                return []
            above = reading.all(
                f"{_SELECT} where conversation_id = ? and (position, id) < (?, ?)"
                " order by position desc, id desc limit ?",
                conversation_id,
                *place,
                limit // 2,
            )
            below = reading.all(
                f"{_SELECT} where conversation_id = ? and (position, id) >= (?, ?)"
                " order by position, id limit ?",
                conversation_id,
                *place,
                limit - len(above),
            )
            return self._read(reading, [*above[::-1], *below])

        return await self._database.read(work)

    async def get(self, message_id: MessageId) -> Message | None:
        """One bubble."""

        def work(reading: Reading) -> Message | None:
            rows = reading.all(f"{_SELECT} where id = ?", message_id)
            return self._read(reading, rows)[0] if rows else None

        return await self._database.read(work)

    async def attempts(self, message_id: MessageId) -> list[Attempt]:
        """The ledger of one message: every call to Twilio, oldest first."""

        def work(reading: Reading) -> list[Attempt]:
            rows = reading.all(f"{_ATTEMPT} order by started_at, id", message_id)
            return [_attempt(row) for row in rows]

        return await self._database.read(work)

    async def is_complete(self, conversation_id: ConversationId) -> bool:
        """True when the thread's very first message is known to be here."""
        return await self._database.read(
            lambda reading: bool(
                reading.value(
                    "select complete from history where conversation_id = ?", conversation_id
                )
            )
        )

    async def oldest(self, conversation_id: ConversationId) -> Message | None:
        """The oldest message of the thread that the server has confirmed and we hold."""

        def work(reading: Reading) -> Message | None:
            rows = reading.all(
                f"{_SELECT} where local = 0 and conversation_id = ? and message_type is not 'note'"
                " and message_type is not 'event' order by position, id limit 1",
                conversation_id,
            )
            return _message(rows[0]) if rows else None

        return await self._database.read(work)

    def want_older(self, conversation_id: ConversationId, until: datetime | None = None) -> None:
        """Ask for what lies before the oldest message kept here, as far back as `until` if given.

        Each page is announced as a change of the thread, also when there was nothing older.
        """
        self._wishes.want_older(conversation_id, until)
