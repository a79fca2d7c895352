"""The strip above a thread: who, where, how long the window stays open, and what one does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.domain.conversation import ConversationRow, ConversationStatus
from console.domain.window import Window
from console.ui import words
from console.ui.language import translate
from console.ui.snoozing import until_words
from console.ui.theme.theme import Theme
from console.ui.times import left, left_short
from console.ui.widgets.avatar import Avatar, channel_token
from console.ui.widgets.buttons import IconButton, button
from console.ui.widgets.company import CompanyMark
from console.ui.widgets.labels import ElidedLabel, Pill
from console.ui.widgets.person import PersonButton

HEIGHT = 62
NAME_FROM = 620  # px of width from which the assignee has a name beside the picture
WORDS_FROM = 580  # px of width from which the buttons have words


class ThreadHeader(QWidget):
    """`back_wanted` in narrow windows, `panel_wanted` shows or hides the contact.

    The others ask for what their buttons say; the screen knows how.
    """

    back_wanted = Signal()
    panel_wanted = Signal()
    assign_wanted = Signal()
    snooze_wanted = Signal()
    resolve_wanted = Signal()

    def __init__(self, theme: Theme, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.setProperty("kind", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._now = now
        self._row: ConversationRow | None = None
        self._facts = ("", "")  # what is known, and the part of it that comes first
        self._window: Window | None = None
        self.back = IconButton(theme, "arrow-left", translate("thread", "Back to the list (Esc)"))
        self.avatar = Avatar(theme, 36)
        self.name = ElidedLabel("", "header")
        self.facts = ElidedLabel("", "small", "muted")
        self.window_pill = Pill(theme)
        self.company = CompanyMark(theme)
        self.assignee = PersonButton(theme, translate("thread", "Nobody"))
        self.snooze = button("")
        self.resolve = button("", "primary")
        self.panel = IconButton(
            theme, "panel-right", translate("thread", "Show or hide the contact (Ctrl+I)")
        )
        self._build()
        self.back.hide()
        self.window_pill.hide()
        self.back.clicked.connect(self.back_wanted)
        self.panel.clicked.connect(self.panel_wanted)
        self.assignee.clicked.connect(self.assign_wanted)
        self.snooze.clicked.connect(self.snooze_wanted)
        self.resolve.clicked.connect(self.resolve_wanted)
        theme.changed.connect(self._fit)
        self._fit()

    def show_conversation(self, row: ConversationRow) -> None:
        name = words.title(row)
        self.avatar.show_person(name, channel_token(row.channel))
        self.name.setText(name)
        number = words.phone(row.address)
        channel = words.channel(row.channel)
        both = (number, channel) if number != name else (channel,)
        self._facts = (" · ".join(both), both[0])
        self.facts.setText(self._facts[0])
        self.facts.setToolTip(self._facts[0])
        self._row = row
        name = row.assignee_name or ""
        self.assignee.show_person(name, words.short_name(name))
        whose = translate("thread", "Assigned to {name}").format(name=row.assignee_name or "")
        nobody = translate("thread", "Assigned to nobody yet")
        self.assignee.setAccessibleName(whose if row.assignee_name else nobody)
        self.assignee.setToolTip(translate("thread", "Assign (A)"))
        self._name_buttons()

    def show_alone(self, alone: bool) -> None:
        """The thread stands where the list was: a way back, and no room for the contact."""
        self.back.setVisible(alone)
        self.panel.setHidden(alone)

    def show_window(self, window: Window) -> None:
        """The countdown; nothing where no window applies; or that nothing is sent to them."""
        self._window = window
        if self._row is not None and self._row.blocked:
            self.window_pill.show_state(
                translate("inbox", "blocked"), "danger_soft", "danger", "ban"
            )
            self.window_pill.show()
            self._fit_facts()
            return
        self.window_pill.setVisible(window.left is not None)
        if window.left is None:
            self._fit_facts()
            return
        if not window.is_open:
            text = translate("inbox", "window closed")
            self.window_pill.show_state(text, "danger_soft", "danger", "timer")
            self._fit_facts()
            return
        words_left = translate("inbox", "{time} left")
        for time in (left(window.left), left_short(window.left)):
            self._show_time(words_left.format(time=time))
            if self._fit_facts():
                return
        self._show_time(words_left.format(time=left(window.left)))
        if self._room() < self.window_pill.sizeHint().width():
            self._show_time(left_short(window.left))

    def _show_time(self, text: str) -> None:
        if self._window is not None and self._window.is_closing:
            self.window_pill.show_state(text, "warning_soft", "warning", "timer")
        else:
            self.window_pill.show_state(text, "accent_soft", "on_accent_soft", "timer")

    def _fit_facts(self) -> bool:
        """Whether the number stands there whole; half a number says nothing."""
        pill = 0 if self.window_pill.isHidden() else self.window_pill.sizeHint().width() + 8
        room = self._room() - pill
        for said in self._facts:
            self.facts.setText(said)
            if self.facts.sizeHint().width() <= room:
                self.facts.show()
                return True
        self.facts.hide()
        return False

    def _room(self) -> int:
        """px for the number and the window."""
        layout = self._line
        beside = [self.back, self.avatar, self.assignee, self.snooze, self.resolve, self.panel]
        shown = [
            max(widget.sizeHint().width(), widget.minimumWidth())
            for widget in beside
            if not widget.isHidden()
        ]
        edges = layout.contentsMargins()
        gaps = layout.spacing() * len(shown) + edges.left() + edges.right()
        return self.width() - sum(shown) - gaps

    def _build(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(10)
        first.addWidget(self.name)
        first.addWidget(self.company, 1)
        first.addStretch()
        second = QHBoxLayout()
        second.setSpacing(8)
        second.addWidget(self.facts)
        second.addWidget(self.window_pill)
        second.addStretch(1)
        who = QVBoxLayout()
        who.setSpacing(1)
        who.addStretch(1)
        who.addLayout(first)
        who.addLayout(second)
        who.addStretch(1)
        layout = self._line = QHBoxLayout(self)
        layout.setContentsMargins(18, 0, 8, 0)
        layout.setSpacing(8)
        layout.addWidget(self.back)
        layout.addWidget(self.avatar)
        layout.addLayout(who, 1)
        for action in (self.assignee, self.snooze, self.resolve):
            layout.addWidget(action)
        layout.addWidget(self.panel)

    def _fit(self) -> None:
        self.setFixedHeight(max(HEIGHT, self._theme.px(HEIGHT - 6)))
        self._name_buttons()

    def _name_buttons(self) -> None:
        row = self._row
        status = row.status if row is not None else ConversationStatus.OPEN
        spoken = self.width() >= max(WORDS_FROM, self._theme.px(WORDS_FROM))
        back = row.snoozed_until if row and status is ConversationStatus.SNOOZED else None
        away = back is not None
        text = until_words(back, self._now()) if back else translate("thread", "Snooze")
        icon = "alarm-clock" if away or not spoken else ""
        self._name_button(self.snooze, text, "S", icon, "text", spoken)
        resolved = status is ConversationStatus.RESOLVED
        text = translate("thread", "Reopen") if resolved else translate("thread", "Resolve")
        icon, ink = ("rotate-ccw", "text") if resolved else ("check", "on_accent")
        self._name_button(self.resolve, text, "E", icon, ink, spoken)
        kind = "" if resolved else "primary"
        if self.resolve.property("kind") != kind:
            self.resolve.setProperty("kind", kind)
            self.resolve.style().unpolish(self.resolve)
            self.resolve.style().polish(self.resolve)

    def _name_button(
        self, made: QPushButton, text: str, keys: str, icon: str, ink: str, spoken: bool
    ) -> None:
        made.setIcon(self._theme.qicon(icon, ink, 15) if icon else QIcon())
        made.setText((f" {text}" if icon else text) if spoken else "")
        made.setAccessibleName(text)
        made.setToolTip(f"{text} ({keys})")

    # Qt

    def sizeHint(self) -> QSize:
        return QSize(420, HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.assignee.set_compact(self.width() < NAME_FROM)
        self._name_buttons()
        if self._window is not None:
            self.show_window(self._window)
