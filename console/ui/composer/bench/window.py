"""The bench itself: a window to black out, crop, turn, name and caption a file before it goes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from console.domain.conversation import Channel
from console.domain.intents import Attachment
from console.domain.media_rules import LIMITS, MB
from console.ui import words
from console.ui.composer.bench.pictures import BlackOut, Crop, Step, Turn, apply, encode, read
from console.ui.language import translate
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.times import size
from console.ui.widgets.buttons import IconButton, button
from console.ui.widgets.labels import label

SHOWN = 1280  # px of the longer side while one works; the whole picture is changed at the end
LEAST = 4  # px: a smaller rectangle was a click
GROUND = "#0E1112"


@dataclass(frozen=True, slots=True)
class Worked:
    """What came out: `content` is None where only the name or the caption changed."""

    name: str
    caption: str
    content: bytes | None = None
    content_type: str = ""


class Canvas(QWidget):
    """The picture, and the rectangle that is being drawn over it."""

    drawn = Signal(QRectF)  # parts of the picture, 0..1

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._from: QPointF | None = None
        self._to = QPointF()
        self.is_crop = False
        self.setMinimumSize(360, 240)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(translate("bench", "Picture"))

    def show_image(self, image: QImage) -> None:
        self._image = image
        self._from = None
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
        if self._from is None:
            return QRectF()
        return QRectF(self._from, self._to).normalized().intersected(self._place())

    # Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(GROUND))
        if self._image.isNull():
            painter.end()
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place = self._place()
        painter.drawImage(place, self._image)
        drawing = self._drawing()
        if not drawing.isEmpty():
            if self.is_crop:
                shade = QColor(0, 0, 0, 150)
                for part in (
                    QRectF(place.topLeft(), QPointF(place.right(), drawing.top())),
                    QRectF(QPointF(place.left(), drawing.bottom()), place.bottomRight()),
                    QRectF(
                        place.left(), drawing.top(), drawing.left() - place.left(), drawing.height()
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
                painter.fillRect(drawing, Qt.GlobalColor.black)
            painter.setPen(QPen(Qt.GlobalColor.white, 1))
            painter.drawRect(drawing)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._image.isNull():
            self._from = self._to = event.position()
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is not None:
            self._to = event.position()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drawing, place = self._drawing(), self._place()
        self._from = None
        self.update()
        if drawing.width() >= LEAST and drawing.height() >= LEAST:
            self.drawn.emit(
                QRectF(
                    (drawing.x() - place.x()) / place.width(),
                    (drawing.y() - place.y()) / place.height(),
                    drawing.width() / place.width(),
                    drawing.height() / place.height(),
                )
            )


class Bench(QWidget):
    """Works on one file. `done` carries what came out; nothing does when it is just closed."""

    done = Signal(object)  # Worked

    def __init__(
        self,
        theme: Theme,
        tasks: TaskScope,
        attachment: Attachment,
        channel: Channel,
        parent: QWidget,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        # Nobody sends what they are about to black out, nor goes on to another customer under it.
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("kind", "surface")
        self.setWindowTitle(
            translate("bench", "Edit {name}").format(name=words.file_name(attachment.name))
        )
        self._tasks = tasks
        self._attachment = attachment
        self._channel = channel
        self._data = b""
        self._preview = QImage()
        self._steps: list[Step] = []
        self._is_saving = False
        stem, dot, ending = attachment.name.rpartition(".")
        self._ending = f".{ending}" if dot else ""
        self.canvas = Canvas()
        self.name = QLineEdit(stem if dot else attachment.name)
        self.caption = QLineEdit(attachment.caption)
        self.said = label("", "small", "muted")
        self.save = button(translate("bench", "Save (Ctrl+S)"), "primary")
        self.cancel = button(translate("bench", "Cancel (Esc)"))
        self.tools: dict[str, IconButton] = {}
        self._build(theme)
        self._choose("black")

    @property
    def is_picture(self) -> bool:
        return self._attachment.content_type.startswith("image/")

    async def show_bytes(self, data: bytes) -> None:
        """Show the file's picture (if it is one) and the window."""
        self._data = data
        if self.is_picture:
            found = await asyncio.to_thread(read, data, self._attachment.content_type, SHOWN)
            if found is not None:
                self._preview = found
        has = not self._preview.isNull()
        self.canvas.setVisible(has)
        for tool in self.tools.values():
            tool.setVisible(has)
        self._refresh()
        self.resize(*((900, 720) if has else (480, 180)))
        self.show()
        (self.canvas if has else self.name).setFocus()

    def steps(self) -> tuple[Step, ...]:
        return tuple(self._steps)

    def _build(self, theme: Theme) -> None:
        self.canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 8, 12, 8)
        bar.setSpacing(4)
        for key, icon, tip, slot in (
            ("black", "eraser", translate("bench", "Black out (B)"), lambda: self._choose("black")),
            ("crop", "crop", translate("bench", "Crop (C)"), lambda: self._choose("crop")),
            (
                "left",
                "rotate-ccw",
                translate("bench", "Turn left (L)"),
                lambda: self.work(Turn(-1)),
            ),
            (
                "right",
                "rotate-cw",
                translate("bench", "Turn right (R)"),
                lambda: self.work(Turn(1)),
            ),
            ("undo", "undo-2", translate("bench", "Undo (Ctrl+Z)"), self._undo),
        ):
            made = IconButton(theme, icon, tip, side=34)
            made.setProperty("kind", "tool")
            made.setCheckable(key in ("black", "crop"))
            made.clicked.connect(slot)
            self.tools[key] = made
            bar.addWidget(made)
        bar.addSpacing(8)
        bar.addWidget(self.said)
        bar.addStretch(1)
        fields = QHBoxLayout()
        fields.setSpacing(10)
        for title, field in (
            (translate("bench", "Name"), self.name),
            (translate("bench", "Caption"), self.caption),
        ):
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(label(title, "caption", "muted"))
            column.addWidget(field)
            field.setAccessibleName(title)
            fields.addLayout(column, 1)
        self.caption.setPlaceholderText(
            translate("bench", "Sent under this file; without one the text of the reply is")
        )
        self.caption.setMaxLength(1024)
        self.name.setMaxLength(120)
        feet = QHBoxLayout()
        feet.addStretch(1)
        feet.addWidget(self.cancel)
        feet.addWidget(self.save)
        under = QVBoxLayout()
        under.setContentsMargins(16, 10, 16, 14)
        under.setSpacing(12)
        under.addLayout(fields)
        under.addLayout(feet)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        layout.addLayout(bar)
        layout.addWidget(self.canvas, 1)
        layout.addLayout(under)
        self.canvas.drawn.connect(self._on_drawn)
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.close)

    def _choose(self, tool: str) -> None:
        self.canvas.is_crop = tool == "crop"
        for key in ("black", "crop"):
            self.tools[key].setChecked(key == tool)

    def _on_drawn(self, part: QRectF) -> None:
        made = (part.x(), part.y(), part.width(), part.height())
        self.work(Crop(*made) if self.canvas.is_crop else BlackOut(*made))
        if self.canvas.is_crop:
            self._choose("black")

    def work(self, step: Step) -> None:
        """One step more; undone by Ctrl+Z."""
        if not self._preview.isNull():
            self._steps.append(step)
            self._refresh()

    def _undo(self) -> None:
        if self._steps:
            self._steps.pop()
            self._refresh()

    def _refresh(self) -> None:
        if not self._preview.isNull():
            # A preview of at most 1280 px: some milliseconds.
            self.canvas.show_image(apply(self._preview, self.steps()))
        self.tools["undo"].setEnabled(bool(self._steps))
        self.said.setText(size(self._attachment.size))

    def _save(self) -> None:
        if not self._is_saving:
            self._is_saving = True
            self.save.setEnabled(False)
            self.said.setText(translate("bench", "Saving…"))
            self._tasks.start(self._work(), "bench")

    async def _work(self) -> None:
        stem = " ".join(self.name.text().split()) or translate("bench", "file")
        caption = self.caption.text().strip()
        if not self._steps:
            self.done.emit(Worked(stem + self._ending, caption))
            self.close()
            return
        content, content_type = await asyncio.to_thread(self._made)
        ending = ".png" if content_type == "image/png" else ".jpg"
        self.done.emit(Worked(stem + ending, caption, content, content_type))
        self.close()

    def _made(self) -> tuple[bytes, str]:
        """The whole picture, changed and encoded anew. Blocks."""
        whole = read(self._data, self._attachment.content_type)
        lossless = self._attachment.content_type == "image/png"
        limit = LIMITS[self._channel].get("image/jpeg", 5 * MB)
        return encode(apply(whole or self._preview, self.steps()), limit, lossless=lossless)

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.matches(QKeySequence.StandardKey.Save):
            self._save()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self._undo()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._save()
        elif event.key() == Qt.Key.Key_B:
            self._choose("black")
        elif event.key() == Qt.Key.Key_C:
            self._choose("crop")
        elif event.key() == Qt.Key.Key_L:
            self.work(Turn(-1))
        elif event.key() == Qt.Key.Key_R:
            self.work(Turn(1))
        else:
            super().keyPressEvent(event)
