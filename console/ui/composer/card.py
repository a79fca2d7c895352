"""The card of one attached file: thumbnail, name, progress, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.domain.intents import Attachment
from console.ui import words
from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.times import size
from console.ui.widgets.buttons import IconButton
from console.ui.widgets.labels import ElidedLabel, label

THUMB = 34
LONGEST_SHOWN = 30  # characters of a name


class Stage(Enum):
    """How far a file is."""

    BUSY = 0
    READY = 1
    FAILED = 2
    MISSING = 3  # attached on another machine, or in a store that is lost: only its name is here


@dataclass(slots=True)
class Entry:
    """One file of the reply under way. `progress` is 0..1, None while nobody knows.

    `why` says in a sentence what failed, or in some words what one on its way waits for. `lost` is
    the file as the draft names it, until its bytes are here again.
    """

    key: int
    attachment: Attachment
    stage: Stage = Stage.BUSY
    progress: float | None = None
    why: str = ""
    lost: Attachment | None = None


def icon_for(content_type: str) -> str:
    family = content_type.partition("/")[0]
    return {"image": "image", "video": "video", "audio": "file-audio"}.get(family, "file-text")


def shown_name(name: str) -> str:
    """A file's name where there is little room, its ending kept."""
    clean = words.file_name(name)
    return clean if len(clean) <= LONGEST_SHOWN else f"{clean[:19]}…{clean[-9:]}"


def _how() -> str:
    return translate(
        "composer",
        "Edit: black out, crop, rename, caption (Enter)\nMove: drag, or Alt and an arrow",
    )


class Bar(QWidget):
    """A thin line of progress; without a number a third of it, in the middle."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._done: float | None = None
        self.setFixedSize(64, 4)

    def show_progress(self, done: float | None) -> None:
        self._done = done
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("line"))
            painter.drawRoundedRect(self.rect(), 2, 2)
            painter.setBrush(self._theme.color("accent"))
            wide = self.width()
            part = QRectF(wide / 3, 0, wide / 3, 4)
            if self._done is not None:
                part = QRectF(0, 0, max(4.0, wide * self._done), 4)
            painter.drawRoundedRect(part, 2, 2)


class Card(QFrame):
    """One file. Delete removes it, Alt and an arrow moves it, Enter opens it on the bench."""

    removed = Signal()
    retried = Signal()
    opened = Signal()
    moved = Signal(int)  # places to the right, negative to the left
    dragged = Signal(QPoint)  # where to, in the parent

    def __init__(self, theme: Theme, entry: Entry) -> None:
        super().__init__()
        self.setProperty("kind", "attachment")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._theme = theme
        self._entry = entry
        self._thumb = QPixmap()
        self._grip: QPoint | None = None
        self._is_dragging = False
        self.picture = QLabel()
        self.picture.setFixedSize(THUMB, THUMB)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.name = label("", "small-strong")
        self.second = ElidedLabel("", "stamp", "muted")
        self.bar = Bar(theme)
        self.retry = IconButton(
            theme, "rotate-ccw", translate("composer", "Try again"), side=22, size=13, ink="danger"
        )
        self.cross = IconButton(theme, "x", "", side=22, size=13)
        self.cross.clicked.connect(self.removed)
        self.retry.clicked.connect(self.retried)
        under = QHBoxLayout()
        under.setSpacing(7)
        under.addWidget(self.bar)
        under.addWidget(self.second)
        under.addStretch(1)
        lines = QVBoxLayout()
        lines.setSpacing(2)
        lines.addStretch(1)
        lines.addWidget(self.name)
        lines.addLayout(under)
        lines.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(5, 4, 5, 4)
        layout.setSpacing(8)
        layout.addWidget(self.picture)
        layout.addLayout(lines)
        layout.addWidget(self.retry)
        layout.addWidget(self.cross)
        theme.changed.connect(self.refresh)
        self.refresh()

    def show_thumb(self, image: QImage) -> None:
        """A square out of the middle of the picture."""
        side = round(THUMB * 2)
        scaled = image.scaled(
            side,
            side,
            Qt.AspectRatioMode.KeepAspectRatioByExpanding,
            Qt.TransformationMode.SmoothTransformation,
        )
        x, y = (scaled.width() - side) // 2, (scaled.height() - side) // 2
        square = QPixmap(side, side)
        square.fill(Qt.GlobalColor.transparent)
        with QPainter(square) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            path = QPainterPath()
            path.addRoundedRect(0, 0, side, side, 10, 10)
            painter.setClipPath(path)
            painter.drawImage(0, 0, scaled, x, y, side, side)
        square.setDevicePixelRatio(2)
        self._thumb = square
        self.refresh()

    def refresh(self) -> None:
        """Show the entry as it is now."""
        entry, item = self._entry, self._entry.attachment
        self.name.setText(shown_name(item.name))
        busy, failed = entry.stage is Stage.BUSY, entry.stage is Stage.FAILED
        missing = entry.stage is Stage.MISSING
        clean = words.file_name(item.name)
        self.bar.setVisible(busy)
        self.bar.show_progress(entry.progress)
        self.retry.setVisible(failed or missing)
        again = translate("composer", "Attach {name} again").format(name=clean)
        said = again if missing else translate("composer", "Try again")
        self.retry.setToolTip(words.tip(said))
        self.retry.setAccessibleName(said)
        self.retry.show_icon(
            "paperclip" if missing else "rotate-ccw", "warning" if missing else "danger"
        )
        if missing:
            second = translate("composer", "Not on this computer: attach again")
        elif failed:
            second = translate("composer", "Not attached")
        elif busy and entry.progress is not None:
            second = f"{round(entry.progress * 100)}%"
        elif busy:
            second = entry.why or translate("composer", "Being prepared")
        else:
            second = size(item.size)
        if item.caption and (missing or entry.stage is Stage.READY):
            second += f" · {words.one_line(item.caption, 24)}"
        self.second.setText(second)
        self._set_tone(self.second, "danger" if failed else "warning" if missing else "muted")
        tip = (
            translate("composer", "Cancel {name}")
            if busy
            else translate("composer", "Remove {name}")
        )
        tip = tip.format(name=clean)
        self.cross.setToolTip(words.tip(tip))
        self.cross.setAccessibleName(tip)
        self.setAccessibleName(f"{clean}, {entry.why or second}")
        about = entry.why or (self._why_missing() if missing else _how())
        self.setToolTip(words.tip(about))
        if not self._thumb.isNull():
            self.picture.setPixmap(self._thumb)
        else:
            ink = "muted" if missing else "accent"
            icon = self._theme.qicon(icon_for(item.content_type), ink, 18)
            self.picture.setPixmap(icon.pixmap(QSize(18, 18)))

    def _why_missing(self) -> str:
        said = translate(
            "composer",
            "{name} was attached on another computer, or this program does not have all of it."
            "\nChoose it again (Enter), or remove it (Delete).",
        )
        return said.format(name=words.file_name(self._entry.attachment.name))

    @staticmethod
    def _set_tone(widget: QWidget, tone: str) -> None:
        if widget.property("tone") != tone:
            widget.setProperty("tone", tone)
            widget.style().unpolish(widget)
            widget.style().polish(widget)

    # Qt

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grip = event.position().toPoint()
        self._is_dragging = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is None:
            return
        way = (event.position().toPoint() - self._grip).manhattanLength()
        if self._is_dragging or way >= QApplication.startDragDistance():
            self._is_dragging = True
            self.dragged.emit(self.mapToParent(event.position().toPoint()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None and not self._is_dragging:
            self.opened.emit()
        self._grip = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        match event.key():
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self.removed.emit()
            case Qt.Key.Key_Left if alt:
                self.moved.emit(-1)
            case Qt.Key.Key_Right if alt:
                self.moved.emit(1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                self.opened.emit()
            case _:
                super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()
