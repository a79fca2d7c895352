"""Replies that have not left: held for a moment, waiting for the line, or for the agent's word."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta

from console.domain.conversation import Channel
from console.domain.ids import ConversationId, MessageId
from console.domain.intents import Attachment, Draft, SendMessage
from console.domain.window import WINDOW
from console.store import listing
from console.store.clock import Clock
from console.store.database import Database, Reading, Writing
from console.store.drafts import draft_of, keep_draft
from console.store.files import drop_unused
from console.store.times import micros

BUCKET = "attachments"
_WINDOW = WINDOW // timedelta(microseconds=1)
_LATEST = (1 << 63) - 1


class Holding:
    """Part of the outbox."""

    _database: Database
    _clock: Clock
    _is_offline: Callable[[], bool]

    def _hold(self, writing: Writing, seq: int, intent: SendMessage, now: int) -> None:
        """Note what the agent had seen, and for how long the reply can still be taken back."""
        writing.run(
            "update intents set state = ?, due_at = ?, parked = ?, seen = ? where seq = ?",
            "held" if intent.hold > 0 else "waiting",
            now + round(intent.hold * 1_000_000) if intent.hold > 0 else 0,
            self._is_offline(),
            _seen(writing, intent.conversation_id, intent.seen),
            seq,
        )

    async def take_back(self, message_id: MessageId) -> Draft | None:
        """Put a reply that has not left back into the composer; None when it has left.

        The draft as it is then, on disk already: the reply, before whatever was typed since. Of a
        template nothing comes back but the quote; of another try of a failed message nothing, for
        that message is still there.
        """
        now = micros(self._clock.now())

        def work(writing: Writing) -> Draft | None:
            row = writing.one(
                "select i.seq, i.conversation_id, i.payload, i.target, i.kind from bubbles b"
                " join intents i on i.seq = b.seq where b.id = ? and i.kind in ('send', 'retry')"
                " and (i.called = 0 or i.state = 'refused')",
                message_id,
            )
            if row is None:
                return None
            seq, conversation_id, payload, target, kind = row
            if writing.value("select 1 from messages where id = ?", target) is not None:
                return None
            thread = ConversationId(conversation_id)
            if kind == "retry":
                draft = draft_of(writing, thread) or Draft(thread, "")
            else:
                draft = _merged(writing, seq, thread, json.loads(payload))
                keep_draft(writing, draft, now)
            drop(writing, seq, thread)
            return draft

        return await self._database.write(work)

    async def release(self, message_id: MessageId) -> None:
        """Send a reply that was held for the agent's word, whatever happened meanwhile."""

        def work(writing: Writing) -> None:
            row = writing.one(
                "select i.seq, i.conversation_id from bubbles b join intents i on i.seq = b.seq"
                " where b.id = ? and i.state in ('asking', 'held')",
                message_id,
            )
            if row is None:
                return
            writing.run(
                "update intents set state = 'waiting', code = null, due_at = 0, tries = 0,"
                " parked = ?, seen = ?, version = ? where seq = ?",
                self._is_offline(),
                _seen(writing, ConversationId(row[1]), None),
                writing.version,
                row[0],
            )
            writing.outbox = True
            writing.threads.add(row[1])
            listing.refresh(writing, [row[1]])

        await self._database.write(work)

    async def discard(self, message_id: MessageId) -> None:
        """Drop a reply that has not left, with all its bubbles and files.

        A reply that the server already has is not affected.
        """

        def work(writing: Writing) -> None:
            row = writing.one(
                "select i.seq, i.conversation_id from bubbles b join intents i on i.seq = b.seq"
                " where b.id = ?",
                message_id,
            )
            if row is not None:
                drop(writing, row[0], row[1])

        await self._database.write(work)


def _merged(
    reading: Reading, seq: int, conversation_id: ConversationId, payload: dict[str, object]
) -> Draft:
    """The reply before what stands in the composer now."""
    present = draft_of(reading, conversation_id) or Draft(conversation_id, "")
    texts = ("" if payload.get("template") else str(payload["text"]), present.text)
    files = tuple(
        Attachment("", name, content_type, size, blob_id)
        for name, content_type, size, blob_id in reading.all(
            "select name, content_type, size, blob_id from files where seq = ? order by at", seq
        )
    )
    quoted = payload.get("reply_to")
    return replace(
        present,
        text="\n\n".join(text for text in texts if text),
        attachments=files + present.attachments,
        reply_to=present.reply_to if quoted is None else MessageId(str(quoted)),
    )


def drop(writing: Writing, seq: int, conversation_id: ConversationId) -> None:
    """Forget an intent with its bubbles and files."""
    blobs = writing.all("select blob_id, path from files where seq = ?", seq)
    writing.run("delete from intents where seq = ?", seq)
    for blob_id, path in blobs:
        writing.run("delete from media where bucket = ? and path = ?", BUCKET, path)
        drop_unused(writing, [blob_id])
    writing.outbox = True
    writing.threads.add(conversation_id)
    listing.refresh(writing, [conversation_id])


def _seen(reading: Reading, conversation_id: ConversationId, message_id: MessageId | None) -> int:
    """The position of the newest message of the server that the agent had before them.

    An own reply on its way says nothing about what the server has: what was there below it counts.
    """
    at = None
    if message_id is not None:
        at = reading.value("select position from timeline where id = ?", message_id)
    found = reading.value(
        "select position from messages where conversation_id = ? and position <= ?"
        " and direction in ('inbound', 'outbound') order by position desc limit 1",
        conversation_id,
        _LATEST if at is None else at,
    )
    return int(found or 0)


def recheck(
    writing: Writing, now: int, leaving: Collection[int], only: ConversationId | None
) -> None:
    """The line is back and the thread is fresh: what happened that the agent should see first?

    Replies on their way right now (`leaving`, by number) are left alone. `only`: no other thread
    is known to be fresh.
    """
    rows = writing.all(
        "select seq, conversation_id, payload, coalesce(seen, 0), parked or called from intents"
        " where kind = 'send' and state in ('waiting', 'held') order by seq"
    )
    for seq, conversation_id, payload, seen, was_kept in rows:
        if seq in leaving or only not in (None, conversation_id):
            continue
        code = _reason(
            writing, conversation_id, seen, now, bool(json.loads(payload).get("template"))
        )
        if code is None and not was_kept:
            continue
        writing.run(
            "update intents set state = case when ?1 is null then state else 'asking' end,"
            " code = ?1, parked = 0, called = 0, version = ?2 where seq = ?3",
            code,
            writing.version,
            seq,
        )
        writing.threads.add(conversation_id)
        if code is not None:
            writing.outbox = True
            listing.refresh(writing, [conversation_id])
    if only is not None:
        return
    others = "from intents where parked and kind <> 'send'"
    writing.threads.update(row[0] for row in writing.all(f"select conversation_id {others}"))
    writing.run(
        "update intents set parked = 0, version = ? where parked and kind <> 'send'",
        writing.version,
    )


def _reason(
    reading: Reading, conversation_id: ConversationId, seen: int, now: int, is_template: bool
) -> str | None:
    """Why the agent should look again before this reply leaves; None when nothing happened."""
    channel, last_inbound_at = reading.one(
        "select coalesce(i.channel, ''), c.last_inbound_at from conversations c"
        " left join inboxes i on i.id = c.inbox_id where c.id = ?",
        conversation_id,
    ) or ("", None)
    closes_at = last_inbound_at + _WINDOW if last_inbound_at is not None else 0
    if channel == Channel.WHATSAPP and not is_template and closes_at <= now:
        return "window_closed"
    newer = (
        "select 1 from messages where conversation_id = ?1 and position > ?2 and direction = ?3"
        " and not automatic and (?3 = 'inbound' or sent_by is null or sent_by is not"
        "  (select value from meta where key = 'me')) limit 1"
    )
    if reading.value(newer, conversation_id, seen, "outbound") is not None:
        return "colleague_replied"
    if reading.value(newer, conversation_id, seen, "inbound") is not None:
        return "customer_wrote"
    return None


def park(writing: Writing) -> None:
    """The line is down: what has not left says that it waits for it."""
    waits = "parked = 0 and state in ('waiting', 'held') and kind in ('send', 'retry', 'note')"
    rows = writing.all(f"select conversation_id from intents where {waits}")  # noqa: S608 - our own words only
    if rows:
        writing.threads.update(row[0] for row in rows)
        writing.run(
            f"update intents set parked = 1, version = ? where {waits}",  # noqa: S608
            writing.version,
        )
