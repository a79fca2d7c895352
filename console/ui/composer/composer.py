"""The composer: what the agent's keys and buttons do with a reply or a note."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage

from console.domain.changes import Link
from console.domain.conversation import Channel, ConversationRow
from console.domain.errors import BalasError
from console.domain.ids import ConversationId, MessageId, NoteId, new_message_id
from console.domain.intents import AddNote, Draft, TemplateChoice
from console.domain.media_rules import MAX_TEXT
from console.domain.message import Message
from console.domain.window import Window
from console.ui import words
from console.ui.composer import mentions
from console.ui.composer.face import Tone
from console.ui.composer.saying import Saying
from console.ui.composer.sender import Sender, Sent, joined
from console.ui.composer.tabs import Mode
from console.ui.errors import Errors, in_one
from console.ui.isolates import apart
from console.ui.keys import shortcuts
from console.ui.language import translate
from console.ui.models.team import Team
from console.ui.preferences import ENTER_SENDS, SHORTCUTS, UNDO, Chosen
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme

if TYPE_CHECKING:
    from console.store.store import Store

REASONS = 4  # lines about files that were not taken
HOLD = 5  # seconds for which a reply can be taken back, where nobody chose


class Composer(Saying):
    """`sent` follows each reply and note that is safe in the outbox; `typed` what keys wrote."""

    sent = Signal()
    typed = Signal()
    left_upwards = Signal()

    def __init__(
        self,
        store: Store,
        theme: Theme,
        tasks: TaskScope,
        writes: TaskScope,
        errors: Errors,
        team: Team,
        chosen: Chosen,
    ) -> None:
        super().__init__(store, theme, tasks, writes, team, chosen)
        self._chosen = chosen
        self._errors = errors
        self._looked: set[MessageId] = set()  # shown by the strip before sending
        self._refused = ""  # what is said of files that were not taken
        self.outgoing = Sender(store, writes, errors, self)
        self._connect()
        self.follow_settings()
        self._show_mode(Mode.REPLY)

    def open(self, row: ConversationRow, window: Window) -> None:
        super().open(row, window)
        self._looked.clear()
        self._mentions = {}
        self._name_undo()

    def _on_changed(self) -> None:
        super()._on_changed()
        if self.field.hasFocus():
            self.typed.emit()

    def watch(self, messages: Sequence[Message], *, in_view: bool, is_newest: bool) -> None:
        super().watch(messages, in_view=in_view, is_newest=is_newest)
        sent = self.outgoing.last
        asks = {message.id for message in messages if message.waiting == "asking"}
        if sent is not None and not asks.isdisjoint(sent.ids):
            self.undo_strip.stop()  # it has not left: its bubble says so, and what one can do
            self.outgoing.forget()

    def follow_settings(self) -> None:
        """Take what this person chose for keys: what Enter does, and all the others."""
        self.set_enter_sends(self._chosen.flag(ENTER_SENDS, True))
        self.set_keys(shortcuts(self._chosen.text(SHORTCUTS)))

    def begin(self, mode: Mode = Mode.REPLY) -> None:
        """As ever; a note needs no look."""
        if mode is Mode.NOTE and not self.guard_strip.isHidden():
            self._looked.clear()
            self.guard_strip.hide()
        super().begin(mode)

    def choose_emoji(self) -> None:
        """Open the picker over its button."""
        if self.can_write and not self.voice.is_open:
            self.emoji.open_over(self.toolbar.emoji)

    def choose_template(self) -> None:
        """The templates in the field's place, also while one may write freely; and away again."""
        if self._conversation is not None and self._channel is Channel.WHATSAPP:
            self._wants_template = not self._wants_template
            self.begin()

    def take_back(self, message_id: MessageId) -> None:
        """Make a reply that has not left a draft again, as from its bubble."""
        self.undo_strip.stop()
        self.outgoing.take_back(message_id, self._draft() if self._ready else None)

    def undo_send(self) -> None:
        """Take the last reply back, while that can be done."""
        if self.outgoing.can_undo:
            self.undo_strip.stop()
            self.outgoing.undo(self._draft() if self._ready else None)

    def _connect(self) -> None:
        for editor in (self.editor, self.note):
            editor.send_wanted.connect(self._send)
            editor.textChanged.connect(self._on_changed)
            editor.resized.connect(self._fit_field)
            editor.focus_changed.connect(lambda on: self._mark("focused", on))
            editor.left_upwards.connect(self._on_escape)
            editor.undo_send_wanted.connect(self.undo_send)
            editor.too_long.connect(self._on_too_long)
        self.editor.quote_last_wanted.connect(self._quote_last)
        self.editor.files_pasted.connect(self.add_files)
        self.editor.image_pasted.connect(self._on_image_pasted)
        self.attachments.changed.connect(self._on_changed)
        self.attachments.left.connect(self.editor.setFocus)
        self.attachments.missed.connect(self.choose_again)
        self.attachments.opened.connect(lambda entry: self.intake.edit(entry, self.window()))
        self.intake.refused.connect(self._on_refused_file)
        self.intake.settled.connect(self._send_if_waited_for)
        self.quote_bar.removed.connect(self._drop_quote)
        self.guard_strip.send_wanted.connect(self._send_all_the_same)
        self.guard_strip.back_wanted.connect(self._on_escape)
        self.undo_strip.undo_wanted.connect(self.undo_send)
        self.undo_strip.over.connect(self.outgoing.forget)
        self.tabs.chosen.connect(self.begin)
        self.emoji.taken.connect(lambda text: self.field.put(text))
        self.emoji.closed.connect(lambda: self.field.setFocus())
        self.voice.left.connect(self._on_voice_left)
        self.voice.finished.connect(self._on_voice)
        self.closed.sent.connect(self._send_template)
        self.closed.back_wanted.connect(self._on_template_left)
        self.closed.undo_send_wanted.connect(self.undo_send)
        self.outgoing.sent.connect(self._on_sent)
        self.outgoing.refused.connect(self._on_refused)
        self.outgoing.came_back.connect(self._on_came_back)
        self.outgoing.template_came_back.connect(self._on_template_came_back)
        self.outgoing.had_left.connect(
            lambda: self.say(
                translate("composer", "It has left already and cannot be undone."),
                tone=Tone.WARNING,
            )
        )
        bar = self.toolbar
        bar.attach.clicked.connect(self.choose_files)
        bar.emoji.clicked.connect(self.choose_emoji)
        bar.voice.clicked.connect(self.record)
        bar.template.clicked.connect(self.choose_template)
        bar.layout_icon.clicked.connect(self.choose_template)
        bar.send.clicked.connect(self._send)

    def _on_image_pasted(self, image: QImage) -> None:
        if self._takes_files():
            self.say("")
            self.intake.take_image(image)

    def _on_refused_file(self, why: str) -> None:
        self._awaited = None  # the reply is not what the agent meant to send
        # Each of several files has its reason, until something else is said or done.
        before = self.notice.text().split("\n") if self.notice.text() == self._refused else []
        lines = [line for line in before if line and line != why]
        self._refused = "\n".join([*lines, why][-REASONS:])
        self.say(self._refused)

    def _on_too_long(self, length: int) -> None:
        typed = self.field.text()
        said = translate(
            "composer",
            "%n character(s) are too many to paste here. Send the text as a file instead.",
            "",
            length,
        )
        self.say(said, lambda: self.field.text() == typed, Tone.WARNING)

    def _is_settled(self) -> bool:
        return super()._is_settled() and not self.outgoing.is_busy

    def _on_escape(self) -> None:
        """One step back: the look before sending, the wait for files, the quote, the field."""
        if self._end_look():
            self._focus()
        elif self._stop_waiting():
            self.field.setFocus()
        elif self._mode is Mode.REPLY and self.quote_bar.is_set:
            self._drop_quote()
        else:
            self.left_upwards.emit()

    def _end_look(self) -> bool:
        """Escape from the look before sending: it was had. False where there was none."""
        if self.guard_strip.isHidden():
            return False
        self._looked.clear()
        self.guard.accept()
        self.guard_strip.hide()
        return True

    def _on_template_left(self) -> None:
        if self._end_look():
            return
        if self._window.is_open:
            self._wants_template = False
            self.begin()
        else:
            self.left_upwards.emit()

    def _send_template(self, choice: TemplateChoice, text: str) -> None:
        self._look_first(lambda: self._leave_template(choice, text))

    def _leave_template(self, choice: TemplateChoice, text: str) -> None:
        if self._conversation is None or not self.is_choosing or self._wants_a_look():
            return
        hold = float(self._chosen.number(UNDO, HOLD))
        name = words.title(self._conversation)
        self.outgoing.send_template(
            self._conversation.id, choice, text, hold, self.guard.seen(), name
        )
        self._wants_template = False
        self.closed.forget()
        self.begin()

    def _send_all_the_same(self) -> None:
        if self.is_choosing:
            self.closed.send_chosen()
        else:
            self._send()

    def _send(self) -> None:
        if self._mode is Mode.NOTE:
            self._add_note()
        elif self.can_write:
            self._send_reply()

    def _send_reply(self) -> None:
        draft = self._draft()
        if draft is None:
            return
        if not self._ready or self.attachments.is_busy:
            self._send_later()
        elif self.attachments.has_failed:
            said = translate("composer", "A file is not attached: try it again, or remove it.")
            self.say(said, tone=Tone.WARNING)
        elif self._is_too_long():
            said = translate("composer", "The text is too long: at most {most} characters.")
            self.say(said.format(most=MAX_TEXT), self._is_too_long, Tone.WARNING)
        elif self._is_unfilled(draft.text) or self._misses_files():
            return
        elif draft.text.strip() or draft.attachments:
            self._look_first(lambda: self._look_and_leave(draft))

    def _is_too_long(self) -> bool:
        return len(self.editor.text().strip()) > MAX_TEXT

    def _look_first(self, leave: Callable[[], None]) -> None:
        """Where the agent reads far above, what came below is looked up before it may leave."""
        if self._conversation is None or self._is_at_newest:
            leave()
        else:
            self._tasks.start(self._fetch_newest(self._conversation.id, leave), "look")

    async def _fetch_newest(self, id: ConversationId, leave: Callable[[], None]) -> None:
        newest = await self._store.messages.latest(id)
        if self._conversation is not None and self._conversation.id == id:
            self.guard.show(newest, in_view=False)
            leave()

    def _look_and_leave(self, draft: Draft) -> None:
        if draft != self._draft() or self._wants_a_look():
            return
        # Cleared before the first await: a second Enter finds nothing to send.
        kept = self._saved
        self._show_draft(Draft(draft.conversation_id, "", note=draft.note))
        if draft.note != kept.note:  # typed in the last moments, not on disk yet
            self._saved = Draft(draft.conversation_id, "", note=kept.note)
            self._pause.start()
        self._leave(draft, kept)

    def _wants_a_look(self) -> bool:
        """Show what came meanwhile; False where the agent has seen it all."""
        unseen = self.guard.unseen()
        if all(message.id in self._looked for message in unseen):
            self._looked.clear()
            self.guard.accept()
            self.guard_strip.hide()
            return False
        self._looked = {message.id for message in unseen}
        name = words.title(self._conversation) if self._conversation else ""
        self.guard_strip.show_messages(unseen, name)
        return True

    def _leave(self, draft: Draft, kept: Draft | None = None) -> None:
        hold = float(self._chosen.number(UNDO, HOLD))
        name = words.title(self._conversation) if self._conversation else ""
        self.outgoing.send(draft, hold, self.guard.seen(), name, kept)

    def _add_note(self) -> None:
        body = self.note.text().strip()
        if self._conversation is None or not body:
            return
        if not self._ready:
            self._send_later()
            return
        meant = mentions.mentioned(body, self._team.people, self._mentions)
        intent = AddNote(NoteId(new_message_id()), self._conversation.id, body, meant)
        self.note.show_text("")
        self._write(self._store_note(intent))

    async def _store_note(self, intent: AddNote) -> None:
        try:
            await self._store.outbox.note(intent)
        except Exception as error:
            if self._conversation and self._conversation.id == intent.conversation_id:
                self.note.show_text("\n".join(filter(None, (intent.body, self.note.text()))))
            if isinstance(error, BalasError):
                self.say(in_one(error))
            else:
                self._errors.tell(error)
            return
        self.keep_draft()
        self.sent.emit()

    def _on_sent(self, sent: Sent | None) -> None:
        if sent is not None:
            self._name_undo()
            self.undo_strip.start(self._chosen.number(UNDO, HOLD))
        self.sent.emit()

    def _name_undo(self) -> None:
        """What the strip calls the reply, from where one is now."""
        sent = self.outgoing.last
        if sent is not None:
            is_here = self._conversation and self._conversation.id == sent.draft.conversation_id
            if self._store.link is Link.OFFLINE:
                here = translate("composer", "Waits for the network.")
                there = translate("composer", "To {name}: waits for the network.")
            else:
                here = translate("composer", "Sent.")
                there = translate("composer", "Sent to {name}.")
            self.undo_strip.show_text(here if is_here else there.format(name=apart(sent.name)))

    def _on_refused(self, draft: Draft | None, why: str) -> None:
        """It could not be kept: nothing is lost, it stands in the field again."""
        now = self._draft()
        if draft is not None and now is not None and now.conversation_id == draft.conversation_id:
            self._show_draft(joined(draft, now))
            self._saved = now
            self.keep_draft()
            self._restore_quote(draft)
        elif draft is not None:
            self._write(self._store.drafts.save(draft))
        self.say(why)

    def _on_came_back(self, draft: Draft, name: str) -> None:
        now = self._draft()
        if now is None or now.conversation_id != draft.conversation_id:
            said = translate("composer", "The reply to {name} is a draft again.")
            self.say(said.format(name=apart(name)), tone=Tone.INFORMATION)
            return
        self._show_draft(draft)
        self._restore_quote(draft)
        self.begin()

    def _on_template_came_back(self, sent: Sent) -> None:
        here = self._conversation and self._conversation.id == sent.draft.conversation_id
        if not here or sent.template is None:
            said = translate("composer", "The template to {name} was not sent.")
            self.say(said.format(name=apart(sent.name)), tone=Tone.INFORMATION)
            return
        self._wants_template = True
        self._show_mode(Mode.REPLY)
        self.closed.recall(sent.template)
        self.begin()

    def _restore_quote(self, draft: Draft) -> None:
        if draft.reply_to is not None:
            self._tasks.start(self._read_quote(draft.reply_to), "quote")
