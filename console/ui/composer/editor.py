"""The text field of the composer: grows with its text, formats, takes pasted files."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QTextCursor,
    QTextDocument,
    QTextDocumentFragment,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit

from console.domain.media_rules import MAX_TEXT
from console.domain.placeholders import next_variable
from console.ui.actions import Shortcut
from console.ui.composer.marks import OF_ACTION, toggled
from console.ui.composer.paragraphs import Paragraphs
from console.ui.theme.theme import Theme
from console.ui.theme.type import Role, pixels

LEAST_LINES, MOST_LINES = 2, 9
# Characters. Enough for a draft to be cut down; laying out a book takes the field a second.
MOST_PASTED = 10 * MAX_TEXT
CONTROL = Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier
_ADDRESS = re.compile(r"\w+://\S+")
# Control characters, but for tab and new line; and what stands for a picture within a text.
_UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffc]")


class Editor(QPlainTextEdit):
    """Emits what the agent wants; keeps no draft and sends nothing itself."""

    send_wanted = Signal()
    left_upwards = Signal()
    quote_last_wanted = Signal()  # Up in an empty field
    undo_send_wanted = Signal()  # Ctrl+Z where there is no typing to undo, unless it was moved
    files_pasted = Signal(object)  # list[str]: paths
    image_pasted = Signal(QImage)
    too_long = Signal(int)  # what was to be pasted, in characters; it is left out
    focus_changed = Signal(bool)
    resized = Signal()  # its lines became more or fewer

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        document = QTextDocument(self)
        document.setDocumentLayout(Paragraphs(document))
        self.setDocument(document)
        self._theme = theme
        self.enter_sends = True
        self.takes_files = True
        self.formats = True
        self._marks: dict[str, str] = {}  # by the keys that set them
        self._undoes_sending = True
        self.heights = (0, 0)  # px, at least and as its lines want it
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(name)
        document.setDocumentMargin(2)
        document.documentLayout().documentSizeChanged.connect(self._fit)
        theme.changed.connect(self._fit)
        self._fit()

    def set_keys(self, table: Sequence[Shortcut]) -> None:
        """From here on format, and take a reply back, with the keys that this person has."""
        self._marks = {
            keys: OF_ACTION[entry.name]
            for entry in table
            if entry.name in OF_ACTION
            for keys in entry.keys
        }
        self._undoes_sending = any(
            entry.name == "undo_send" and "Ctrl+Z" in entry.keys for entry in table
        )

    def text(self) -> str:
        return self.toPlainText()

    def show_text(self, text: str) -> None:
        """Take over a draft; the cursor goes to its end and nothing can be undone."""
        document = self.document()
        undoable = document.isUndoAvailable() or document.isRedoAvailable()
        if not text and document.isEmpty() and not undoable:
            return  # as it is in most conversations that one opens
        self.setPlainText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)

    def token(self, trigger: str) -> tuple[int, str] | None:
        """The word under way after `trigger`: where the trigger stands, and what follows it.

        Positions count UTF-16 units, as Qt's cursors do.
        """
        cursor = self.textCursor()
        if cursor.hasSelection():
            return None
        line = cursor.block().text()
        before = _units(line, cursor.positionInBlock())
        found = re.search(rf"(?:^|(?<=\s)){re.escape(trigger)}(\S*)$", before)
        if found is None:
            return None
        return cursor.block().position() + _length(before[: found.start()]), found[1]

    def replace_token(self, start: int, text: str) -> None:
        """Put `text` in the place of what stands between `start` and the cursor; undoable."""
        cursor = self.textCursor()
        end = cursor.position()
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def begin_token(self, trigger: str) -> None:
        """Type `trigger`, apart from the word before it."""
        cursor = self.textCursor()
        before = _units(cursor.block().text(), cursor.positionInBlock())
        self.put(trigger if not before or before[-1].isspace() else f" {trigger}")

    def select_variable(self, start: int = 0) -> bool:
        """Select the next {{variable}} after `start`, to be typed over; False if there is none."""
        text = self.text()
        span = next_variable(text, len(_units(text, start)))
        if span is not None:
            cursor = self.textCursor()
            cursor.setPosition(_length(text[: span[0]]))
            cursor.setPosition(_length(text[: span[1]]), QTextCursor.MoveMode.KeepAnchor)
            self.setTextCursor(cursor)
        return span is not None

    def put(self, text: str) -> None:
        """Insert at the cursor, instead of what is selected."""
        self.textCursor().insertText(text)
        self.ensureCursorVisible()

    def toggle_format(self, mark: str) -> None:
        """Put WhatsApp's mark around the selection, or take it away; undoable."""
        cursor = self.textCursor()
        start, end = cursor.selectionStart(), cursor.selectionEnd()
        chosen = cursor.selectedText().replace("\u2029", "\n")
        made, first, last = toggled(chosen, 0, len(chosen), mark)
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(made)
        cursor.setPosition(start + _length(made[:first]))
        cursor.setPosition(start + _length(made[:last]), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)

    def _fit(self) -> None:
        """As tall as its lines, between two and nine of them; fewer where there is no room."""
        font = self._theme.font(Role.BUBBLE)
        line = max(self.fontMetrics().lineSpacing(), round(pixels(font) * 1.25))
        lines = max(LEAST_LINES, min(MOST_LINES, round(self.document().size().height())))
        heights = (LEAST_LINES * line + 6, lines * line + 6)
        if heights != self.heights:
            self.heights = heights
            self.updateGeometry()
            self.resized.emit()

    def _mark_for(self, event: QKeyEvent) -> str | None:
        if not self.formats:
            return None
        return self._marks.get(QKeySequence(event.keyCombination()).toString())

    # Qt

    def setPlaceholderText(self, text: str) -> None:
        if text == self.placeholderText():
            return
        super().setPlaceholderText(text)
        self.viewport().update()  # Qt paints it where it comes or goes, not where it changes

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.heights[1])

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self.heights[0])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.ensureCursorVisible()

    def event(self, event: QEvent) -> bool:
        # Keys for formatting belong to the text, whatever they mean elsewhere in the window.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            undo = (event.key(), event.modifiers()) == (Qt.Key.Key_Z, CONTROL)
            if undo or self._mark_for(event) is not None:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        mark = self._mark_for(event)
        if mark is not None:
            self.toggle_format(mark)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if held == CONTROL or (held == NONE and self.enter_sends):
                if not event.isAutoRepeat():  # a key held down has not looked at what it was asked
                    self.send_wanted.emit()
            else:
                self.textCursor().insertText("\n")
                self.ensureCursorVisible()
        elif event.key() == Qt.Key.Key_Escape:
            self.left_upwards.emit()
        elif event.key() == Qt.Key.Key_Up and held == NONE and self.document().isEmpty():
            self.quote_last_wanted.emit()
        elif (event.key(), held) == (Qt.Key.Key_Z, CONTROL) and not self._can_undo():
            if self._undoes_sending:
                self.undo_send_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _can_undo(self) -> bool:
        return self.document().isUndoAvailable()

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab goes to the next {{variable}}, and on where there is none."""
        if next and self.select_variable(self.textCursor().selectionEnd()):
            return True
        return super().focusNextPrevChild(next)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        files = self.takes_files and (source.hasImage() or source.hasUrls())
        return files or source.hasText() or source.hasHtml()

    def insertFromMimeData(self, source: QMimeData) -> None:
        paths = local_paths(source.urls()) if self.takes_files else []
        text = plain_text(source)
        # A spreadsheet gives a picture of its cells along, a browser the address of its picture.
        is_picture = source.hasImage() and (not text.strip() or _ADDRESS.fullmatch(text.strip()))
        if paths:
            self.files_pasted.emit(paths)
        elif is_picture and self.takes_files:
            image = source.imageData()
            if isinstance(image, QImage) and not image.isNull():
                self.image_pasted.emit(image)
        elif len(text) > MOST_PASTED:
            self.too_long.emit(len(text))
        elif text:
            self.insertPlainText(text)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit(False)


def local_paths(urls: list[QUrl]) -> list[str]:
    """The files of this machine among dropped or pasted addresses."""
    return [url.toLocalFile() for url in urls if url.isLocalFile()]


def plain_text(source: QMimeData) -> str:
    """The words of what is pasted, without what no message can carry."""
    text = source.text()
    if not text and source.hasHtml():
        text = QTextDocumentFragment.fromHtml(source.html()).toPlainText()
    return _UNSENDABLE.sub("", text)


def _units(text: str, count: int) -> str:
    """The first `count` UTF-16 units of `text`."""
    return text.encode("utf-16-le")[: 2 * count].decode("utf-16-le", "ignore")


def _length(text: str) -> int:
    """How many UTF-16 units `text` has."""
    return len(text.encode("utf-16-le")) // 2
