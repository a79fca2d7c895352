"""Intents on their way to the server: which is next, how far it is, how it ended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from console.domain.feed import MessageFacts
from console.domain.ids import ConversationId, MessageId
from console.domain.intents import Draft
from console.store import listing
from console.store.clock import Clock
from console.store.database import Database, Reading, Row, Writing
from console.store.drafts import draft_of
from console.store.feed import put_messages
from console.store.times import PARTS, micros

_NEXT_REPLY = """
select seq, kind, target, conversation_id, payload, tries, version, code, due_at from intents
where conversation_id = ? and state = 'waiting' and kind in ('send', 'retry', 'settle')
order by seq limit 1
"""
_NEXT_MARK = """
select seq, kind, target, conversation_id, payload, tries, version, code, due_at from intents
where conversation_id = ? and state = 'waiting' and kind in ('read', 'draft') and due_at <= ?
order by seq limit 1
"""


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """One file of an intent; `path` is its place in the bucket, `size` in bytes."""

    at: int
    blob_id: int
    path: str
    name: str
    content_type: str
    size: int
    uploaded: bool


@dataclass(frozen=True, slots=True)
class Intent:
    """One call to make. `version` tells whether it changed while the call was under way."""

    seq: int
    kind: str
    target: str
    conversation_id: ConversationId
    payload: str
    tries: int
    version: int
    files: tuple[OutgoingFile, ...] = ()
    read_up_to: MessageId | None = None
    draft: Draft | None = None

    def field(self, name: str) -> Any:
        """One value of a reply's payload."""
        return json.loads(self.payload)[name]


@dataclass(frozen=True, slots=True)
class Lane:
    """Intents that leave one after the other: the replies, or the marks, of a conversation."""

    conversation_id: ConversationId
    replies: bool


def _file(row: Row) -> OutgoingFile:
    at, blob_id, path, name, content_type, size, uploaded = row
    return OutgoingFile(at, blob_id, path, name, content_type, size, bool(uploaded))


def _intent(reading: Reading, row: Row) -> Intent:
    seq, kind, target, conversation_id, payload, tries, version, code = row
    files = reading.all(
        "select at, blob_id, path, name, content_type, size, uploaded from files where seq = ?"
        " order by at",
        seq,
    )
    return Intent(
        seq=seq,
        kind=kind,
        target=target,
        conversation_id=ConversationId(conversation_id),
        payload=payload,
        tries=tries,
        version=version,
        files=tuple(_file(file) for file in files),
        read_up_to=MessageId(code) if kind == "read" else None,
        draft=draft_of(reading, ConversationId(conversation_id)) if kind == "draft" else None,
    )


class Dispatch:
    """What push reads and writes. Every state lies on the intent, so a poisoned one sinks."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def lanes(self) -> list[Lane]:
        """Lanes with something due now, those that have waited longest first."""
        now = micros(self._clock.now())

        def work(reading: Reading) -> list[Lane]:
            rows = reading.all(
                # A lane of replies is blocked while its first is not due: order before speed.
                "select conversation_id, min(seq) as seq, due_at, 1 from intents"
                " where state = 'waiting' and kind in ('send', 'retry', 'settle')"
                " group by conversation_id having due_at <= ?1"
                " union all"
                " select conversation_id, min(seq), due_at, 0 from intents"
                " where state = 'waiting' and kind in ('read', 'draft') and due_at <= ?1"
                " group by conversation_id order by seq",
                now,
            )
            return [Lane(ConversationId(row[0]), bool(row[3])) for row in rows]

        return await self._database.read(work)

    async def next(self, lane: Lane) -> Intent | None:
        """The lane's first intent if it is due, else None. Marks do not wait for each other."""
        now = micros(self._clock.now())

        def work(reading: Reading) -> Intent | None:
            if lane.replies:
                row = reading.one(_NEXT_REPLY, lane.conversation_id)
            else:
                row = reading.one(_NEXT_MARK, lane.conversation_id, now)
            return None if row is None or row[8] > now else _intent(reading, row[:8])

        return await self._database.read(work)

    async def next_due(self) -> timedelta | None:
        """How long until something postponed is due; None when nothing is postponed."""
        now = micros(self._clock.now())
        due = await self._database.read(
            lambda reading: reading.value(
                "select min(due_at) from intents where state = 'waiting' and due_at > ?", now
            )
        )
        return None if due is None else timedelta(microseconds=max(0, due - now))

    async def piece(self, blob_id: int, at: int) -> bytes:
        """The piece of a file that starts at byte `at`, at most 256 KiB; empty at the end."""
        found = await self._database.read(
            lambda reading: reading.value(
                "select bytes from chunks where blob_id = ? and at = ?", blob_id, at
            )
        )
        return bytes(found or b"")

    async def progress(self, intent: Intent, fraction: float) -> None:
        """Show how far the files are: 0..1."""

        def work(writing: Writing) -> None:
            if writing.run(
                "update intents set upload = ?, version = ? where seq = ?",
                min(max(fraction, 0.0), 1.0),
                writing.version,
                intent.seq,
            ):
                writing.threads.add(intent.conversation_id)

        await self._database.write(work)

    async def uploaded(self, intent: Intent, file: OutgoingFile) -> None:
        """This file is in storage and need not go up again."""
        await self._database.write(
            lambda writing: writing.run(
                "update files set uploaded = 1 where seq = ? and at = ?", intent.seq, file.at
            )
        )

    async def confirm(self, intent: Intent, messages: Sequence[MessageFacts]) -> None:
        """The server has it: its rows take the place of the bubbles in one transaction."""

        def work(writing: Writing) -> None:
            put_messages(writing, messages)
            if intent.kind == "read":
                self._keep_read(writing, intent)
            # A mark or a draft that changed meanwhile has a newer version and goes out again.
            if intent.kind in ("read", "draft"):
                writing.run(
                    "delete from intents where seq = ? and version = ?", intent.seq, intent.version
                )
            else:
                writing.run("delete from intents where seq = ?", intent.seq)
                writing.threads.add(intent.conversation_id)
                writing.outbox = True
            listing.refresh(writing, {intent.conversation_id} | writing.threads)

        await self._database.write(work)

    def _keep_read(self, writing: Writing, intent: Intent) -> None:
        writing.run(
            "insert into reads values (?, ?, ?) on conflict (conversation_id) do update set"
            " read_at = excluded.read_at, message_id = excluded.message_id"
            " where excluded.read_at > read_at",
            intent.conversation_id,
            int(intent.payload) // PARTS,
            intent.read_up_to,
        )

    async def refuse(self, intent: Intent, code: str, title: str, words: str) -> None:
        """The server will not have it: the bubble shows why, and the lane goes on without it.

        A refused mark or draft is dropped: nobody waits for it.
        """

        def work(writing: Writing) -> None:
            if intent.kind in ("read", "draft", "settle"):
                writing.run(
                    "delete from intents where seq = ? and version = ?", intent.seq, intent.version
                )
                writing.run(
                    "update messages set version = ? where id = ?", writing.version, intent.target
                )
            else:
                writing.run(
                    "update intents set state = 'refused', code = ?, title = ?, words = ?,"
                    " upload = null, version = ? where seq = ?",
                    code,
                    title,
                    words,
                    writing.version,
                    intent.seq,
                )
            writing.threads.add(intent.conversation_id)
            writing.outbox = True
            listing.refresh(writing, [intent.conversation_id])

        await self._database.write(work)

    async def postpone(self, intent: Intent, delay: timedelta) -> None:
        """Try again after `delay`; the bubble says that it waits for the line."""
        due = micros(self._clock.now() + delay)

        def work(writing: Writing) -> None:
            first = intent.tries == 0
            writing.run(
                "update intents set tries = tries + 1, due_at = ?, upload = null,"
                " version = case when kind in ('read', 'draft') then version else ? end"
                " where seq = ?",
                due,
                writing.version,
                intent.seq,
            )
            if first and intent.kind not in ("read", "draft"):
                writing.threads.add(intent.conversation_id)

        await self._database.write(work)

    async def waiting(self) -> int:
        """How many replies, retries and answers are on their way; refused ones are not."""
        return await self._database.read(
            lambda reading: int(
                reading.value(
                    "select count(*) from intents where state = 'waiting'"
                    " and kind in ('send', 'retry', 'settle')"
                )
            )
        )

    async def hurry(self) -> None:
        """The line is back: whatever waited for it is due now."""
        await self._database.write(
            lambda writing: writing.run(
                "update intents set due_at = 0 where state = 'waiting' and tries > 0"
            )
        )
