"""A picture to look at closely: zoomed, turned, dragged."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from console.ui.widgets.spoken import speak_as

STEP = 1.25
MOST = 8.0
LEAST = 0.05
GROUND = "#0E1112"
INK = "#A3AEB5"


class Canvas(QWidget):
    """Zoom 0 fits the picture into the window, which enlarges only what moves."""

    zoom_changed = Signal()
    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        speak_as(self, QAccessible.Role.Graphic)
        self._pixmap = QPixmap()
        self._words = ""
        self._turns = 0  # quarter turns to the right
        self._zoom = 0.0
        self._grows = False
        self._shift = QPointF(0, 0)
        self._grip: QPointF | None = None
        self._moved = False
        self.setMinimumSize(320, 220)

    def show_image(self, image: QImage, *, anew: bool = True, grows: bool = False) -> None:
        """Show a picture; with `anew` false it is the next frame of what is shown."""
        self._words, self._grows = "", grows
        self._pixmap = QPixmap.fromImage(image)
        if anew:
            self._turns = 0
            self.fit()
        self.update()

    def show_words(self, text: str) -> None:
        """Instead of a picture, why there is none."""
        self._pixmap = QPixmap()
        self._words = text
        self.fit()

    @property
    def is_empty(self) -> bool:
        return self._pixmap.isNull()

    def turn(self, quarters: int) -> None:
        """Turn to the right by quarters."""
        self._turns = (self._turns + quarters) % 4
        self.fit()

    def fit(self) -> None:
        self._zoom, self._shift = 0.0, QPointF(0, 0)
        self.zoom_changed.emit()
        self.update()

    def scale(self) -> float:
        """Device-independent pixels for one of the picture's."""
        if self._zoom:
            return self._zoom
        if self._pixmap.isNull():
            return 1.0
        size = self._turned()
        fitting = min(self.width() / size.width(), self.height() / size.height())
        return min(MOST if self._grows else 1.0, fitting)

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom by `factor`, keeping the point `at` in its place."""
        before = self.scale()
        after = min(MOST, max(LEAST, before * factor))
        center = QPointF(self.width() / 2, self.height() / 2)
        anchor = (at or center) - center
        self._shift = anchor - (anchor - self._shift) * (after / before)
        self._zoom = after
        self._hold()
        self.zoom_changed.emit()
        self.update()

    def _turned(self) -> QSizeF:
        size = QSizeF(self._pixmap.size())
        return size.transposed() if self._turns % 2 else size

    def _hold(self) -> None:
        """Never drag the picture out of sight."""
        spare = self._turned() * self.scale()
        x = max(0.0, (spare.width() - self.width()) / 2)
        y = max(0.0, (spare.height() - self.height()) / 2)
        self._shift = QPointF(min(x, max(-x, self._shift.x())), min(y, max(-y, self._shift.y())))

    # Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(GROUND))
            if self._pixmap.isNull():
                painter.setPen(QColor(INK))
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(self.rect().adjusted(40, 0, -40, 0), int(flags), self._words)
            else:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.translate(QPointF(self.width() / 2, self.height() / 2) + self._shift)
                painter.rotate(90 * self._turns)
                size = QSizeF(self._pixmap.size()) * self.scale()
                rect = QRectF(QPointF(-size.width() / 2, -size.height() / 2), size)
                painter.drawPixmap(rect, self._pixmap, QRectF(self._pixmap.rect()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta().y()
        if turn:
            self.zoom(STEP if turn > 0 else 1 / STEP, event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._zoom:
            self.fit()
        else:
            self.zoom(1 / self.scale(), event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grip = event.position() - self._shift
        self._moved = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self._moved = True
            self._shift = event.position() - self._grip
            self._hold()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        if not self._moved and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._hold()
        self.zoom_changed.emit()
