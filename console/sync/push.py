"""Push: intents of the outbox to the server, in order within a conversation, each once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

from console.domain.changes import Link
from console.domain.conversation import ConversationStatus
from console.domain.errors import BalasError, EnvironmentFaultError, ExpectedError, RefusedError
from console.domain.feed import Changed, MessageFacts
from console.domain.ids import ConversationId, LabelId, MessageId, NoteId, ProfileId
from console.domain.intents import Draft, TemplateChoice
from console.store.dispatch import Intent, Lane, OutgoingFile
from console.store.files import PIECE
from console.store.holding import BUCKET
from console.store.store import Store
from console.store.times import moment_of
from console.sync.nudge import backoff

if TYPE_CHECKING:
    from console.remote.client import Remote

log = logging.getLogger(__name__)

# Conversations served at a time: a large upload in one must not hold up the others.
LANES = 4
_TELL_EVERY = 0.25  # seconds between two words about an upload's progress


class Push:
    """Carries intents out. What the server refuses stays with its reason; the rest is repeated.

    `look` brings one conversation up to date, where not everything is.
    """

    def __init__(
        self,
        store: Store,
        remote: Remote,
        may_call: Callable[[], bool],
        look: Callable[[ConversationId], Awaitable[None]],
        trouble: Callable[[BalasError], None],
        lane_done: Callable[[], None],
    ) -> None:
        self._store = store
        self._remote = remote
        self._may_call = may_call
        self._look = look
        self._trouble = trouble
        self._lane_done = lane_done
        self._places = asyncio.Semaphore(LANES)
        self._busy: set[Lane] = set()

    async def start_lanes(self, group: asyncio.TaskGroup) -> None:
        """Serve every lane that has something due and is not being served."""
        for lane in await self._store.dispatch.lanes():
            if lane not in self._busy:
                self._busy.add(lane)
                group.create_task(self._serve(lane), name="push")

    async def _serve(self, lane: Lane) -> None:
        try:
            async with self._places:
                while self._may_call():
                    intent = await self._store.dispatch.next(lane)
                    if intent is None or not await self._carry_out(intent):
                        return
        except EnvironmentFaultError as error:  # of the store itself, a full disk for example
            log.warning("an intent could not be noted: %s", error.title)
            await asyncio.sleep(backoff(3).total_seconds())
        finally:
            self._busy.discard(lane)
            self._lane_done()

    async def _carry_out(self, intent: Intent) -> bool:
        """One call; False when the lane must wait. A refusal does not hold up what follows."""
        try:
            answer = await self._call(intent)
        except RefusedError as refusal:
            if refusal.code == "not_failed" and intent.kind == "settle":
                log.info("the message had been settled meanwhile")
            await self._store.dispatch.refuse(
                intent, refusal.code, refusal.title, refusal.text or refusal.title
            )
            return True
        except (EnvironmentFaultError, ExpectedError) as error:
            await self._store.dispatch.postpone(intent, backoff(intent.tries))
            self._trouble(error)
            return False
        except Exception:  # a bug of ours must not lose the reply, nor stop the other lanes
            log.exception("an intent of kind %s could not be carried out", intent.kind)
            await self._store.dispatch.postpone(intent, backoff(intent.tries + 3, 300.0))
            return False
        if answer is not None:
            await self._store.dispatch.confirm(intent, *answer)
        return True

    async def _call(self, intent: Intent) -> tuple[tuple[MessageFacts, ...], Changed | None] | None:
        """What the server answers; None when the reply may no longer leave."""
        calls = self._remote.calls
        match intent.kind:
            case "send":
                sent = await self._send(intent)
                return None if sent is None else (sent, None)
            case "retry":
                return await calls.retry_message(
                    MessageId(intent.payload), MessageId(intent.target)
                ), None
            case "settle":
                return await calls.settle_message(MessageId(intent.target), intent.payload), None
            case "read" | "draft":
                await self._mirror(intent)
                return (), None
            case _:
                return (), await self._act(intent)

    async def _send(self, intent: Intent) -> tuple[MessageFacts, ...] | None:
        begin = self._store.dispatch.begin
        media: list[dict[str, Any]] = []
        if intent.files:
            if not await begin(intent, calling=False):
                return None
            media = await self._upload(intent)
        if self._may_call() and self._store.link is not Link.ONLINE:
            # A long pull is not whole yet: what is re-checked is asked for by itself.
            await self._look(intent.conversation_id)
            await self._store.dispatch.recheck(intent.conversation_id)
        if not self._may_call() or not await begin(intent, calling=True):
            return None
        template = intent.field("template")
        return await self._remote.calls.send_message(
            MessageId(intent.target),
            intent.conversation_id,
            intent.field("text"),
            media,
            intent.field("reply_to"),
            TemplateChoice(**template) if template else None,
        )

    async def _mirror(self, intent: Intent) -> None:
        """What is this agent's own: how far they have read, and what they have begun to write."""
        calls, id = self._remote.calls, intent.conversation_id
        match intent.kind:
            case "read" if intent.read_up_to is not None:
                await calls.mark_read(id, intent.read_up_to)
            case "read":
                await calls.mark_unread(id)
            case "draft":
                draft = intent.draft or Draft(id, "")
                files = [
                    {
                        "name": file.name,
                        "content_type": file.content_type,
                        "size": file.size,
                        "caption": file.caption,
                    }
                    for file in draft.attachments
                ]
                await calls.save_draft(id, draft.text, files, draft.reply_to, draft.note)

    async def _act(self, intent: Intent) -> Changed:
        calls, id = self._remote.calls, intent.conversation_id
        match intent.kind:
            case "assign" if intent.seen is not None:
                return await calls.take(id, ProfileId(intent.seen) if intent.seen else None)
            case "assign":
                return await calls.assign(id, ProfileId(intent.payload) if intent.payload else None)
            case "label" if intent.field("priority"):
                return await calls.set_priority(id, str(intent.field("priority")))
            case "label":
                label_id = LabelId(intent.field("label_id"))
                return await calls.set_label(id, label_id, bool(intent.field("on")))
            case "note":
                mentions = [ProfileId(person) for person in intent.field("mentions")]
                note_id, body = NoteId(intent.target), intent.field("body")
                return await calls.add_note(note_id, id, body, mentions)
        match intent.field("status"):
            case ConversationStatus.SNOOZED:
                return await calls.snooze(id, moment_of(int(intent.field("until"))))
            case ConversationStatus.RESOLVED:
                return await calls.resolve(id)
            case _:
                return await calls.reopen(id)

    async def _upload(self, intent: Intent) -> list[dict[str, Any]]:
        """The files into storage, those that are not there yet; what send_message wants of them."""
        total = sum(file.size for file in intent.files) or 1
        done = sum(file.size for file in intent.files if file.uploaded)
        for file in intent.files:
            if not file.uploaded:
                await self._upload_one(intent, file, done, total)
                await self._store.dispatch.uploaded(intent, file)
                done += file.size
        return [
            {
                "path": file.path,
                "content_type": file.content_type,
                "name": file.name,
                "size": file.size,
            }
            for file in intent.files
        ]

    async def _upload_one(
        self, intent: Intent, file: OutgoingFile, before: int, total: int
    ) -> None:
        await self._store.dispatch.progress(intent, before / total)
        told_at = time.monotonic()

        async def pieces() -> AsyncIterator[bytes]:
            nonlocal told_at
            for at in range(0, file.size, PIECE):
                yield await self._store.dispatch.piece(file.blob_id, at)
                now = time.monotonic()
                if now - told_at >= _TELL_EVERY:
                    told_at = now
                    gone = before + min(at + PIECE, file.size)
                    await self._store.dispatch.progress(intent, gone / total)

        await self._remote.files.upload(
            BUCKET, file.path, pieces, file.size, file.content_type, lambda _: None
        )
        await self._store.dispatch.progress(intent, (before + file.size) / total)
