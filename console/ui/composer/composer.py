"""The composer: one conversation's reply, its files and its draft."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from console.domain.conversation import ConversationRow
from console.domain.errors import BalasError
from console.domain.ids import ConversationId, new_message_id
from console.domain.intents import Attachment, Draft, SendMessage
from console.domain.media_rules import MAX_TEXT
from console.domain.window import Window
from console.ui import words
from console.ui.composer.attachments import Attachments, encode, examine
from console.ui.composer.closed import ClosedPanel
from console.ui.composer.editor import Editor
from console.ui.errors import Errors, in_one
from console.ui.language import translate
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.widgets.buttons import IconButton, button
from console.ui.widgets.labels import label

if TYPE_CHECKING:
    from console.store.store import Store

SAVE_PAUSE = 400  # ms after the last key until the draft is on disk
COUNT_FROM = 1  # characters from which the counter shows


class Composer(QWidget):
    """`sent` follows each reply that is safe in the outbox."""

    sent = Signal()
    left_upwards = Signal()

    def __init__(
        self,
        store: Store,
        theme: Theme,
        tasks: TaskScope,
        writes: TaskScope,
        errors: Errors,
    ) -> None:
        super().__init__()
        self.setProperty("kind", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._store = store
        self._tasks = tasks
        self._writes = writes  # outlives the screen: what was written must reach the disk
        self._errors = errors
        self._conversation: ConversationRow | None = None
        self._saved = Draft(ConversationId(""), "")
        self._ready = False
        self._send_when_ready = False
        self._taking: set[object] = set()  # files of this conversation on their way into the store
        self.editor = Editor(theme, translate("composer", "Reply"))
        self.attachments = Attachments(theme)
        self.notice = label("", "small", "danger", wrap=True)
        self.counter = label("", "stamp", "muted")
        self.attach = IconButton(
            theme,
            "paperclip",
            translate("composer", "Attach files (Ctrl+Shift+A)"),
            kind="composer",
        )
        self.send = button(translate("composer", "Send") + " ", "primary")
        self.box = QFrame()
        self.closed = ClosedPanel(theme)
        self._theme = theme
        self._build()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(SAVE_PAUSE)
        self._pause.timeout.connect(self.keep_draft)
        self._connect()
        self.show_window(Window(None))

    @property
    def is_ready(self) -> bool:
        """The conversation's draft is here: from now on changes are kept."""
        return self._ready

    @property
    def can_write(self) -> bool:
        return not self.box.isHidden()

    def open(self, row: ConversationRow) -> None:
        """Compose for a conversation: the last one's draft is kept, this one's comes back."""
        self.keep_draft()
        self._conversation = row
        self._ready = self._send_when_ready = False
        self._taking = set()
        self._show_draft(Draft(row.id, ""))
        self.editor.setPlaceholderText(
            translate("composer", "Write to {name}").format(name=_short(words.title(row)))
        )
        self._tasks.start(self._load_draft(row), "draft:load")

    def show_window(self, window: Window) -> None:
        """The text field while the window is open, else why there is none."""
        self.box.setVisible(window.is_open)
        self.closed.setVisible(not window.is_open)
        self.closed.show_draft(bool(self.editor.text().strip() or self.attachments.items()))

    def set_enter_sends(self, on: bool) -> None:
        self.editor.enter_sends = on
        keys = "Enter" if on else "Ctrl+Enter"
        self.send.setToolTip(translate("composer", "Send ({keys})").format(keys=keys))

    def choose_files(self) -> None:
        """Let the agent pick files; returns at once."""
        if not self.can_write or self._conversation is None:
            return
        dialog = QFileDialog(self, translate("composer", "Attach files"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self.add_files)
        dialog.open()

    def add_files(self, paths: list[str]) -> None:
        """Take chosen, dropped or pasted files."""
        if self.can_write and self._conversation is not None:
            self.say("")
            self._take_in(self._take_paths(self._conversation, list(paths)))
            self.editor.setFocus()

    def keep_draft(self) -> None:
        """Put what stands here on disk now, if it differs from what is there."""
        self._pause.stop()
        draft = self._draft()
        if draft is not None and self._ready and draft != self._saved:
            self._saved = draft
            self._writes.start(self._store.drafts.save(draft))

    def show_drop(self, on: bool) -> None:
        """Mark the box while files hover over the thread."""
        self._mark("dropping", on)

    def _build(self) -> None:
        self.box.setProperty("kind", "composer")
        self._refresh()
        tools = QHBoxLayout()
        tools.setSpacing(4)
        tools.addWidget(self.attach)
        tools.addStretch(1)
        tools.addWidget(self.counter)
        tools.addSpacing(8)
        tools.addWidget(self.send)
        inside = QVBoxLayout(self.box)
        inside.setContentsMargins(12, 9, 10, 9)
        inside.setSpacing(6)
        inside.addWidget(self.attachments)
        inside.addWidget(self.editor)
        inside.addWidget(self.notice)
        inside.addLayout(tools)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.addWidget(self.box)
        layout.addWidget(self.closed)
        self.notice.hide()
        self.set_enter_sends(True)
        self.send.setLayoutDirection(Qt.LayoutDirection.RightToLeft)

    def _connect(self) -> None:
        self.editor.send_wanted.connect(self._send)
        self.editor.textChanged.connect(self._on_text_changed)
        self.editor.files_pasted.connect(self.add_files)
        self.editor.image_pasted.connect(self._on_image_pasted)
        self.editor.focus_changed.connect(lambda on: self._mark("focused", on))
        self.editor.left_upwards.connect(self.left_upwards)
        self.attachments.changed.connect(self._on_changed)
        self.attach.clicked.connect(self.choose_files)
        self.send.clicked.connect(self._send)
        self._theme.changed.connect(self._refresh)

    def _refresh(self) -> None:
        self.send.setIcon(self._theme.qicon("corner-down-left", "on_accent", 15))

    def _mark(self, name: str, on: bool) -> None:
        self.box.setProperty(name, "true" if on else "false")
        self.box.style().unpolish(self.box)
        self.box.style().polish(self.box)

    def _draft(self) -> Draft | None:
        if self._conversation is None:
            return None
        return Draft(self._conversation.id, self.editor.text(), self.attachments.items())

    def _show_draft(self, draft: Draft) -> None:
        self._saved = draft
        self.editor.setPlainText(draft.text)
        self.editor.moveCursor(self.editor.textCursor().MoveOperation.End)
        if self._conversation is not None:
            self.attachments.show_items(draft.attachments, self._conversation.channel)
        self.say("")
        self._pause.stop()
        self._count()

    async def _load_draft(self, row: ConversationRow) -> None:
        draft = await self._store.drafts.get(row.id) or Draft(row.id, "")
        typed, taken = self.editor.text(), self.attachments.items()
        whole = draft
        # Typed or attached while the draft was on its way: keep both.
        if typed and typed != draft.text:
            whole = replace(whole, text=f"{draft.text}{typed}")
        fresh = tuple(item for item in taken if item not in draft.attachments)
        whole = replace(whole, attachments=draft.attachments + fresh)
        self._show_draft(whole)
        self._saved = draft
        self._ready = True
        if whole != draft:
            self._pause.start()
        if typed == whole.text:  # else something stood there that was not seen when Enter came
            self._send_if_waited_for()
        self.closed.show_draft(bool(whole.text.strip() or whole.attachments))

    def _send_if_waited_for(self) -> None:
        """Enter came before the draft or a file was here."""
        if self._send_when_ready and self._ready and not self._taking:
            self._send_when_ready = False
            self._send()

    async def _take_paths(self, row: ConversationRow, paths: list[str]) -> None:
        for path in paths:
            try:
                found = await asyncio.to_thread(examine, path)
            except OSError:
                said = translate("composer", "{name} could not be read.")
                self._refuse(row, said.format(name=words.file_name(Path(path).name)))
            else:
                await self._take(row, found, None)

    async def _take_image(self, row: ConversationRow, image: QImage) -> None:
        found, content = await asyncio.to_thread(encode, image)
        await self._take(row, found, content)

    def _take_in(self, work: Coroutine[Any, Any, None]) -> None:
        """Enter waits from now on for what is on its way: no reply leaves without its files."""
        taking, token = self._taking, object()
        taking.add(token)

        async def until_taken() -> None:
            try:
                await work
            finally:
                taking.discard(token)
            self._send_if_waited_for()

        self._tasks.start(until_taken())

    async def _take(self, row: ConversationRow, found: Attachment, content: bytes | None) -> None:
        """Copy a file into the store, so that the draft does not need the original any more."""
        problem = self.attachments.why_not(found) if self._is_open(row) else ""
        if problem:
            self._refuse(row, problem)
            return
        try:
            kept = await self._store.drafts.take(found, content)
        except BalasError as error:
            self._refuse(row, in_one(error))
            return
        if self._is_open(row):
            self.attachments.add(kept)
        else:  # the agent has gone on to another customer, who must not get this file
            await self._store.drafts.add(row.id, kept)

    def _refuse(self, row: ConversationRow, why: str) -> None:
        if self._is_open(row):
            self._send_when_ready = False  # the reply is not what the agent meant to send
            self.say(why)

    def _is_open(self, row: ConversationRow) -> bool:
        return self._conversation is not None and self._conversation.id == row.id

    def _on_text_changed(self) -> None:
        self._count()
        self._on_changed()

    def _on_changed(self) -> None:
        self._count()
        if self._ready:
            self._pause.start()

    def _on_image_pasted(self, image: QImage) -> None:
        if self._conversation is not None:
            self.say("")
            self._take_in(self._take_image(self._conversation, image))

    def _count(self) -> None:
        length = len(self.editor.text())
        over = length > MAX_TEXT
        self.counter.setText(f"{length} / {MAX_TEXT}" if length >= COUNT_FROM else "")
        tone = "danger" if over else "muted"
        if self.counter.property("tone") != tone:
            self.counter.setProperty("tone", tone)
            self.counter.style().unpolish(self.counter)
            self.counter.style().polish(self.counter)
        has_something = bool(self.editor.text().strip() or self.attachments.items())
        self.send.setEnabled(has_something and not over)

    def say(self, text: str) -> None:
        """A sentence under the field; empty takes it away."""
        self.notice.setText(text)
        self.notice.setVisible(bool(text))

    def _send(self) -> None:
        draft = self._draft()
        if draft is None or not self.can_write:
            return
        if not self._ready or self._taking:
            self._send_when_ready = True
            return
        text = draft.text.strip()
        if len(text) > MAX_TEXT:
            self.say(
                translate("composer", "The text is too long: at most {most} characters.").format(
                    most=MAX_TEXT
                )
            )
            return
        if not text and not draft.attachments:
            return
        intent = SendMessage(new_message_id(), draft.conversation_id, text, draft.attachments)
        # Cleared before the first await: a second Enter finds nothing to send.
        self._show_draft(Draft(draft.conversation_id, ""))
        self._writes.start(self._store_reply(intent, draft))

    async def _store_reply(self, intent: SendMessage, draft: Draft) -> None:
        try:
            await self._store.outbox.send(intent)
        except BalasError as error:
            self._give_back(draft)
            self.say(in_one(error))
            return
        except Exception as error:
            self._give_back(draft)
            self._errors.tell(error)
            return
        await self._store.drafts.save(self._draft_beside(draft) or Draft(draft.conversation_id, ""))
        self.sent.emit()

    def _draft_beside(self, draft: Draft) -> Draft | None:
        """What has been typed in the same conversation since its reply left."""
        now = self._draft()
        return now if now and now.conversation_id == draft.conversation_id else None

    def _give_back(self, draft: Draft) -> None:
        now = self._draft_beside(draft)
        if now is not None and not now.text and not now.attachments:
            self._show_draft(draft)
        elif now is None:
            self._writes.start(self._store.drafts.save(draft))


def _short(name: str) -> str:
    """A name for the hint in the empty field, which must not wrap."""
    return name if len(name) <= 36 else f"{name[:35]}…"
