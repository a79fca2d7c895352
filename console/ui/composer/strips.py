"""The strips over the text field: what is quoted, what came meanwhile, what can be taken back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QSizePolicy, QVBoxLayout

from console.domain.delivery import Direction
from console.domain.message import Message
from console.ui import words
from console.ui.announcing import announce
from console.ui.isolates import apart
from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.widgets.buttons import IconButton, button
from console.ui.widgets.flow import FlowLayout
from console.ui.widgets.labels import ElidedLabel, label

MOST_SHOWN = 3
TICK = 100  # ms between two steps of the countdown


def emptied(layout: QLayout) -> None:
    """Take every widget out of a layout."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


def said(message: Message) -> str:
    """What a message says, in one line."""
    return words.one_line(message.content.text) or words.kind(message.content.kind)


class QuoteBar(QFrame):
    """The message that the reply will quote. `removed` is wanted by the cross or Escape."""

    removed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "quote")
        self._theme = theme
        self.who = ElidedLabel("", "small-strong", "accent")
        self.text = ElidedLabel("", "small", "muted")
        # Twilio has no way to send a reply to a message: the customer gets the text alone.
        self.seen_by = label(
            translate("composer", "Only your team sees the quote"), "small", "muted"
        )
        first = QHBoxLayout()
        first.setSpacing(10)
        first.addWidget(self.who)
        first.addStretch(1)
        first.addWidget(self.seen_by)
        lines = QVBoxLayout()
        lines.setSpacing(1)
        lines.addLayout(first)
        lines.addWidget(self.text)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.cross = IconButton(
            theme, "x", translate("composer", "Do not quote (Esc)"), side=24, size=14
        )
        self.cross.clicked.connect(self.removed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(13, 5, 5, 5)
        layout.setSpacing(8)
        layout.addLayout(lines, 1)
        layout.addWidget(self.cross)
        self.is_set = False
        self.hide()

    def show_message(self, message: Message | None, customer: str) -> None:
        """Show what is quoted; None takes the bar away."""
        if message is not None:
            inbound = message.direction is Direction.INBOUND
            self.who.setText(customer if inbound else words.sender(message))
            self.text.setText(said(message))
            name = translate("composer", "Quoting {name}: {text}")
            self.setAccessibleName(name.format(name=self.who.text(), text=self.text.text()))
        self.is_set = message is not None
        self.setVisible(self.is_set)

    # Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(self._theme.color("accent"))
            painter.setBrush(self._theme.color("accent"))
            painter.drawRoundedRect(QRectF(0.5, 5.5, 2, self.height() - 11), 1, 1)


class GuardStrip(QFrame):
    """What came while the agent wrote: Enter sends all the same, Escape goes back to the text."""

    send_wanted = Signal()
    back_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "guard")
        self._theme = theme
        self.icon = QLabel()
        self.title = label("", "small-strong", "warning", wrap=True)
        self.lines = QVBoxLayout()
        self.lines.setSpacing(2)
        self.anyway = button(translate("composer", "Send anyway (Enter)"), "strip")
        self.back = button(translate("composer", "Back to the text (Esc)"), "strip-plain")
        self.anyway.clicked.connect(self.send_wanted)
        self.back.clicked.connect(self.back_wanted)
        buttons = FlowLayout(8)
        buttons.addWidget(self.anyway)
        buttons.addWidget(self.back)
        text = QVBoxLayout()
        text.setSpacing(5)
        text.addWidget(self.title)
        text.addLayout(self.lines)
        text.addSpacing(2)
        text.addLayout(buttons)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(11, 9, 11, 10)
        layout.setSpacing(9)
        side = QVBoxLayout()
        side.addWidget(self.icon)
        side.addStretch(1)
        layout.addLayout(side)
        layout.addLayout(text, 1)
        theme.changed.connect(self._refresh)
        self._refresh()
        self.hide()

    def show_messages(self, messages: Sequence[Message], customer: str) -> None:
        """Show what came in, the newest last."""
        emptied(self.lines)
        theirs = [message for message in messages if message.sent_by is not None]
        if theirs and len(theirs) == len(messages):
            title = translate("composer", "{name} replied while you were writing").format(
                name=apart(words.short_name(words.sender(theirs[-1])))
            )
        elif theirs:
            title = translate("composer", "A colleague and the customer wrote meanwhile")
        else:
            title = translate("composer", "{name} wrote while you were writing").format(
                name=apart(customer)
            )
        self.title.setText(title)
        for message in messages[-MOST_SHOWN:]:
            who = words.short_name(words.sender(message)) if message.sent_by else customer
            self.lines.addWidget(ElidedLabel(f"{apart(who)}: {said(message)}", "small"))
        hidden = len(messages) - MOST_SHOWN
        if hidden > 0:
            more = translate("composer", "and %n earlier", "", hidden)
            self.lines.insertWidget(0, label(more, "small", "muted"))
        self.setAccessibleName(f"{title}. {said(messages[-1])}")
        self.show()
        steps = f"{self.anyway.text()}, {self.back.text()}"
        announce(self, f"{self.accessibleName()}. {steps}")

    def _refresh(self) -> None:
        self.icon.setPixmap(
            self._theme.qicon("triangle-alert", "warning", 16).pixmap(QSize(16, 16))
        )


class UndoStrip(QFrame):
    """Counts down while a reply can be taken back. `over` follows when it no longer can."""

    undo_wanted = Signal()
    over = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "undo")
        self._theme = theme
        self._whole = self._left = 0.0
        self.text = ElidedLabel("", "small", "muted")
        self.seconds = label("", "small", "faint")
        self.undo = button("", "link")
        self.undo.clicked.connect(self.undo_wanted)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 0, 4, 4)
        layout.setSpacing(8)
        layout.addWidget(self.text)
        layout.addWidget(self.undo)
        layout.addWidget(self.seconds)
        layout.addStretch(1)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self._on_tick)
        self.hide()

    def start(self, seconds: float) -> None:
        """Offer to undo for so many seconds."""
        self._whole = self._left = seconds
        self._show_left()
        self._timer.start()
        self.show()
        announce(self, self.accessibleName())

    def show_keys(self, keys: str) -> None:
        """Which keys undo it, where there are any."""
        said = translate("composer", "Undo")
        self.undo.setText(f"{said} ({keys})" if keys else said)

    def show_text(self, text: str) -> None:
        """What can be undone."""
        self.text.setText(text)
        self.setAccessibleName(f"{text} {self.undo.text()}")

    def stop(self) -> None:
        self._timer.stop()
        self.hide()

    def _on_tick(self) -> None:
        self._left -= TICK / 1000
        if self._left <= 0:
            self.stop()
            self.over.emit()
        else:
            self._show_left()

    def _show_left(self) -> None:
        shown = translate("composer", "{seconds} s").format(seconds=max(1, round(self._left + 0.4)))
        if shown != self.seconds.text():
            self.seconds.setText(shown)
        self.update()

    # Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self) as painter:
            painter.fillRect(
                QRectF(0, self.height() - 2, self.width(), 2), self._theme.color("line")
            )
            done = self._left / self._whole if self._whole else 0
            painter.fillRect(
                QRectF(0, self.height() - 2, self.width() * done, 2), self._theme.color("accent")
            )
