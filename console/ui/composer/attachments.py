"""Files chosen for a reply: checked by content, kept as chips until they are sent."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from PySide6.QtCore import QBuffer, QIODevice, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QLayoutItem, QWidget

from console.domain.conversation import Channel
from console.domain.intents import Attachment
from console.domain.media_rules import HEAD, MAX_FILES, MB, Refusal, refusal, sniff
from console.ui import words
from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.times import size
from console.ui.widgets.buttons import IconButton
from console.ui.widgets.labels import label

WHOLE = 20 * MB  # read whole up to here, as zip-based documents end with their index
PASTED = 5 * MB  # what both networks take of a picture


def examine(path: str) -> Attachment:
    """A file as it will be sent: its type told by content. Raises OSError. Blocks: not for the
    loop's thread."""
    place = Path(path)
    count = place.stat().st_size
    with place.open("rb") as file:
        data = file.read(count if count <= WHOLE else HEAD)
    return Attachment(str(place), place.name, sniff(data, place.name), count)


def encode(image: QImage) -> tuple[Attachment, bytes]:
    """A pasted picture as a file: PNG, or JPEG where PNG would be too large. Blocks."""
    content, ending = _encoded(image, "PNG"), "png"
    if len(content) > PASTED:
        content, ending = _encoded(image.convertToFormat(QImage.Format.Format_RGB32), "JPG"), "jpg"
    name = f"{uuid4().hex[:12]}.{ending}"
    return Attachment("", name, sniff(content, name), len(content)), content


def _encoded(image: QImage, form: str) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, form, 90 if form == "JPG" else -1)  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def icon_for(content_type: str) -> str:
    family = content_type.partition("/")[0]
    return {"image": "image", "video": "video", "audio": "file-audio"}.get(family, "file-text")


class AttachmentChip(QFrame):
    """One file: icon, name, size, and a cross."""

    removed = Signal()

    def __init__(self, theme: Theme, attachment: Attachment) -> None:
        super().__init__()
        self.setProperty("kind", "attachment")
        self._theme = theme
        self._icon = icon_for(attachment.content_type)
        self.icon = QLabel()
        name = words.file_name(attachment.name)
        shown = name if len(name) <= 34 else f"{name[:22]}…{name[-9:]}"
        cross = IconButton(
            theme,
            "x",
            translate("composer", "Remove {name}").format(name=name),
            side=22,
            size=13,
        )
        cross.setToolTip(translate("composer", "Remove"))
        cross.clicked.connect(self.removed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(9, 2, 4, 2)
        layout.setSpacing(7)
        layout.addWidget(self.icon)
        layout.addWidget(label(shown, "small"))
        layout.addWidget(label(size(attachment.size), "small", "muted"))
        layout.addWidget(cross)
        theme.changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        self.icon.setPixmap(self._theme.qicon(self._icon, "accent", 15).pixmap(QSize(15, 15)))


class Attachments(QWidget):
    """The chips in rows. `changed` follows every change."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._channel = Channel.WHATSAPP
        self._entries: list[tuple[Attachment, AttachmentChip]] = []
        self._flow = FlowLayout(self)
        self.hide()

    def items(self) -> tuple[Attachment, ...]:
        return tuple(attachment for attachment, _ in self._entries)

    def show_items(self, items: tuple[Attachment, ...], channel: Channel) -> None:
        """Show a draft's files for a conversation on `channel`."""
        self._channel = channel
        self.clear()
        for item in items:
            self._append(item)

    def clear(self) -> None:
        for _, chip in self._entries:
            self._flow.removeWidget(chip)
            chip.deleteLater()
        self._entries.clear()
        self.hide()

    def why_not(self, attachment: Attachment) -> str:
        """Why this file cannot be one of them, in words; empty where it can."""
        found = refusal(self._channel, attachment.content_type, attachment.size)
        most = MAX_FILES[self._channel]
        if found is None and len(self._entries) >= most:
            found = Refusal("count", limit=most)
        return words.refusal(found, attachment.name, self._channel) if found else ""

    def add(self, attachment: Attachment) -> None:
        """One more chip."""
        self._append(attachment)
        self.changed.emit()

    def _append(self, attachment: Attachment) -> None:
        chip = AttachmentChip(self._theme, attachment)
        entry = (attachment, chip)
        self._entries.append(entry)
        self._flow.addWidget(chip)
        chip.removed.connect(lambda: self._remove(entry))
        self.show()

    def _remove(self, entry: tuple[Attachment, AttachmentChip]) -> None:
        self._entries.remove(entry)
        self._flow.removeWidget(entry[1])
        entry[1].deleteLater()
        self.setVisible(bool(self._entries))
        self.changed.emit()


class FlowLayout(QLayout):
    """Widgets side by side, in as many rows as they need."""

    GAP = 6

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def _place(self, rect: QRect, *, really: bool) -> int:
        x, y, row = rect.x(), rect.y(), 0
        for item in self._items:
            wanted = item.sizeHint()
            if x > rect.x() and x + wanted.width() > rect.right():
                x, y, row = rect.x(), y + row + self.GAP, 0
            if really:
                item.setGeometry(QRect(x, y, min(wanted.width(), rect.width()), wanted.height()))
            x += wanted.width() + self.GAP
            row = max(row, wanted.height())
        return y + row - rect.y()

    # Qt

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), really=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, really=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        return QSize(60, max((item.sizeHint().height() for item in self._items), default=0))
