"""Replies on their way out of the composer: into the outbox, and back while that can be undone."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from console.domain.errors import BalasError
from console.domain.ids import ConversationId, MessageId, new_message_id
from console.domain.intents import Attachment, Draft, SendMessage, TemplateChoice
from console.ui.errors import Errors, in_one
from console.ui.tasks import TaskScope

if TYPE_CHECKING:
    from console.store.store import Store


@dataclass(frozen=True, slots=True)
class Sent:
    """A reply that can still be taken back: its messages, and the draft or template it was."""

    ids: tuple[MessageId, ...]
    draft: Draft
    name: str
    template: TemplateChoice | None = None


def intents(draft: Draft, hold: float, seen: MessageId | None) -> list[SendMessage]:
    """The messages of a reply: the text with its files, then each file that has a caption.

    Order is kept: what stands behind a captioned file follows it. Of what is missing nothing can
    leave.
    """
    groups: list[tuple[str, list[Attachment]]] = [(draft.text.strip(), [])]
    for item in _here(draft).attachments:
        if item.caption.strip():
            groups.append((item.caption.strip(), [item]))
        elif len(groups) > 1:
            groups.append(("", [item]))
        else:
            groups[0][1].append(item)
    return [
        SendMessage(
            new_message_id(),
            draft.conversation_id,
            text,
            tuple(files),
            draft.reply_to if place == 0 else None,
            seen=seen,
            hold=hold,
        )
        for place, (text, files) in enumerate(entry for entry in groups if entry[0] or entry[1])
    ]


def _here(draft: Draft) -> Draft:
    """Without the files that are known by name alone."""
    return replace(
        draft, attachments=tuple(item for item in draft.attachments if not item.is_missing)
    )


def joined(first: Draft, second: Draft) -> Draft:
    """A reply taken back, before what has been typed since."""
    return replace(
        second,
        text="\n\n".join(text for text in (first.text, second.text) if text),
        attachments=first.attachments + second.attachments,
        reply_to=second.reply_to or first.reply_to,
    )


class Sender(QObject):
    """Each signal follows what is safe on disk."""

    sent = Signal(object)  # Sent | None: None where it cannot be undone
    refused = Signal(object, str)  # Draft that comes back, and why
    came_back = Signal(object, str)  # Draft as it is now, and whose reply it was
    template_came_back = Signal(object)  # Sent
    had_left = Signal()  # too late to undo

    def __init__(
        self, store: Store, writes: TaskScope, errors: Errors, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._writes = writes
        self._errors = errors
        self._undoable: list[Sent] = []
        self._running = 0

    @property
    def is_busy(self) -> bool:
        """A reply is on its way to the disk, or back from there."""
        return self._running > 0

    @property
    def can_undo(self) -> bool:
        return bool(self._undoable)

    @property
    def last(self) -> Sent | None:
        """What undo would take back."""
        return self._undoable[-1] if self._undoable else None

    def forget(self) -> None:
        """The time is over: what was sent stays sent."""
        self._undoable.clear()

    def send(
        self,
        draft: Draft,
        hold: float,
        seen: MessageId | None,
        name: str,
        kept: Draft | None = None,
    ) -> None:
        """Send what stands in the composer to `name`; `kept` is what of it is on disk."""
        self._run(self._send(intents(draft, hold, seen), draft, name, kept))

    def send_template(
        self,
        conversation_id: ConversationId,
        choice: TemplateChoice,
        text: str,
        hold: float,
        seen: MessageId | None,
        name: str,
    ) -> None:
        """Send an approved template to `name`; `text` is what they read."""
        intent = SendMessage(
            new_message_id(), conversation_id, text, template=choice, seen=seen, hold=hold
        )
        self._run(self._send([intent], None, name))

    def undo(self, now: Draft | None) -> None:
        """Take the last reply back. `now` is what stands in the composer, to be kept with it."""
        if self._undoable:
            self._run(self._undo(self._undoable.pop(), now))

    def take_back(self, message_id: MessageId, now: Draft | None) -> None:
        """As undo, for any reply that has not left."""
        for sent in self._undoable:
            if message_id in sent.ids:
                self._undoable.remove(sent)
                self._run(self._undo(sent, now))
                return
        self._run(self._take_back(message_id, now))

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._running += 1

        async def done() -> None:
            try:
                await work
            finally:
                self._running -= 1

        self._writes.start(done())

    async def _take_back(self, message_id: MessageId, now: Draft | None) -> None:
        if now is not None:
            await self._store.drafts.save(now)
        draft = await self._store.outbox.take_back(message_id)
        if draft is None:
            self.had_left.emit()
        else:
            self.came_back.emit(draft, "")

    async def _send(
        self,
        replies: list[SendMessage],
        draft: Draft | None,
        name: str,
        kept: Draft | None = None,
    ) -> None:
        done: list[MessageId] = []
        try:
            if draft is not None and len(replies) > 1:
                await self._store.drafts.save(_here(draft))  # files of the later ones stay kept
                kept = None
            for intent in replies:
                await self._store.outbox.send(intent, kept)
                done.append(intent.id)
        except Exception as error:
            # what is in the outbox already does not leave without the rest of the reply
            for message_id in reversed(done):
                await self._store.outbox.take_back(message_id)
            if isinstance(error, BalasError):
                self.refused.emit(draft, in_one(error))
            else:
                self._errors.tell(error)
                self.refused.emit(draft, "")
            return
        if draft is not None:
            await self._clear(draft)
        undoable = None
        first = replies[0]
        if first.hold > 0:
            was = draft or Draft(first.conversation_id, "")
            undoable = Sent(tuple(done), was, name, first.template)
            self._undoable.append(undoable)
        self.sent.emit(undoable)

    async def _clear(self, draft: Draft) -> None:
        """What was sent is no draft any more; what was typed since is another one."""
        present = await self._store.drafts.get(draft.conversation_id)
        if (
            present is not None
            and present.text.strip() == draft.text.strip()
            and set(present.attachments) <= set(draft.attachments)
        ):
            empty = replace(present, text="", attachments=(), reply_to=None)
            await self._store.drafts.save(empty)

    async def _undo(self, sent: Sent, now: Draft | None) -> None:
        here = now is not None and now.conversation_id == sent.draft.conversation_id
        if here and now is not None:
            await self._store.drafts.save(now)
        else:
            now = await self._store.drafts.get(sent.draft.conversation_id)
        for message_id in reversed(sent.ids):
            if await self._store.outbox.take_back(message_id) is None:
                self.had_left.emit()
                return
        # With captions the store's own joining would make texts of them.
        whole = joined(sent.draft, now or Draft(sent.draft.conversation_id, ""))
        await self._store.drafts.save(whole)
        if sent.template is not None:
            self.template_came_back.emit(sent)
        else:
            self.came_back.emit(whole, sent.name)
