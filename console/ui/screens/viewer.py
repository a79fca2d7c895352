"""The picture viewer: a window of its own, with zoom, dragging and saving."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.errors import ExpectedError
from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.timeline.decoding import decode
from console.ui.widgets.buttons import IconButton
from console.ui.widgets.labels import ElidedLabel, label

LARGEST = 8000  # px of the longer side shown; more than any screen, less than any bomb
STEP = 1.25
MOST = 8.0
GROUND = "#0E1112"


class Canvas(QWidget):
    """The picture itself. Zoom 0 fits it into the window."""

    zoom_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._pixmap = QPixmap()
        self._zoom = 0.0
        self._shift = QPointF(0, 0)
        self._grip: QPointF | None = None
        self.setMinimumSize(320, 220)

    def show_pixmap(self, pixmap: QPixmap) -> None:
        self._pixmap = pixmap
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
        return min(1.0, self.width() / self._pixmap.width(), self.height() / self._pixmap.height())

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom by `factor`, keeping the point `at` in its place."""
        before = self.scale()
        after = min(MOST, max(0.05, before * factor))
        center = QPointF(self.width() / 2, self.height() / 2)
        anchor = (at or center) - center
        self._shift = anchor - (anchor - self._shift) * (after / before)
        self._zoom = after
        self._hold()
        self.zoom_changed.emit()
        self.update()

    def _hold(self) -> None:
        """Never drag the picture out of sight."""
        spare = QSizeF(self._pixmap.size()) * self.scale()
        x = max(0.0, (spare.width() - self.width()) / 2)
        y = max(0.0, (spare.height() - self.height()) / 2)
        self._shift = QPointF(min(x, max(-x, self._shift.x())), min(y, max(-y, self._shift.y())))

    # Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(GROUND))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = QSizeF(self._pixmap.size()) * self.scale()
        rect = QRectF(QPointF(0, 0), size)
        rect.moveCenter(QPointF(self.width() / 2, self.height() / 2) + self._shift)
        painter.drawPixmap(rect, self._pixmap, QRectF(self._pixmap.rect()))
        painter.end()

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

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self._shift = event.position() - self._grip
            self._hold()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._hold()
        self.zoom_changed.emit()


class Viewer(QWidget):
    """Escape closes, wheel and + - zoom, 0 fits, Ctrl+S saves."""

    save_wanted = Signal()

    def __init__(self, theme: Theme, name: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("kind", "surface")
        self.setWindowTitle(name)
        self.resize(960, 720)
        self.setMinimumSize(400, 300)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.canvas = Canvas()
        self.percent = label("", "small", "muted")
        buttons = (
            ("zoom-out", translate("viewer", "Smaller (-)"), lambda: self.canvas.zoom(1 / STEP)),
            ("zoom-in", translate("viewer", "Larger (+)"), lambda: self.canvas.zoom(STEP)),
            ("maximize", translate("viewer", "Fit the window (0)"), self.canvas.fit),
            ("download", translate("viewer", "Save as (Ctrl+S)"), self.save_wanted.emit),
        )
        bar = QHBoxLayout()
        bar.setContentsMargins(14, 7, 10, 7)
        bar.setSpacing(4)
        bar.addWidget(ElidedLabel(name, "strong"), 1)
        bar.addWidget(self.percent)
        bar.addSpacing(6)
        for icon, tip, action in buttons:
            made = IconButton(theme, icon, tip)
            made.clicked.connect(action)
            bar.addWidget(made)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.canvas, 1)
        self.canvas.zoom_changed.connect(self._on_zoom_changed)

    async def show_bytes(self, data: bytes) -> None:
        """Decode off the loop and show; ExpectedError when it is no picture."""
        image = await asyncio.to_thread(decode, data, LARGEST)
        if image is None:
            self.deleteLater()
            raise ExpectedError(
                translate("viewer", "This picture cannot be shown"),
                translate("viewer", "Save it and open it in another program."),
            )
        self.canvas.show_pixmap(QPixmap.fromImage(image))
        self.show()
        self.setFocus()

    def _on_zoom_changed(self) -> None:
        self.percent.setText(f"{round(self.canvas.scale() * 100)} %")

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.canvas.zoom(STEP)
        elif event.key() == Qt.Key.Key_Minus:
            self.canvas.zoom(1 / STEP)
        elif event.key() == Qt.Key.Key_0:
            self.canvas.fit()
        elif event.matches(QKeySequence.StandardKey.Save):
            self.save_wanted.emit()
        else:
            super().keyPressEvent(event)
