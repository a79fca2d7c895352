"""Files chosen for a reply: a card each, with thumbnail, progress and order, until they are sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
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

from console.domain.conversation import Channel
from console.domain.intents import Attachment
from console.domain.media_rules import MAX_FILES, Refusal, refusal
from console.ui import words
from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.times import size
from console.ui.widgets.buttons import IconButton
from console.ui.widgets.flow import FlowLayout
from console.ui.widgets.labels import label

THUMB = 34
LONGEST_SHOWN = 30  # characters of a name


class Stage(Enum):
    """How far a file is."""

    BUSY = 0
    READY = 1
    FAILED = 2


@dataclass(slots=True)
class Entry:
    """One file of the reply under way. `progress` is 0..1, None while nobody knows.

    `why` says in a sentence what failed.
    """

    key: int
    attachment: Attachment
    stage: Stage = Stage.BUSY
    progress: float | None = None
    why: str = ""


def icon_for(content_type: str) -> str:
    family = content_type.partition("/")[0]
    return {"image": "image", "video": "video", "audio": "file-audio"}.get(family, "file-text")


def shown_name(name: str) -> str:
    """A file's name where there is little room, its ending kept."""
    clean = words.file_name(name)
    return clean if len(clean) <= LONGEST_SHOWN else f"{clean[:19]}…{clean[-9:]}"


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
        painter = QPainter(self)
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
        painter.end()


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
        self.second = label("", "stamp", "muted")
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
        painter = QPainter(square)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = QPainterPath()
        path.addRoundedRect(0, 0, side, side, 10, 10)
        painter.setClipPath(path)
        painter.drawImage(0, 0, scaled, x, y, side, side)
        painter.end()
        square.setDevicePixelRatio(2)
        self._thumb = square
        self.refresh()

    def refresh(self) -> None:
        """Show the entry as it is now."""
        entry, item = self._entry, self._entry.attachment
        self.name.setText(shown_name(item.name))
        busy, failed = entry.stage is Stage.BUSY, entry.stage is Stage.FAILED
        self.bar.setVisible(busy)
        self.bar.show_progress(entry.progress)
        self.retry.setVisible(failed)
        if failed:
            second = translate("composer", "Not attached")
        elif busy and entry.progress is not None:
            second = f"{round(entry.progress * 100)} %"
        elif busy:
            second = translate("composer", "Being prepared")
        else:
            second = size(item.size)
            if item.caption:
                second += f" · {words.one_line(item.caption, 24)}"
        self.second.setText(second)
        self._set_tone(self.second, "danger" if failed else "muted")
        tip = translate("composer", "Cancel {name}") if busy else translate("composer", "Remove {name}")
        tip = tip.format(name=words.file_name(item.name))
        self.cross.setToolTip(tip)
        self.cross.setAccessibleName(tip)
        self.setAccessibleName(f"{words.file_name(item.name)}, {entry.why or second}")
        self.setToolTip(
            entry.why
            or translate(
                "composer",
                "Edit: black out, crop, rename, caption (Enter)\nMove: drag, or Alt and an arrow",
            )
        )
        if not self._thumb.isNull():
            self.picture.setPixmap(self._thumb)
        else:
            icon = self._theme.qicon(icon_for(item.content_type), "accent", 18)
            self.picture.setPixmap(icon.pixmap(QSize(18, 18)))

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


class Attachments(QWidget):
    """The cards in rows. `changed` follows every change of what will be sent."""

    changed = Signal()
    cancelled = Signal(object)  # Entry: nobody waits for it any more
    retried = Signal(object)  # Entry
    opened = Signal(object)  # Entry
    appeared = Signal(object)  # Entry of a draft, which has no thumbnail yet

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._channel = Channel.WHATSAPP
        self._entries: list[tuple[Entry, Card]] = []
        self._count = 0
        self._flow = FlowLayout(6)
        self.setLayout(self._flow)
        self.hide()

    def items(self) -> tuple[Attachment, ...]:
        """The files that are ready, in the order in which they will leave."""
        return tuple(e.attachment for e, _ in self._entries if e.stage is Stage.READY)

    def entries(self) -> tuple[Entry, ...]:
        return tuple(entry for entry, _ in self._entries)

    def has(self, entry: Entry) -> bool:
        return any(known is entry for known, _ in self._entries)

    def card(self, entry: Entry) -> Card:
        """KeyError where the entry is no longer here."""
        for known, card in self._entries:
            if known is entry:
                return card
        raise KeyError(entry.key)

    @property
    def is_busy(self) -> bool:
        return any(entry.stage is Stage.BUSY for entry, _ in self._entries)

    @property
    def has_failed(self) -> bool:
        return any(entry.stage is Stage.FAILED for entry, _ in self._entries)

    def show_items(self, items: tuple[Attachment, ...], channel: Channel) -> None:
        """Show a draft's files for a conversation on `channel`."""
        self._channel = channel
        self.clear()
        for item in items:
            self.appeared.emit(self._append(Entry(0, item, Stage.READY)))

    def clear(self) -> None:
        for _, card in self._entries:
            self._drop(card)
        self._entries.clear()
        self.hide()

    def why_not(self, attachment: Attachment, *, beside: int | None = None) -> str:
        """Why this file cannot be one of them, in words; empty where it can.

        `beside` is how many others there are, where it is one of these already.
        """
        found = refusal(self._channel, attachment.content_type, attachment.size)
        most = MAX_FILES[self._channel]
        others = len(self._entries) if beside is None else beside
        if found is None and others >= most:
            found = Refusal("count", limit=most)
        return words.refusal(found, attachment.name, self._channel) if found else ""

    def begin(self, attachment: Attachment) -> Entry:
        """A card for a file that is on its way."""
        return self._append(Entry(0, attachment))

    def advance(self, entry: Entry, progress: float | None) -> None:
        entry.progress = progress
        self._refresh(entry)

    def finish(self, entry: Entry, attachment: Attachment) -> None:
        """The file is in the store and will be sent."""
        entry.attachment, entry.stage, entry.why = attachment, Stage.READY, ""
        self._refresh(entry)
        self.changed.emit()

    def fail(self, entry: Entry, why: str) -> None:
        """The file did not come; it can be tried again."""
        entry.stage, entry.why, entry.progress = Stage.FAILED, why, None
        self._refresh(entry)
        self.changed.emit()

    def restart(self, entry: Entry) -> None:
        entry.stage, entry.why, entry.progress = Stage.BUSY, "", None
        self._refresh(entry)

    def describe(self, entry: Entry, name: str, caption: str) -> None:
        """Another name, another caption."""
        entry.attachment = replace(entry.attachment, name=name, caption=caption)
        self._refresh(entry)
        self.changed.emit()

    def show_thumb(self, entry: Entry, image: QImage) -> None:
        if self.has(entry):
            self.card(entry).show_thumb(image)

    def remove(self, entry: Entry) -> None:
        """Take a file away; what is under way for it is cancelled."""
        for place, (known, card) in enumerate(self._entries):
            if known is entry:
                del self._entries[place]
                self._drop(card)
                break
        self.setVisible(bool(self._entries))
        self.cancelled.emit(entry)
        self.changed.emit()

    def move(self, entry: Entry, to: int) -> None:
        """Put a file to another place in the order."""
        place = next(i for i, (known, _) in enumerate(self._entries) if known is entry)
        to = max(0, min(len(self._entries) - 1, to))
        if to == place:
            return
        self._entries.insert(to, self._entries.pop(place))
        for _, card in self._entries:
            self._flow.removeWidget(card)
        for _, card in self._entries:
            self._flow.addWidget(card)
        self._flow.invalidate()
        self._flow.activate()
        self.changed.emit()

    def _append(self, entry: Entry) -> Entry:
        self._count += 1
        entry.key = self._count
        card = Card(self._theme, entry)
        self._entries.append((entry, card))
        self._flow.addWidget(card)
        card.removed.connect(lambda: self.remove(entry))
        card.retried.connect(lambda: self.retried.emit(entry))
        card.opened.connect(lambda: self._open(entry))
        card.moved.connect(lambda step: self._step(entry, step))
        card.dragged.connect(lambda point: self._drag(entry, point))
        self.show()
        return entry

    def _open(self, entry: Entry) -> None:
        if entry.stage is Stage.READY:
            self.opened.emit(entry)

    def _step(self, entry: Entry, step: int) -> None:
        place = next(i for i, (known, _) in enumerate(self._entries) if known is entry)
        self.move(entry, place + step)
        self.card(entry).setFocus()

    def _drag(self, entry: Entry, point: QPoint) -> None:
        for place, (known, card) in enumerate(self._entries):
            if known is not entry and card.geometry().contains(point):
                self.move(entry, place)
                return

    def _refresh(self, entry: Entry) -> None:
        if self.has(entry):
            self.card(entry).refresh()
            self._flow.invalidate()
            self.updateGeometry()

    def _drop(self, card: Card) -> None:
        self._flow.removeWidget(card)
        card.hide()
        card.deleteLater()
