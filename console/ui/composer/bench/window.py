"""The bench itself: a window to black out, crop, turn, name and caption a file before it goes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QCloseEvent, QImage, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from console.domain.conversation import Channel
from console.domain.intents import Attachment
from console.domain.media_rules import LIMITS, MB
from console.ui import words
from console.ui.composer.bench.canvas import Canvas
from console.ui.composer.bench.pictures import BlackOut, Crop, Step, Turn, apply, encode, read
from console.ui.language import translate
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.times import size
from console.ui.widgets.buttons import IconButton, button
from console.ui.widgets.labels import ElidedLabel, label
from console.ui.widgets.spoken import speak_as

SHOWN = 1280  # px of the longer side while one works; the whole picture is changed at the end


@dataclass(frozen=True, slots=True)
class Worked:
    """What came out: `content` is None where only the name or the caption changed."""

    name: str
    caption: str
    content: bytes | None = None
    content_type: str = ""


class Bench(QWidget):
    """Works on one file. `done` carries what came out; nothing does when it is just closed.

    Who closes it over changes is asked in its own foot, and nothing waits for the answer.
    """

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
        speak_as(self, QAccessible.Role.Dialog)
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
        self._is_saving = self._may_close = False
        stem, dot, ending = attachment.name.rpartition(".")
        self._ending = f".{ending}" if dot else ""
        self.canvas = Canvas(theme)
        self.name = QLineEdit(stem if dot else attachment.name)
        self.caption = QLineEdit(attachment.caption)
        self.said = label("", "small", "muted")
        self.keys = ElidedLabel("", "small", "faint")
        self.question = label(
            translate("bench", "Your changes are not saved."), "small-strong", "warning", wrap=True
        )
        self.discard = button(translate("bench", "Discard the changes"), "danger")
        self.back = button(translate("bench", "Go on editing (Esc)"))
        self.save = button(translate("bench", "Save (Ctrl+S)"), "primary")
        self.cancel = button(translate("bench", "Cancel (Esc)"))
        self.tools: dict[str, IconButton] = {}
        self._before = self._texts()
        self._build(theme)
        self._choose("black")
        self._ask(False)

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
        for tool in (*self.tools.values(), self.keys):
            tool.setVisible(has)
        self._refresh()
        self.resize(QSize(*((900, 720) if has else (480, 180))).expandedTo(self.minimumSizeHint()))
        self.show()
        (self.canvas if has else self.name).setFocus()

    @property
    def is_changed(self) -> bool:
        """There is something to lose."""
        return bool(self._steps) or self._texts() != self._before

    @property
    def is_asking(self) -> bool:
        """Whether to discard the changes is open."""
        return not self.question.isHidden()

    def _texts(self) -> tuple[str, str]:
        return self.name.text(), self.caption.text()

    def steps(self) -> tuple[Step, ...]:
        return tuple(self._steps)

    def _build(self, theme: Theme) -> None:
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
        bar.addSpacing(8)
        bar.addWidget(self.keys, 1)
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
            field.textEdited.connect(lambda: self._ask(False))
            fields.addLayout(column, 1)
        self.caption.setPlaceholderText(
            translate("bench", "Sent under this file; without one the text of the reply is")
        )
        self.caption.setMaxLength(1024)
        self.name.setMaxLength(120)
        feet = QHBoxLayout()
        feet.addStretch(1)
        for answer in (self.discard, self.back, self.cancel, self.save):
            feet.addWidget(answer)
        under = QVBoxLayout()
        under.setContentsMargins(16, 10, 16, 14)
        under.setSpacing(12)
        under.addLayout(fields)
        under.addWidget(self.question)
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
        self.discard.clicked.connect(self._leave)
        self.back.clicked.connect(self._go_on)

    def _choose(self, tool: str) -> None:
        self.canvas.is_crop = tool == "crop"
        for key in ("black", "crop"):
            self.tools[key].setChecked(key == tool)
        said = (
            translate("bench", "Arrows: a rectangle · Shift: its size · Ctrl: finely · Enter: crop")
            if self.canvas.is_crop
            else translate(
                "bench", "Arrows: a rectangle · Shift: its size · Ctrl: finely · Enter: black out"
            )
        )
        self.keys.setText(said)
        self.canvas.setAccessibleDescription(said)
        self.canvas.update()

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
        self._ask(False)
        self.said.setText(size(self._attachment.size))

    def _save(self) -> None:
        if not self._is_saving:
            self._is_saving = True
            self.save.setEnabled(False)
            self.said.setText(translate("bench", "Saving…"))
            self._tasks.start(self._work(), "bench")

    def _ask(self, on: bool) -> None:
        """Whether the changes may go: in the foot, the safe answer has the focus."""
        for part in (self.question, self.discard, self.back):
            part.setVisible(on)
        self.cancel.setVisible(not on)
        if on:
            self.resize(self.size().expandedTo(self.minimumSizeHint()))
            self.back.setFocus()

    def _go_on(self) -> None:
        self._ask(False)
        (self.name if self._preview.isNull() else self.canvas).setFocus()

    def _leave(self) -> None:
        self._may_close = True
        self.close()

    async def _work(self) -> None:
        try:
            worked = await self._worked()
        finally:
            self._is_saving = False
            self.save.setEnabled(True)
        self.done.emit(worked)
        self._leave()

    async def _worked(self) -> Worked:
        stem = " ".join(self.name.text().split()) or translate("bench", "file")
        caption = self.caption.text().strip()
        if not self._steps:
            return Worked(stem + self._ending, caption)
        content, content_type = await asyncio.to_thread(self._made)
        ending = ".png" if content_type == "image/png" else ".jpg"
        return Worked(stem + ending, caption, content, content_type)

    def _made(self) -> tuple[bytes, str]:
        """The whole picture, changed and encoded anew. Blocks."""
        whole = read(self._data, self._attachment.content_type)
        lossless = self._attachment.content_type == "image/png"
        limit = LIMITS[self._channel].get("image/jpeg", 5 * MB)
        return encode(apply(whole or self._preview, self.steps()), limit, lossless=lossless)

    # Qt

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close or not (self._is_saving or self.is_changed):
            event.accept()
            return
        event.ignore()
        if not self._is_saving:
            self._ask(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        here = self.focusWidget()
        if event.key() == Qt.Key.Key_Escape:
            if self.is_asking:
                self._go_on()
            else:
                self.close()
        elif event.matches(QKeySequence.StandardKey.Save):
            self._save()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self._undo()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if isinstance(here, QAbstractButton):
                here.click()
            else:
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
