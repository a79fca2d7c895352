"""The outbox: what the agent wants done, safe on disk before Enter returns."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from console.domain.conversation import Channel
from console.domain.delivery import ENDS, Status
from console.domain.errors import ExpectedError, RefusedError
from console.domain.files import object_path
from console.domain.ids import ConversationId, part_id
from console.domain.intents import (
    Attachment,
    Draft,
    MarkRead,
    RetryMessage,
    SendMessage,
    SettleMessage,
)
from console.store import listing
from console.store.acts import Acts
from console.store.clock import Clock
from console.store.database import Database, Writing
from console.store.drafts import draft_of, is_same, keep_draft
from console.store.files import blob_from_file
from console.store.holding import BUCKET, Holding, drop
from console.store.intents import (
    WORK,
    add_bubble,
    add_intent,
    after_everything,
    channel_of,
    marks,
    put_act,
)
from console.store.times import micros


class Outbox(Acts, Holding):
    """What the window writes. Each call returns once its intent is on disk."""

    def __init__(self, database: Database, clock: Clock, is_offline: Callable[[], bool]) -> None:
        self._database = database
        self._clock = clock
        self._is_offline = is_offline

    async def send(self, intent: SendMessage, kept: Draft | None = None) -> None:
        """Keep a reply with the bytes of its files; the thread shows it at once.

        The draft it was typed in is done with it, in the same transaction; `kept` is what of it was
        last put here, as the last keys before Enter were not. Raises ExpectedError when a file
        cannot be read, RefusedError when there is nothing to send.
        """
        if not intent.text.strip() and not intent.attachments and intent.template is None:
            raise RefusedError("empty_message", "There is nothing to send")
        now = micros(self._clock.now())

        def work(writing: Writing) -> None:
            self._send(writing, intent, kept, now)

        await self._database.write(work)

    def _send(self, writing: Writing, intent: SendMessage, kept: Draft | None, now: int) -> None:
        conversation_id = intent.conversation_id
        channel = channel_of(writing, conversation_id)
        if writing.value("select 1 from messages where id = ?", intent.id) is not None:
            return
        template = None if intent.template is None else asdict(intent.template)
        payload = json.dumps(
            {"text": intent.text, "reply_to": intent.reply_to, "template": template}
        )
        seq = add_intent(writing, "send", intent.id, conversation_id, payload, now)
        if seq is None:
            return
        self._hold(writing, seq, intent, now)
        media = self._keep_files(writing, seq, intent, channel != Channel.SMS, now)
        timestamp = after_everything(writing, conversation_id, now)
        together = channel == Channel.SMS or len(media) < 2
        groups = [media] if together else [[item] for item in media]
        for index, group in enumerate(groups):
            add_bubble(
                writing,
                part_id(intent.id, index),
                seq,
                conversation_id,
                timestamp,
                index,
                intent.text if index == 0 else "",
                group,
                intent.reply_to if index == 0 else None,
                None if template is None else {"kind": "template", "template": template},
            )
        draft = draft_of(writing, conversation_id)
        if draft is not None:
            # Files with captions follow in messages of their own: theirs must not be dropped now.
            rest = tuple(item for item in draft.attachments if item not in intent.attachments)
            if kept is not None and is_same(draft, kept):
                rest = ()
                draft = Draft(conversation_id, "", note=draft.note)
            elif draft.text.strip() == intent.text.strip():
                draft = Draft(conversation_id, "", note=draft.note)
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
                    " title = null, words = null, called = 0, parked = ?, version = ?"
                    " where seq = ?",
                    self._is_offline(),
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
        # What the agent just said of it waits before the retry in the same lane, also offline.
        said = "select 1 from intents where kind = 'settle' and target = ? and payload = 'failed'"
        failed = row is not None and (
            row[1] in {status.value for status in ENDS}
            or writing.value(said, intent.message_id) is not None
        )
        if row is None or not failed:
            raise ExpectedError(
                "This message cannot be tried again", "Only a message that failed can."
            )
        conversation_id = ConversationId(row[0])
        waiting = "select 1 from intents where kind = 'retry' and payload = ?"
        if writing.value(waiting, intent.message_id) is not None:
            return conversation_id
        seq = add_intent(writing, "retry", intent.new_id, conversation_id, intent.message_id, now)
        if seq is not None:
            timestamp = after_everything(writing, conversation_id, now)
            add_bubble(
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
            add_intent(writing, "settle", intent.message_id, conversation_id, intent.outcome, now)
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
            put_act(
                writing,
                "read",
                conversation_id,
                conversation_id,
                str(position),
                now,
                intent.message_id,
            )
            listing.refresh(writing, [conversation_id])

        await self._database.write(work)

    async def discard_all(self) -> None:
        """Drop every reply that has not left: the choice "discard" at sign-out."""

        def work(writing: Writing) -> None:
            rows = writing.all("select seq, conversation_id from intents where kind <> 'draft'")
            for seq, conversation_id in rows:
                drop(writing, seq, conversation_id)

        await self._database.write(work)

    async def pending(self) -> int:
        """How many replies, notes and answers the server has not confirmed, refused ones too."""
        return await self._database.read(
            lambda reading: int(
                reading.value(
                    f"select count(*) from intents where kind in ({marks(WORK)})"  # noqa: S608 - our own words only
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
