"""What the composer looks like: its parts, and which of them are there when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from console.domain.conversation import Channel
from console.domain.window import Window
from console.ui.actions import Shortcut
from console.ui.announcing import announce
from console.ui.composer.attachments import Attachments
from console.ui.composer.editor import Editor
from console.ui.composer.emoji_picker import EmojiPicker
from console.ui.composer.shelf import Shelf
from console.ui.composer.strips import GuardStrip, QuoteBar, UndoStrip
from console.ui.composer.tabs import Mode, Tabs
from console.ui.composer.templates import TemplatePicker
from console.ui.composer.toolbar import Toolbar
from console.ui.composer.voice import Microphone
from console.ui.composer.voice_bar import VoiceBar
from console.ui.keys import shown
from console.ui.language import translate
from console.ui.preferences import Chosen
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.timeline.player import Player
from console.ui.widgets.labels import label


class Tone(StrEnum):
    """How serious a notice is: rules of the style sheet."""

    INFORMATION = "accent"
    WARNING = "warning"  # the agent is asked for something
    ERROR = "danger"


class ComposerFace(QWidget):
    """Knows nothing of conversations; `Composer` brings it to life."""

    def __init__(self, theme: Theme, tasks: TaskScope, chosen: Chosen) -> None:
        super().__init__()
        self.setProperty("kind", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._mode = Mode.REPLY
        self._channel = Channel.WHATSAPP
        self._window = Window(None)
        self._wants_template = False
        self._notice_holds: Callable[[], bool] = lambda: True
        self.tabs = Tabs()
        self.editor = Editor(theme, translate("composer", "Reply"))
        self.note = Editor(theme, translate("composer", "Internal note"))
        self.fields = QStackedWidget()
        self.quote_bar = QuoteBar(theme)
        self.attachments = Attachments(theme, self.quote_bar.cross)
        self.shelf = Shelf(self.attachments, self.attachments.flow)
        self.guard_strip = GuardStrip(theme)
        self.undo_strip = UndoStrip(theme)
        self.notice = label("", "small", "danger", wrap=True)
        self.toolbar = Toolbar(theme)
        self.counter, self.send = self.toolbar.counter, self.toolbar.send
        self.voice = VoiceBar(theme, tasks, Player(), Microphone)
        self.emoji = EmojiPicker(theme, tasks, chosen, self)
        self.box = QFrame()
        self.closed = TemplatePicker(theme)
        self._build()

    @property
    def can_write(self) -> bool:
        """A field is there to be typed in."""
        return not self.box.isHidden()

    @property
    def is_choosing(self) -> bool:
        """The templates are there to be chosen from."""
        return not self.closed.isHidden()

    @property
    def mode(self) -> Mode:
        return self._mode

    @property
    def field(self) -> Editor:
        """Where one types now."""
        return self.editor if self._mode is Mode.REPLY else self.note

    def set_enter_sends(self, on: bool) -> None:
        self.editor.enter_sends = self.note.enter_sends = on
        self.toolbar.show_enter(on)

    def set_keys(self, table: Sequence[Shortcut]) -> None:
        """Take the keys of this person for what is done while one writes."""
        for editor in (self.editor, self.note):
            editor.set_keys(table)
        undo = next(entry.keys for entry in table if entry.name == "undo_send")
        self.undo_strip.show_keys(shown(undo[0]) if undo else "")

    def show_drop(self, on: bool) -> None:
        """Mark the box while files hover over the thread."""
        self._mark("dropping", on)

    def say(
        self, text: str, holds: Callable[[], bool] = lambda: True, tone: Tone = Tone.ERROR
    ) -> None:
        """A sentence under the field, as long as it `holds`; empty takes it away."""
        self._notice_holds = holds
        if text and self.notice.property("tone") != tone.value:
            self.notice.setProperty("tone", tone.value)
            self.notice.style().unpolish(self.notice)
            self.notice.style().polish(self.notice)
        self.notice.setText(text)
        self.notice.setVisible(bool(text))
        announce(self.notice, text)

    def _build(self) -> None:
        self.box.setProperty("kind", "composer")
        self.note.takes_files = False
        self.fields.addWidget(self.editor)
        self.fields.addWidget(self.note)
        inside = QVBoxLayout(self.box)
        inside.setContentsMargins(12, 9, 10, 9)
        inside.setSpacing(6)
        for part in (
            self.quote_bar,
            self.shelf,
            self.voice,
            self.fields,
            self.notice,
            self.toolbar,
        ):
            inside.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 7, 16, 12)
        layout.setSpacing(6)
        for whole in (self.undo_strip, self.tabs, self.guard_strip, self.box, self.closed):
            layout.addWidget(whole)
        self.notice.hide()
        self.note.setPlaceholderText(
            translate("composer", "Only the team sees this. @ mentions a colleague.")
        )

    def _show_mode(self, mode: Mode) -> None:
        self._mode = mode
        self.tabs.show_mode(mode)
        self.fields.setCurrentWidget(self.field)
        self._mark("note", mode is Mode.NOTE)
        self._fit_field()
        self._arrange()

    def _fit_field(self) -> None:
        """The stack is as tall as the field that shows, not as the tallest."""
        least, most = self.field.heights
        self.fields.setMinimumHeight(least)
        self.fields.setMaximumHeight(most)

    def _arrange(self) -> None:
        """Field, templates or recorder: one of them stands here."""
        reply = self._mode is Mode.REPLY
        closed = not self._window.is_open
        templates = reply and (closed or self._wants_template)
        recording = reply and self.voice.is_open and not templates
        if templates:
            self.closed.refresh()
            self.closed.show_closed(closed, never=self._window.never)
        stands = {
            self.box: not templates,
            self.closed: templates,
            self.voice: recording,
            self.fields: not recording,
            self.toolbar: not recording,
        }
        self._take_turns(stands)
        self.closed.show_draft(bool(self.editor.text().strip() or self.attachments.items()))
        self.attachments.setVisible(reply and bool(self.attachments.entries()))
        self.quote_bar.setVisible(reply and self.quote_bar.is_set)
        self.toolbar.show_mode(self._mode, self._channel)

    def _take_turns(self, stands: Mapping[QWidget, bool]) -> None:
        """Show some and hide the others; the keys move on before that which has them goes.

        Qt would give them to whatever comes next in the window, which would be read out.
        """
        here = self.window().focusWidget()
        left = any(
            (part is here or part.isAncestorOf(here)) and not stays
            for part, stays in stands.items()
        )
        for part in (part for part, stays in stands.items() if stays):
            part.show()
        if left and stands[self.closed]:
            self.closed.begin()
        elif left:
            (self.voice if stands[self.voice] else self.field).setFocus()
        for part in (part for part, stays in stands.items() if not stays):
            part.hide()

    def _mark(self, name: str, on: bool) -> None:
        value = "true" if on else "false"
        if self.box.property(name) != value:
            self.box.setProperty(name, value)
            self.box.style().unpolish(self.box)
            self.box.style().polish(self.box)
