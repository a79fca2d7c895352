"""The thread: intents laid over the server's rows, a page at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from console.domain.content import content_from
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
_LONGEST_QUOTE = 300


def _message(row: Row) -> Message:
    return Message(
        id=MessageId(row[0]),
        conversation_id=ConversationId(row[1]),
        direction=Direction(row[2]),
        content=content_from(row[3], row[4], json.loads(row[5]), json.loads(row[6])),
        timestamp=moment_of(row[7]),
        status=None if row[8] is None else Status(row[8]),
        version=row[9],
        sid=row[10],
        sent_by=None if row[11] is None else ProfileId(row[11]),
        error_code=row[12],
        error_text=row[13],
        automatic=bool(row[14]),
        local=bool(row[15]),
        waiting=row[16],
        upload=row[17],
        rule=row[21],
    )


def _names(reading: Reading, messages: Sequence[Message]) -> dict[str, str]:
    wanted = {message.sent_by for message in messages if message.sent_by is not None}
    return {
        id: name
        for id in wanted
        if (name := reading.value("select name from profiles where id = ?", id)) is not None
    }


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
        sender = reading.value(
            "select case when name <> '' then name else address end from listing"
            " where conversation_id = ?",
            message.conversation_id,
        )
    else:
        sender = reading.value("select name from profiles where id = ?", sent_by)
    return Quote(MessageId(id), sender or "", (text or "")[:_LONGEST_QUOTE])


def read_messages(reading: Reading, rows: Sequence[Row]) -> list[Message]:
    """Rows of the timeline with the names and quotes that belong to them."""
    messages = [_message(row) for row in rows]
    names = _names(reading, messages)
    return [
        replace(
            message,
            sender_name=None if message.sent_by is None else names.get(message.sent_by),
            quote=_quote(reading, message, row),
            last_try=_last_try(reading, message),
        )
        for message, row in zip(messages, rows, strict=True)
    ]


def _place(reading: Reading, message: Message) -> int:
    """Where a message stands now; one that is gone keeps the place its time gives it."""
    position = reading.value("select position from timeline where id = ?", message.id)
    return int(position) if position is not None else position_of(micros(message.timestamp))


class Messages:
    """What the thread reads. Every list is oldest first."""

    def __init__(self, database: Database, wishes: Wishes) -> None:
        self._database = database
        self._wishes = wishes

    async def latest(self, conversation_id: ConversationId, limit: int = 60) -> list[Message]:
        """The newest `limit` bubbles."""

        def work(reading: Reading) -> list[Message]:
            rows = reading.all(
                f"{_SELECT} where conversation_id = ? order by position desc, id desc limit ?",
                conversation_id,
                limit,
            )
            return read_messages(reading, rows[::-1])

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
                _place(reading, oldest),
                oldest.id,
                limit,
            )
            return read_messages(reading, rows[::-1])

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
                _place(reading, newest),
                newest.id,
                limit,
            )
            return read_messages(reading, rows)

        return await self._database.read(work)

    async def get(self, message_id: MessageId) -> Message | None:
        """One bubble."""

        def work(reading: Reading) -> Message | None:
            rows = reading.all(f"{_SELECT} where id = ?", message_id)
            return read_messages(reading, rows)[0] if rows else None

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
                f"{_SELECT} where local = 0 and conversation_id = ? order by position, id limit 1",
                conversation_id,
            )
            return _message(rows[0]) if rows else None

        return await self._database.read(work)

    def want_older(self, conversation_id: ConversationId) -> None:
        """Ask for what lies before the oldest message kept here.

        It is announced as a change of the thread, also when there was nothing older.
        """
        self._wishes.want_older(conversation_id)
