"""The picture on the bench, and the rectangle over it: drawn by mouse, or placed by keys."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.widgets.spoken import speak_as

LEAST = 4  # px: a smaller rectangle was a click
STEP = 0.02  # of the picture's longer side, for a key
FIRST = (0.3, 0.44, 0.4, 0.12)  # the first rectangle by keys: a line of text in the middle
GROUND = "#0E1112"
SHADE = 150  # of 255: what a rectangle by keys covers can be seen until it is taken
_ARROWS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class Canvas(QWidget):
    """An arrow key or Enter shows a rectangle, the arrows move it, with Shift they size it, with
    Ctrl by one px; Enter takes it, Escape drops it.
    """

    drawn = Signal(QRectF)  # parts of the picture, 0..1

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        speak_as(self, QAccessible.Role.Graphic)
        self._theme = theme
        self._image = QImage()
        self._from: QPointF | None = None
        self._to = QPointF()
        self._placed: QRectF | None = None  # by keys; parts of the picture
        self._last = QRectF(*FIRST)
        self.is_crop = False
        self.setMinimumSize(360, 240)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(translate("bench", "Picture"))

    @property
    def placed(self) -> QRectF | None:
        """The rectangle of the keys, in parts of the picture, as long as it is not taken."""
        return self._placed

    def show_image(self, image: QImage) -> None:
        if image.size() != self._image.size():  # cropped or turned: another picture
            self._last = QRectF(*FIRST)
        self._image = image
        self._from = self._placed = None
        self.update()

    def _place(self) -> QRectF:
        room = QRectF(self.rect()).adjusted(16, 16, -16, -16)
        fit = QSizeF(self._image.size()).scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        if fit.width() > self._image.width():
            fit = QSizeF(self._image.size())
        place = QRectF(QPointF(0, 0), fit)
        place.moveCenter(room.center())
        return place

    def _drawing(self) -> QRectF:
        place = self._place()
        if self._from is not None:
            return QRectF(self._from, self._to).normalized().intersected(place)
        if self._placed is None:
            return QRectF()
        return QRectF(
            place.x() + self._placed.x() * place.width(),
            place.y() + self._placed.y() * place.height(),
            self._placed.width() * place.width(),
            self._placed.height() * place.height(),
        )

    def _part(self, drawing: QRectF) -> QRectF:
        place = self._place()
        return QRectF(
            (drawing.x() - place.x()) / place.width(),
            (drawing.y() - place.y()) / place.height(),
            drawing.width() / place.width(),
            drawing.height() / place.height(),
        )

    def _show_placed(self, part: QRectF | None) -> None:
        self._placed = part
        self.update()

    def _walk(self, dx: int, dy: int, held: Qt.KeyboardModifier) -> None:
        """Move or size the rectangle by a step; it stays within the picture."""
        place, drawing = self._place(), self._drawing()
        fine = bool(held & Qt.KeyboardModifier.ControlModifier)
        step = 1.0 if fine else max(1.0, STEP * max(place.width(), place.height()))
        if held & Qt.KeyboardModifier.ShiftModifier:
            drawing.setWidth(max(LEAST, drawing.width() + dx * step))
            drawing.setHeight(max(LEAST, drawing.height() + dy * step))
            drawing = drawing.intersected(place)
        else:
            drawing.translate(dx * step, dy * step)
            drawing.moveLeft(
                min(max(drawing.left(), place.left()), place.right() - drawing.width())
            )
            drawing.moveTop(min(max(drawing.top(), place.top()), place.bottom() - drawing.height()))
        self._show_placed(self._part(drawing))

    # Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(GROUND))
            if self._image.isNull():
                return
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            place = self._place()
            painter.drawImage(place, self._image)
            drawing = self._drawing()
            if not drawing.isEmpty():
                shade = QColor(0, 0, 0, SHADE)
                if self.is_crop:
                    for part in (
                        QRectF(place.topLeft(), QPointF(place.right(), drawing.top())),
                        QRectF(QPointF(place.left(), drawing.bottom()), place.bottomRight()),
                        QRectF(
                            place.left(),
                            drawing.top(),
                            drawing.left() - place.left(),
                            drawing.height(),
                        ),
                        QRectF(
                            drawing.right(),
                            drawing.top(),
                            place.right() - drawing.right(),
                            drawing.height(),
                        ),
                    ):
                        painter.fillRect(part, shade)
                else:
                    painter.fillRect(drawing, shade if self._placed else Qt.GlobalColor.black)
                painter.setPen(QPen(Qt.GlobalColor.white, 2 if self._placed else 1))
                painter.drawRect(drawing)
            if self.hasFocus() and self.window().testAttribute(
                Qt.WidgetAttribute.WA_KeyboardFocusChange
            ):
                painter.setPen(QPen(self._theme.color("accent"), 2))
                painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._image.isNull():
            self._from = self._to = event.position()
            self._show_placed(None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is not None:
            self._to = event.position()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drawing = self._drawing()
        self._from = None
        self.update()
        if drawing.width() >= LEAST and drawing.height() >= LEAST:
            self._last = self._part(drawing)
            self.drawn.emit(self._last)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        arrow = _ARROWS.get(event.key())
        takes = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if self._image.isNull() or self._from is not None:
            super().keyPressEvent(event)
        elif self._placed is None and (arrow or takes):
            self._show_placed(self._last)
        elif arrow:
            self._walk(*arrow, event.modifiers())
        elif takes and self._placed is not None:
            self._last = part = self._placed
            self._show_placed(None)
            self.drawn.emit(part)
        elif event.key() == Qt.Key.Key_Escape and self._placed is not None:
            self._show_placed(None)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()
