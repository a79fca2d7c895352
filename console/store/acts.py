"""What agents do to conversations: seen at once, taken back where the server refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from console.domain.conversation import ConversationStatus
from console.domain.errors import RefusedError
from console.domain.ids import ConversationId
from console.domain.intents import (
    AddNote,
    Assign,
    Reopen,
    Resolve,
    SetLabel,
    SetPriority,
    Snooze,
    Take,
)
from console.store import listing
from console.store.clock import Clock
from console.store.database import Database, Writing
from console.store.drafts import draft_of, keep_draft
from console.store.intents import add_bubble, add_intent, after_everything, channel_of, put_act
from console.store.times import micros


class Acts:
    """Part of the outbox. The last wish for a thing is the one that counts, however many."""

    _database: Database
    _clock: Clock
    _is_offline: Callable[[], bool]

    async def assign(self, intent: Assign) -> None:
        """Give the conversation to somebody, or to nobody."""
        id = intent.conversation_id
        await self._act("assign", id, id, intent.assignee_id or "")

    async def take(self, intent: Take) -> None:
        """Give the conversation to this agent, unless a colleague turns out to have it."""
        id = intent.conversation_id
        await self._act("assign", id, id, intent.assignee_id, intent.seen or "")

    async def snooze(self, intent: Snooze) -> None:
        """Put the conversation away until a moment."""
        await self._become(intent.conversation_id, ConversationStatus.SNOOZED, micros(intent.until))

    async def resolve(self, intent: Resolve) -> None:
        """The conversation is done."""
        await self._become(intent.conversation_id, ConversationStatus.RESOLVED)

    async def reopen(self, intent: Reopen) -> None:
        """Bring the conversation back."""
        await self._become(intent.conversation_id, ConversationStatus.OPEN)

    async def label(self, intent: SetLabel) -> None:
        """Put a label on, or take it off."""
        payload = json.dumps({"label_id": intent.label_id, "on": intent.on})
        id = intent.conversation_id
        await self._act("label", f"{id}:{intent.label_id}", id, payload)

    async def prioritise(self, intent: SetPriority) -> None:
        """Say how urgent the conversation is.

        An intent of the kind `label`, as what else stands on a conversation; its target and its
        payload name no label.
        """
        id = intent.conversation_id
        await self._act("label", f"{id}:priority", id, json.dumps({"priority": intent.priority}))

    async def mark_unread(self, conversation_id: ConversationId) -> None:
        """The customer's last message counts as unread again, for this agent."""
        now = micros(self._clock.now())

        def work(writing: Writing) -> None:
            last = writing.value(
                "select max(position) from messages where conversation_id = ?"
                " and direction = 'inbound'",
                conversation_id,
            )
            if last is None or listing.read_up_to(writing, conversation_id) < last:
                return
            put_act(writing, "read", conversation_id, conversation_id, str(last - 1), now)
            listing.refresh(writing, [conversation_id])

        await self._database.write(work)

    async def note(self, intent: AddNote) -> None:
        """Write a note; it stands in the thread at once. The draft of it is done with.

        Raises RefusedError when it is empty.
        """
        if not intent.body.strip():
            raise RefusedError("empty_message", "There is nothing to note")
        now = micros(self._clock.now())

        def work(writing: Writing) -> None:
            conversation_id = intent.conversation_id
            channel_of(writing, conversation_id)
            if writing.value("select 1 from messages where id = ?", intent.id) is not None:
                return
            mentions = list(intent.mentions)
            payload = json.dumps({"body": intent.body, "mentions": mentions})
            seq = add_intent(writing, "note", intent.id, conversation_id, payload, now)
            if seq is None:
                return
            writing.run("update intents set parked = ? where seq = ?", self._is_offline(), seq)
            at = after_everything(writing, conversation_id, now)
            shown = {"kind": "note", "mentions": mentions}
            add_bubble(
                writing, intent.id, seq, conversation_id, at, 0, intent.body, [], None, shown
            )
            draft = draft_of(writing, conversation_id)
            if draft is not None and draft.note.strip() == intent.body.strip():
                keep_draft(writing, replace(draft, note=""), now)
            listing.refresh(writing, [conversation_id])

        await self._database.write(work)

    async def _become(
        self, id: ConversationId, status: ConversationStatus, until: int | None = None
    ) -> None:
        await self._act("status", id, id, json.dumps({"status": status.value, "until": until}))

    async def _act(
        self,
        kind: str,
        target: str,
        conversation_id: ConversationId,
        payload: str,
        code: str | None = None,
    ) -> None:
        now = micros(self._clock.now())

        def work(writing: Writing) -> None:
            channel_of(writing, conversation_id)
            put_act(writing, kind, target, conversation_id, payload, now, code)
            listing.refresh(writing, [conversation_id])

        await self._database.write(work)
