"""Small previews of the pictures that were exchanged with a customer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from console.domain.content import Kind
from console.domain.message import Message
from console.ui import words
from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.timeline.pictures import Pictures
from console.ui.timeline.renderers.image import cover
from console.ui.widgets.painting import Aside

MOST_PICTURES = 9
COLUMNS = 3
GAP = 5


class SharedPictures(QWidget):
    """A grid that the arrow keys walk; `chosen` carries the message whose picture is wanted."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, pictures: Pictures, most: int = MOST_PICTURES) -> None:
        super().__init__()
        self._theme = theme
        self._pictures = pictures
        self._most = most
        self._messages: list[Message] = []
        self._height = 58
        self._current = 0
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        pictures.loaded.connect(self.update)
        theme.changed.connect(self.update)

    @property
    def messages(self) -> Sequence[Message]:
        return self._messages

    def show_messages(self, messages: Sequence[Message]) -> bool:
        """The first pictures among `messages`, the newest first; False when there are none."""
        self._messages = [
            message
            for message in messages
            if message.content.kind is Kind.IMAGE and message.content.media
        ][: self._most]
        self._current = min(self._current, max(0, len(self._messages) - 1))
        rows = -(-len(self._messages) // COLUMNS)
        self.setFixedHeight(max(0, rows * (self._height + GAP) - GAP))
        self._name()
        self.update()
        return bool(self._messages)

    def _name(self) -> None:
        count = len(self._messages)
        said = translate("contact", "Shared pictures")
        if count:
            sender = words.sender(self._messages[self._current])
            said = f"{said}, {self._current + 1}/{count}, {sender}"
        self.setAccessibleName(said)

    def _rect(self, place: int) -> QRectF:
        wide = (self.width() - (COLUMNS - 1) * GAP) / COLUMNS
        row, column = divmod(place, COLUMNS)
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            column = COLUMNS - 1 - column
        return QRectF(column * (wide + GAP), row * (self._height + GAP), wide, self._height)

    # Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            for place, message in enumerate(self._messages):
                rect = self._rect(place)
                path = QPainterPath()
                path.addRoundedRect(rect, 6, 6)
                picture = self._pictures.preview(message.content.media[0])
                with Aside(painter):
                    painter.setClipPath(path)
                    painter.fillRect(rect, self._theme.color("skeleton"))
                    if picture is not None:
                        painter.drawPixmap(rect, picture, cover(picture, rect.size()))
                if self.hasFocus() and place == self._current:
                    painter.setPen(QPen(self._theme.color("accent"), 2))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 6, 6)

    def _place_at(self, point: QPoint) -> int | None:
        spot = point.toPointF()
        places = range(len(self._messages))
        return next((place for place in places if self._rect(place).contains(spot)), None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position().toPoint())
        if place is not None:
            self.chosen.emit(self._messages[place])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Down: COLUMNS,
            Qt.Key.Key_Up: -COLUMNS,
        }.get(Qt.Key(event.key()), 0)
        if step and self._messages:
            self._current = max(0, min(len(self._messages) - 1, self._current + step))
            self._name()
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if self._messages:
                self.chosen.emit(self._messages[self._current])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()
