"""The outbox: what the agent wants done, safe on disk before Enter returns."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from console.domain.conversation import Channel
from console.domain.delivery import ENDS, Status
from console.domain.errors import ExpectedError, RefusedError
from console.domain.files import object_path
from console.domain.ids import ConversationId, MessageId, part_id
from console.domain.intents import (
    Attachment,
    Draft,
    MarkRead,
    RetryMessage,
    SendMessage,
    SettleMessage,
)
from console.store import listing
from console.store.clock import Clock
from console.store.database import Database, Writing
from console.store.drafts import draft_of, keep_draft
from console.store.files import blob_from_file, drop_unused
from console.store.times import PARTS, micros, position_of

BUCKET = "attachments"


def _message_type(content_type: str) -> str:
    """The kind of message that carries a file of this type."""
    family = content_type.partition("/")[0]
    return family if family in ("image", "audio", "video") else "document"


def _after_everything(writing: Writing, conversation_id: ConversationId, now: int) -> int:
    """A moment that puts a new bubble below all others, however our clock disagrees."""
    newest = writing.value(
        "select max(p) from (select max(position) as p from messages where conversation_id = ?1"
        " union all select max(position) from bubbles where conversation_id = ?1)",
        conversation_id,
    )
    return now if newest is None else max(now, int(newest) // PARTS + 1)


def _add_intent(
    writing: Writing,
    kind: str,
    target: str,
    conversation_id: ConversationId,
    payload: str,
    now: int,
) -> int | None:
    """The new intent's number, or None when it is there already: asking twice is harmless."""
    added = writing.run(
        "insert or ignore into intents"
        " (kind, target, conversation_id, payload, created_at, version) values (?, ?, ?, ?, ?, ?)",
        kind,
        target,
        conversation_id,
        payload,
        now,
        writing.version,
    )
    if not added:
        return None
    writing.outbox = True
    writing.threads.add(conversation_id)
    return writing.last_id


def _add_bubble(
    writing: Writing,
    id: MessageId,
    seq: int,
    conversation_id: ConversationId,
    timestamp: int,
    part: int,
    text: str,
    media: list[dict[str, Any]],
    reply_to: MessageId | None,
) -> None:
    message_type = _message_type(media[0]["content_type"]) if media else "text"
    writing.run(
        "insert into bubbles values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        id,
        seq,
        conversation_id,
        position_of(timestamp, part),
        timestamp,
        message_type,
        text,
        json.dumps(media),
        json.dumps({"kind": message_type}),
        reply_to,
    )


class Outbox:
    """What the window writes. Each call returns once its intent is on disk."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def send(self, intent: SendMessage) -> None:
        """Keep a reply with the bytes of its files; the thread shows it at once.

        The draft it was typed in is done with it, in the same transaction. Raises ExpectedError
        when a file cannot be read, RefusedError when there is nothing to send.
        """
        if not intent.text.strip() and not intent.attachments:
            raise RefusedError("empty_message", "There is nothing to send")
        now = micros(self._clock.now())

        def work(writing: Writing) -> None:
            self._send(writing, intent, now)

        await self._database.write(work)

    def _send(self, writing: Writing, intent: SendMessage, now: int) -> None:
        conversation_id = intent.conversation_id
        known = writing.one(
            "select i.channel from conversations c left join inboxes i on i.id = c.inbox_id"
            " where c.id = ?",
            conversation_id,
        )
        if known is None:
            raise RefusedError(
                "not_found", "The conversation is gone", "It is no longer in one of your inboxes."
            )
        if writing.value("select 1 from messages where id = ?", intent.id) is not None:
            return
        payload = json.dumps({"text": intent.text, "reply_to": intent.reply_to})
        seq = _add_intent(writing, "send", intent.id, conversation_id, payload, now)
        if seq is None:
            return
        media = self._keep_files(writing, seq, intent, known[0] != Channel.SMS, now)
        timestamp = _after_everything(writing, conversation_id, now)
        if known[0] == Channel.SMS or len(media) < 2:
            groups = [media]
        else:
            groups = [[item] for item in media]
        for index, group in enumerate(groups):
            _add_bubble(
                writing,
                part_id(intent.id, index),
                seq,
                conversation_id,
                timestamp,
                index,
                intent.text if index == 0 else "",
                group,
                intent.reply_to if index == 0 else None,
            )
        draft = draft_of(writing, conversation_id)
        if draft is not None and draft.text.strip() == intent.text.strip():
            keep_draft(writing, Draft(conversation_id, ""), now)
        elif draft is not None:
            rest = tuple(item for item in draft.attachments if item not in intent.attachments)
            keep_draft(writing, replace(draft, attachments=rest), now)
        listing.refresh(writing, [conversation_id])

    def _keep_files(
        self, writing: Writing, seq: int, intent: SendMessage, one_each: bool, now: int
    ) -> list[dict[str, Any]]:
        """The files' bytes in the store, named as storage will name them, ready to be shown."""
        media = []
        for index, attachment in enumerate(intent.attachments):
            blob_id, size = _blob_of(writing, attachment)
            owner = part_id(intent.id, index) if one_each else intent.id
            path = object_path(
                intent.conversation_id, owner, 0 if one_each else index, attachment.name
            )
            writing.run(
                "insert into files values (?, ?, ?, ?, ?, ?, ?, 0)",
                seq,
                index,
                blob_id,
                path,
                attachment.name,
                attachment.content_type,
                size,
            )
            writing.run(
                "insert or replace into media values (?, ?, ?, ?, null)", BUCKET, path, blob_id, now
            )
            writing.media.add(path)
            media.append(_media_item(attachment, path, size))
        return media

    async def retry(self, intent: RetryMessage) -> None:
        """Try again: a refused reply as it was, a failed message as a new, linked one.

        Raises ExpectedError when the message is not in a state that can be tried again.
        """
        now = micros(self._clock.now())

        def work(writing: Writing) -> None:
            seq = writing.value("select seq from bubbles where id = ?", intent.message_id)
            if seq is not None:
                writing.run(
                    "update intents set state = 'waiting', tries = 0, due_at = 0, code = null,"
                    " title = null, words = null, version = ? where seq = ?",
                    writing.version,
                    seq,
                )
                writing.outbox = True
                conversation_id = writing.value(
                    "select conversation_id from intents where seq = ?", seq
                )
            else:
                conversation_id = self._retry_row(writing, intent, now)
            writing.threads.add(conversation_id)
            listing.refresh(writing, [conversation_id])

        await self._database.write(work)

    def _retry_row(self, writing: Writing, intent: RetryMessage, now: int) -> ConversationId:
        row = writing.one(
            "select conversation_id, status, content, media, reply_to from messages where id = ?",
            intent.message_id,
        )
        if row is None or row[1] not in {status.value for status in ENDS}:
            raise ExpectedError(
                "This message cannot be tried again", "Only a message that failed can."
            )
        conversation_id = ConversationId(row[0])
        waiting = "select 1 from intents where kind = 'retry' and payload = ?"
        if writing.value(waiting, intent.message_id) is not None:
            return conversation_id
        seq = _add_intent(writing, "retry", intent.new_id, conversation_id, intent.message_id, now)
        if seq is not None:
            timestamp = _after_everything(writing, conversation_id, now)
            _add_bubble(
                writing,
                intent.new_id,
                seq,
                conversation_id,
                timestamp,
                0,
                row[2] or "",
                json.loads(row[3]),
                row[4],
            )
        return conversation_id

    async def settle(self, intent: SettleMessage) -> None:
        """Keep the agent's answer, 'sent' or 'failed', for a message whose fate is uncertain."""
        if intent.outcome not in ("sent", "failed"):
            raise ValueError("the outcome is 'sent' or 'failed'")
        now = micros(self._clock.now())

        def work(writing: Writing) -> None:
            row = writing.one(
                "select conversation_id, status from messages where id = ?", intent.message_id
            )
            if row is None or row[1] != Status.UNCERTAIN.value:
                return
            conversation_id = ConversationId(row[0])
            _add_intent(writing, "settle", intent.message_id, conversation_id, intent.outcome, now)
            writing.run(
                "update messages set version = ? where id = ?", writing.version, intent.message_id
            )
            listing.refresh(writing, [conversation_id])

        await self._database.write(work)

    async def mark_read(self, intent: MarkRead) -> None:
        """This agent has seen the conversation up to a message; never goes backwards."""
        now = micros(self._clock.now())

        def work(writing: Writing) -> None:
            conversation_id = intent.conversation_id
            position = writing.value(
                "select position from messages where id = ? and conversation_id = ?",
                intent.message_id,
                conversation_id,
            )
            if position is None or position <= listing.read_up_to(writing, conversation_id):
                return
            writing.run(
                "insert into intents (kind, target, conversation_id, payload, created_at, code,"
                " version) values ('read', ?1, ?1, ?2, ?3, ?4, ?5)"
                " on conflict (kind, target) do update set payload = excluded.payload,"
                " code = excluded.code, version = excluded.version, state = 'waiting', tries = 0,"
                " due_at = 0",
                conversation_id,
                str(position),
                now,
                intent.message_id,
                writing.version,
            )
            writing.outbox = True
            listing.refresh(writing, [conversation_id])

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
                self._drop(writing, row[0], row[1])

        await self._database.write(work)

    def _drop(self, writing: Writing, seq: int, conversation_id: ConversationId) -> None:
        blobs = writing.all("select blob_id, path from files where seq = ?", seq)
        writing.run("delete from intents where seq = ?", seq)
        for blob_id, path in blobs:
            writing.run("delete from media where bucket = ? and path = ?", BUCKET, path)
            drop_unused(writing, [blob_id])
        writing.outbox = True
        writing.threads.add(conversation_id)
        listing.refresh(writing, [conversation_id])

    async def discard_all(self) -> None:
        """Drop every reply that has not left: the choice "discard" at sign-out."""

        def work(writing: Writing) -> None:
            rows = writing.all("select seq, conversation_id from intents where kind <> 'draft'")
            for seq, conversation_id in rows:
                self._drop(writing, seq, conversation_id)

        await self._database.write(work)

    async def pending(self) -> int:
        """How many replies, retries and answers the server has not confirmed, refused ones too."""
        return await self._database.read(
            lambda reading: int(
                reading.value(
                    "select count(*) from intents where kind in ('send', 'retry', 'settle')"
                )
            )
        )


def _blob_of(writing: Writing, attachment: Attachment) -> tuple[int, int]:
    """The blob and the size of a file that the draft brought along, or that is read now."""
    if attachment.kept is None:
        return blob_from_file(writing, attachment.path)
    size = writing.value("select size from blobs where id = ? and complete = 1", attachment.kept)
    if size is None:
        raise ExpectedError(
            "The file cannot be read",
            attachment.name,
            fix="Remove the file from the reply, or attach it again.",
        )
    return attachment.kept, size


def _media_item(attachment: Attachment, path: str, size: int) -> dict[str, Any]:
    return {
        "bucket": BUCKET,
        "path": path,
        "content_type": attachment.content_type,
        "name": attachment.name,
        "size": size,
        "state": "pending",
    }
