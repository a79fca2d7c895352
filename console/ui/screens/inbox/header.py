"""The strip above a thread: who, where, how long the window stays open."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.conversation import ConversationRow
from console.domain.window import Window
from console.ui import words
from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.times import left
from console.ui.widgets.avatar import Avatar, channel_token
from console.ui.widgets.buttons import IconButton
from console.ui.widgets.labels import ElidedLabel, Pill, label

HEIGHT = 62
NAME_FROM = 580  # px of width from which the assignee has a name beside the picture


class ThreadHeader(QWidget):
    """`back_wanted` in narrow windows, `panel_wanted` shows or hides the contact."""

    back_wanted = Signal()
    panel_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self.back = IconButton(theme, "arrow-left", translate("thread", "Back to the list (Esc)"))
        self.avatar = Avatar(theme, 36)
        self.name = ElidedLabel("", "header")
        self.facts = ElidedLabel("", "small", "muted")
        self.window_pill = Pill(theme)
        self.assignee_avatar = Avatar(theme, 20)
        self.assignee = label("", "small-strong")
        self.assignee_box = QWidget()
        self.panel = IconButton(
            theme, "panel-right", translate("thread", "Show or hide the contact (Ctrl+I)")
        )
        self._build()
        self.back.hide()
        self.window_pill.hide()
        self.assignee_box.hide()
        self.back.clicked.connect(self.back_wanted)
        self.panel.clicked.connect(self.panel_wanted)
        theme.changed.connect(self._fit)
        self._fit()

    def show_conversation(self, row: ConversationRow) -> None:
        name = words.title(row)
        self.avatar.show_person(name, channel_token(row.channel))
        self.name.setText(name)
        number = words.phone(row.address)
        channel = words.channel(row.channel)
        self.facts.setText(channel if number == name else f"{number} · {channel}")
        self.assignee_box.setVisible(bool(row.assignee_name))
        self.assignee.setText(words.one_line(row.assignee_name or "", 28))
        self.assignee_avatar.show_person(row.assignee_name or "")
        self.assignee_box.setAccessibleName(
            translate("thread", "Assigned to {name}").format(name=row.assignee_name or "")
        )

    def show_window(self, window: Window) -> None:
        """The countdown; nothing where no window applies."""
        self.window_pill.setVisible(window.left is not None)
        if window.left is None:
            return
        if not window.is_open:
            text = translate("inbox", "window closed")
            self.window_pill.show_state(text, "danger_soft", "danger", "timer")
            return
        text = translate("inbox", "{time} left").format(time=left(window.left))
        if window.is_closing:
            self.window_pill.show_state(text, "warning_soft", "warning", "timer")
        else:
            self.window_pill.show_state(text, "accent_soft", "on_accent_soft", "timer")

    def _build(self) -> None:
        second = QHBoxLayout()
        second.setSpacing(8)
        second.addWidget(self.facts)
        second.addWidget(self.window_pill)
        second.addStretch(1)
        who = QVBoxLayout()
        who.setSpacing(1)
        who.addStretch(1)
        who.addWidget(self.name)
        who.addLayout(second)
        who.addStretch(1)
        box = QHBoxLayout(self.assignee_box)
        box.setContentsMargins(8, 0, 8, 0)
        box.setSpacing(7)
        box.addWidget(self.assignee_avatar)
        box.addWidget(self.assignee)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(18, 0, 14, 0)
        layout.setSpacing(11)
        layout.addWidget(self.back)
        layout.addWidget(self.avatar)
        layout.addLayout(who, 1)
        layout.addWidget(self.assignee_box)
        layout.addWidget(self.panel)

    def _fit(self) -> None:
        self.setFixedHeight(max(HEIGHT, self._theme.px(HEIGHT - 6)))

    # Qt

    def sizeHint(self) -> QSize:
        return QSize(420, HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.assignee.setVisible(self.width() >= NAME_FROM)
