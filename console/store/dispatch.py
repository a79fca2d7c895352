"""Intents on their way to the server: which is next, how far it is, how it ended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from console.domain.changes import Refusal
from console.domain.ids import ConversationId, MessageId
from console.domain.intents import Draft
from console.store import listing
from console.store.answers import put_answer
from console.store.clock import Clock
from console.store.database import Database, Reading, Row, Writing
from console.store.drafts import draft_of
from console.store.holding import park, recheck
from console.store.intents import REPLIES, WORK, marks
from console.store.records import keep_mark
from console.store.threads import keep_note, put_messages
from console.store.times import PARTS, micros

if TYPE_CHECKING:
    from console.domain.feed import Changed, MessageFacts

# What can be called: the rest waits for the agent.
_GOING = "state in ('waiting', 'held')"
_REPLIES = f"kind in ({marks(REPLIES)})"
_NEXT = (
    "select seq, kind, target, conversation_id, payload, tries, version, code, due_at from intents"  # noqa: S608 - our own words only
    f" where conversation_id = ? and {_GOING}"
)
_NEXT_REPLY = f"{_NEXT} and {_REPLIES} order by seq limit 1"
_NEXT_MARK = f"{_NEXT} and not {_REPLIES} and due_at <= ? order by seq limit 1"
_LOOK_AGAIN = 5_000_000  # microseconds
# One wish a target, which may change while it is under way.
WISHES = ("read", "draft", "assign", "status", "label")


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
    seen: str | None = None  # whose a conversation was that is taken, empty for nobody's

    def field(self, name: str) -> Any:
        """One value of the payload, None where it has none of this name."""
        return json.loads(self.payload).get(name)

    @property
    def is_wish(self) -> bool:
        """Whether it may change while it is under way, and goes out again then."""
        return self.kind in WISHES


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
        read_up_to=MessageId(code) if kind == "read" and code is not None else None,
        draft=draft_of(reading, ConversationId(conversation_id)) if kind == "draft" else None,
        seen=code if kind == "assign" else None,
    )


class Dispatch:
    """What push reads and writes. Every state lies on the intent, so a poisoned one sinks."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._leaving: set[int] = set()

    async def lanes(self) -> list[Lane]:
        """Lanes with something due now, those that have waited longest first."""
        now = micros(self._clock.now())

        def work(reading: Reading) -> list[Lane]:
            rows = reading.all(
                # A lane of replies is blocked while its first is not due: order before speed.
                "select conversation_id, min(seq) as seq, due_at, 1 from intents"  # noqa: S608
                f" where {_GOING} and {_REPLIES} group by conversation_id having due_at <= ?1"
                " union all"
                " select conversation_id, min(seq), due_at, 0 from intents"
                f" where {_GOING} and not {_REPLIES} and due_at <= ?1"
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
        """How long until there is something to look at again; None when nothing waits.

        What is due already is on its way, or could not start just now: that is looked at again
        before long, whatever the two clocks did between one look and the other.
        """
        now = micros(self._clock.now())
        due = await self._database.read(
            lambda reading: reading.value(
                f"select min(iif(due_at > ?1, due_at, ?1 + ?2)) from intents where {_GOING}",  # noqa: S608
                now,
                _LOOK_AGAIN,
            )
        )
        return None if due is None else timedelta(microseconds=due - now)

    async def begin(self, intent: Intent, *, calling: bool) -> bool:
        """Work on a reply starts, or its call is about to be made (`calling`).

        False where the agent took it back or is asked about it meanwhile. Until the call it can be
        taken back, so files that go up for long keep nobody from it.
        """
        if intent.kind != "send":
            return True
        now = micros(self._clock.now())

        def work(writing: Writing) -> bool:
            going = writing.value(
                f"select state from intents where seq = ? and {_GOING} and due_at <= ?",  # noqa: S608 - our own words only
                intent.seq,
                now,
            )
            if going is None:
                return False
            writing.run(
                "update intents set called = max(called, ?), state = 'waiting', version = ?"
                " where seq = ?",
                calling,
                writing.version,
                intent.seq,
            )
            if going == "held":
                writing.threads.add(intent.conversation_id)
            if calling:
                self._leaving.add(intent.seq)
            return True

        return await self._database.write(work)

    async def recheck(self, only: ConversationId | None = None) -> None:
        """All is pulled, or all of one thread: hold what the agent should look at again."""
        now = micros(self._clock.now())
        await self._database.write(lambda writing: recheck(writing, now, self._leaving, only))

    async def park(self) -> None:
        """The line is down: what waits says so."""
        await self._database.write(park)

    def nothing_leaves(self) -> None:
        """No call is under way: a run of sync begins."""
        self._leaving.clear()

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

    async def confirm(
        self, intent: Intent, messages: Sequence[MessageFacts], changed: Changed | None = None
    ) -> None:
        """The server has it: its rows take the place of what stood for them, in one transaction."""

        def work(writing: Writing) -> None:
            put_messages(writing, messages)
            self._leaving.discard(intent.seq)
            if changed is None or not changed.conflict:
                self._keep(writing, intent)
            if changed is not None:
                put_answer(writing, intent.conversation_id, intent.kind, changed)
            # A wish that changed meanwhile has a newer version and goes out again.
            if intent.is_wish:
                writing.run(
                    "delete from intents where seq = ? and version = ?", intent.seq, intent.version
                )
            else:
                writing.run("delete from intents where seq = ?", intent.seq)
                writing.threads.add(intent.conversation_id)
                writing.outbox = True
            listing.refresh(writing, {intent.conversation_id} | writing.threads)

        await self._database.write(work)

    def _keep(self, writing: Writing, intent: Intent) -> None:
        """What the server has just taken: shown as its own until the feed says it."""
        id, payload = intent.conversation_id, intent.payload
        match intent.kind:
            case "read":
                writing.run(
                    "insert into reads values (?, ?, ?, ?) on conflict (conversation_id)"
                    " do update set read_at = excluded.read_at, message_id = excluded.message_id,"
                    " confirmed_at = excluded.confirmed_at",
                    id,
                    int(payload) // PARTS,
                    intent.read_up_to,
                    micros(self._clock.now()),
                )
            case "assign":
                writing.run(
                    "update conversations set assignee_id = ? where id = ?", payload or None, id
                )
            case "status":
                status = intent.field("status")
                writing.run(
                    "update conversations set status = ?1, snoozed_until = ?2, waiting_since ="
                    " case ?1 when 'resolved' then null else waiting_since end where id = ?3",
                    status,
                    intent.field("until"),
                    id,
                )
            case "label":
                keep_mark(writing, id, json.loads(payload))
            case "note":
                keep_note(writing, MessageId(intent.target))

    async def refuse(self, intent: Intent, code: str, title: str, words: str) -> None:
        """The server will not have it: the bubble shows why, and the lane goes on without it.

        A refused wish is dropped, so that everything shows what the server has; what the agent
        did to a conversation is told by Changes.refusals. Nobody waits for a mark or a draft.
        """

        def work(writing: Writing) -> None:
            self._leaving.discard(intent.seq)
            if intent.is_wish or intent.kind == "settle":
                writing.run(
                    "delete from intents where seq = ? and version = ?", intent.seq, intent.version
                )
                if intent.kind in ("assign", "status", "label"):
                    writing.refusals.append(
                        Refusal(intent.conversation_id, intent.kind, code, title, words)
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
            self._leaving.discard(intent.seq)
            first = intent.tries == 0
            writing.run(
                "update intents set tries = tries + 1, due_at = ?, upload = null,"  # noqa: S608 - our own words only
                f" version = case when kind in ({marks(WISHES)}) then version else ? end"
                " where seq = ?",
                due,
                writing.version,
                intent.seq,
            )
            if first and not intent.is_wish:
                writing.threads.add(intent.conversation_id)

        await self._database.write(work)

    async def waiting(self) -> int:
        """How many replies, notes and answers are on their way; refused ones are not."""
        return await self._database.read(
            lambda reading: int(
                reading.value(
                    f"select count(*) from intents where {_GOING} and kind in ({marks(WORK)})"  # noqa: S608
                )
            )
        )

    async def let_go(self) -> None:
        """Nothing is held any longer: the agent signs out."""
        await self._database.write(
            lambda writing: writing.run("update intents set due_at = 0 where state = 'held'")
        )

    async def hurry(self) -> None:
        """The line is back: whatever waited for it is due now."""
        await self._database.write(
            lambda writing: writing.run(
                "update intents set due_at = 0 where state = 'waiting' and tries > 0"
            )
        )
