"""The text field of the composer: grows with its text, sends on Enter, takes pasted files."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt, QUrl, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit

from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.theme.type import Role, pixels

LEAST_LINES, MOST_LINES = 2, 9


class Editor(QPlainTextEdit):
    """Emits what the agent wants; keeps no draft and sends nothing itself."""

    send_wanted = Signal()
    left_upwards = Signal()
    files_pasted = Signal(object)  # list[str]: paths
    image_pasted = Signal(QImage)
    focus_changed = Signal(bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.enter_sends = True
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(translate("composer", "Reply"))
        self.document().setDocumentMargin(2)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        theme.changed.connect(self._fit)
        self._fit()

    def text(self) -> str:
        return self.toPlainText()

    def _fit(self) -> None:
        """As tall as its lines, between two and nine of them."""
        font = self._theme.font(Role.BUBBLE)
        line = max(self.fontMetrics().lineSpacing(), round(pixels(font) * 1.25))
        lines = max(LEAST_LINES, min(MOST_LINES, round(self.document().size().height())))
        self.setFixedHeight(lines * line + 6)

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            control = held == Qt.KeyboardModifier.ControlModifier
            plain = held == Qt.KeyboardModifier.NoModifier
            if control or (plain and self.enter_sends):
                self.send_wanted.emit()
            else:
                self.textCursor().insertText("\n")
                self.ensureCursorVisible()
        elif event.key() == Qt.Key.Key_Escape:
            self.left_upwards.emit()
        else:
            super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasImage() or source.hasUrls() or source.hasText()

    def insertFromMimeData(self, source: QMimeData) -> None:
        paths = local_paths(source.urls())
        if paths:
            self.files_pasted.emit(paths)
        elif source.hasImage():
            image = source.imageData()
            if isinstance(image, QImage) and not image.isNull():
                self.image_pasted.emit(image)
        elif source.hasText():
            self.insertPlainText(source.text())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit(False)


def local_paths(urls: list[QUrl]) -> list[str]:
    """The files of this machine among dropped or pasted addresses."""
    return [url.toLocalFile() for url in urls if url.isLocalFile()]
