"""What is written and not sent: text, note, quote and files of one conversation, kept on disk."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog

from console.domain.content import Kind
from console.domain.conversation import Channel, ConversationRow
from console.domain.delivery import Direction
from console.domain.ids import ConversationId, MessageId, ProfileId
from console.domain.intents import Attachment, Draft
from console.domain.message import Message
from console.domain.window import Window
from console.ui import words
from console.ui.composer.card import Entry
from console.ui.composer.face import ComposerFace, Tone
from console.ui.composer.guard import Guard
from console.ui.composer.intake import Intake
from console.ui.composer.tabs import Mode
from console.ui.language import translate
from console.ui.preferences import Chosen
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme

if TYPE_CHECKING:
    from console.store.store import Store

SAVE_PAUSE = 400  # ms after the last key until the draft is on disk
LONGEST_PAUSE = 2.0  # seconds after the first one, where no pause came


class Writing(ComposerFace):
    """Part of the composer: the draft of the open conversation."""

    def __init__(
        self,
        store: Store,
        theme: Theme,
        tasks: TaskScope,
        writes: TaskScope,
        chosen: Chosen,
    ) -> None:
        super().__init__(theme, tasks, chosen)
        self._store = store
        self._tasks = tasks
        self._writes = writes  # outlives the screen: what was written must reach the disk
        self._me: ProfileId | None = store.me.id if store.me else None
        self._conversation: ConversationRow | None = None
        self._quote: Message | None = None
        self._messages: Sequence[Message] = ()
        self._is_at_newest = True
        self._saved = Draft(ConversationId(""), "")
        self._ready = False
        self._unsaved_since = 0.0
        self._named: tuple[Attachment, ...] = ()  # missing files that the agent was told of
        self._is_over = False
        self._writing = 0  # drafts and notes on their way to the disk
        self.guard = Guard(self._me)
        self.intake = Intake(store, theme, tasks, self.attachments)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(SAVE_PAUSE)
        self._pause.timeout.connect(self.keep_draft)

    @property
    def is_ready(self) -> bool:
        """The conversation's draft is here: from now on changes are kept."""
        return self._ready

    def open(self, row: ConversationRow, window: Window) -> None:
        """Compose for a conversation: the last one's draft is kept, this one's comes back."""
        self.keep_draft()
        self._keep_voice()
        self._conversation, self._is_over = row, False
        self._channel = row.channel
        self._window = window
        self._ready = self._wants_template = False
        self._messages = ()
        self.guard_strip.hide()
        self.guard.open()
        self.intake.open(row)
        self.closed.forget()
        self._show_team()
        self._show_draft(Draft(row.id, ""))
        self.editor.formats = row.channel is Channel.WHATSAPP
        self._show_hint(row)
        self._show_mode(Mode.REPLY)
        self._tasks.start(self._load_draft(row), "draft:load")

    def _show_team(self) -> None:
        """What the team offers for this conversation; said by the part that knows the team."""

    def show_window(self, window: Window) -> None:
        """The text field while the window is open, else the templates; notes go always."""
        before, self._window = self._window, window
        if window.is_open and not before.is_open and self.closed.is_begun:
            self._wants_template = True  # what one fills in does not vanish under one's hands
        if (window.is_open, window.never) != (before.is_open, before.never):
            self._arrange()

    def show_row(self, row: ConversationRow) -> None:
        """The conversation itself changed: its name, say."""
        if self._conversation is not None and self._conversation.id == row.id:
            self._conversation = row
            self._show_hint(row)

    def _show_hint(self, row: ConversationRow) -> None:
        name = _short(words.title(row))
        self.editor.setPlaceholderText(translate("composer", "Write to {name}").format(name=name))

    def watch(self, messages: Sequence[Message], *, in_view: bool, is_newest: bool) -> None:
        """The thread as it stands now, oldest first, and whether its end is before the agent."""
        self._messages = messages
        self._is_at_newest = is_newest
        if is_newest:
            self.guard.show(messages, in_view)

    def quote(self, message: Message) -> None:
        """Answer this very message; what is typed stays."""
        if message.local or message.content.kind in (Kind.NOTE, Kind.EVENT):
            return
        self._show_quote(message)
        self._on_changed()
        self.begin()

    def choose_files(self) -> None:
        """Let the agent pick files; returns at once."""
        if not self._takes_files():
            return
        dialog = QFileDialog(self, translate("composer", "Attach files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self.add_files)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def choose_again(self, entry: Entry) -> None:
        """Let the agent pick the file that a draft names and that is not here; returns at once."""
        if not self._takes_files():
            return
        name = words.file_name(entry.attachment.name)
        said = translate("composer", "Attach {name} again").format(name=name)
        dialog = QFileDialog(self, said)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self._take_again(entry, path))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take_again(self, entry: Entry, path: str) -> None:
        self.say("")
        self.intake.take_again(entry, path)
        self.editor.setFocus()

    def _misses_files(self) -> bool:
        """Name the files that are not here; the second time the reply may leave without them."""
        missing = self.attachments.missing()
        if not missing or (missing == self._named and self._has_something()):
            return False
        self._named = missing
        names = ", ".join(words.file_name(item.name) for item in missing)
        said = (
            translate(
                "composer",
                "Not on this computer: {names}. Attach again; Enter once more sends without.",
            )
            if self._has_something()
            else translate("composer", "Not on this computer: {names}. Attach again.")
        )
        self.say(said.format(names=names), self._is_missing, Tone.WARNING)
        return True

    def _has_something(self) -> bool:
        return bool(self.editor.text().strip() or self.attachments.items())

    def _is_missing(self) -> bool:
        return self.attachments.missing() == self._named

    def add_files(self, paths: list[str]) -> None:
        """Take chosen, dropped or pasted files."""
        if self._takes_files():
            self.say("")
            self.intake.take_paths(list(paths))
            self.editor.setFocus()

    def keep_draft(self) -> None:
        """Put what stands here on disk now, if it differs from what is there."""
        self._pause.stop()
        draft = self._draft()
        if draft is not None and self._ready and draft != self._saved:
            self._saved = draft
            self._write(self._store.drafts.save(draft))

    def put_away(self) -> None:
        """As keep_draft; what is being said, or was, becomes a file of the draft."""
        self.keep_draft()
        self._keep_voice()

    def end(self) -> None:
        """Put everything away; until a conversation is opened here again, nothing is shown."""
        self._is_over = True
        self.put_away()

    def reload_draft(self) -> None:
        """Another machine wrote, or the cache was built anew: show that, unless one types here."""
        if self._conversation is not None and self._is_settled():
            self._tasks.start(self._reload_draft(self._saved), "draft:reload")

    def _write(self, work: Coroutine[Any, Any, None]) -> None:
        """Let `work` reach the disk, whatever becomes of the screen."""
        self._writing += 1

        async def written() -> None:
            try:
                await work
            finally:
                self._writing -= 1

        self._writes.start(written())

    def _keep_voice(self) -> None:
        """What is being said, or was; said by the part that hears it."""

    def _is_settled(self) -> bool:
        """What stands here is what is on disk: nothing is typed, sent or attached just now."""
        busy = self._writing or self.attachments.is_busy or self.attachments.has_failed
        return self._ready and not busy and self._draft() == self._saved

    async def _reload_draft(self, before: Draft) -> None:
        found = await self._store.drafts.get(before.conversation_id)
        draft = found or Draft(before.conversation_id, "")
        if draft != before and self._saved == before and self._is_settled():
            self._show_draft(draft)
            if draft.reply_to is not None:
                await self._read_quote(draft.reply_to)
            self._saved = draft
            self._on_changed()
            self._arrange()

    def begin(self, mode: Mode = Mode.REPLY) -> None:
        """Begin to write a reply, or a note."""
        self._show_mode(mode)
        self._count()
        self._focus()

    def _focus(self) -> None:
        """To where one writes now."""
        if self.is_choosing:
            self.closed.begin()
        else:
            self.field.setFocus()

    def _takes_files(self) -> bool:
        return self.can_write and self._conversation is not None and self._mode is Mode.REPLY

    def _draft(self) -> Draft | None:
        if self._conversation is None:
            return None
        return Draft(
            self._conversation.id,
            self.editor.text(),
            self.attachments.kept(),
            self._quote.id if self._quote else None,
            self.note.text(),
        )

    def _show_draft(self, draft: Draft) -> None:
        self._saved, self._named = draft, ()
        self.editor.show_text(draft.text)
        self.attachments.show_items(draft.attachments, self._channel)
        if self.note.text() != draft.note:
            self.note.show_text(draft.note)
        self._show_quote(None)
        self.say("")
        self._pause.stop()
        self._count()

    async def _load_draft(self, row: ConversationRow) -> None:
        draft = await self._store.drafts.get(row.id) or Draft(row.id, "")
        quoted = await self._store.messages.get(draft.reply_to) if draft.reply_to else None
        if quoted is None:
            draft = replace(draft, reply_to=None)
        typed, noted = self.editor.text(), self.note.text()
        whole = draft
        # Typed while the draft was on its way: keep both.
        if typed and typed != draft.text:
            whole = replace(whole, text=f"{draft.text}{typed}")
        if noted and noted != draft.note:
            whole = replace(whole, note=f"{draft.note}{noted}")
        self.attachments.show_before(draft.attachments, row.channel)
        self.intake.take_left()
        if self.editor.text() != whole.text:
            self.editor.show_text(whole.text)
        if self.note.text() != whole.note:
            self.note.show_text(whole.note)
        if quoted is not None and self._quote is None:
            self._show_quote(quoted)
        self._saved = draft
        self._ready = True
        self._on_changed()
        self._arrange()
        self._send_if_waited_for()

    def _on_changed(self) -> None:
        self._count()
        self.guard.typed()
        if not self._notice_holds():
            self.say("")
        self._note_writing()
        if self._ready:
            self._keep_soon()

    def _note_writing(self) -> None:
        """Who fills in a template, or is about to, also does not see all that comes."""
        is_writing = bool(self.editor.text().strip()) or self.is_choosing
        self.guard.begin(is_writing)
        if not is_writing:
            self.guard_strip.hide()

    def _arrange(self) -> None:
        super()._arrange()
        self._note_writing()

    def _keep_soon(self) -> None:
        """Once the keys pause; who never pauses loses no more than `LONGEST_PAUSE` to a crash."""
        now = monotonic()
        if not self._pause.isActive():
            self._unsaved_since = now
        if now - self._unsaved_since < LONGEST_PAUSE:
            self._pause.start()

    def _count(self) -> None:
        text = self.field.text()
        has_files = self._mode is Mode.REPLY and bool(self.attachments.items())
        self.toolbar.show_length(text, sendable=bool(text.strip()) or has_files)

    def _show_quote(self, message: Message | None) -> None:
        self._quote = message
        name = words.title(self._conversation) if self._conversation else ""
        self.quote_bar.show_message(message, name)

    async def _read_quote(self, message_id: MessageId) -> None:
        self._show_quote(await self._store.messages.get(message_id))

    def _drop_quote(self) -> None:
        self._show_quote(None)
        self._on_changed()
        self.editor.setFocus()

    def _quote_last(self) -> None:
        """Up in the empty field: answer the customer's last message."""
        inbound = [m for m in self._messages if m.direction is Direction.INBOUND]
        if inbound:
            self.quote(inbound[-1])

    def _send_if_waited_for(self) -> None:
        """Enter came before the draft or a file was here."""


def _short(name: str) -> str:
    """A name for the hint in the empty field, which must not wrap."""
    return name if len(name) <= 36 else f"{name[:35]}…"
