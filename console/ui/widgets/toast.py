"""A short notice over the window's lower edge that goes by itself, or by its cross."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.timeline.accessible import announce
from console.ui.widgets.buttons import button
from console.ui.widgets.labels import label

SHOWN = 8000  # ms: long enough for two sentences
WIDTH = 420


class Toast(QFrame):
    """One notice at a time; a new one replaces the old."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self._theme = theme
        self.setProperty("kind", "toast")
        self.title = label("", "strong", wrap=True)
        self.text = label("", "small", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.text)
        self.step = button("")
        self.step.clicked.connect(self._on_step)
        self._action: Callable[[], object] | None = None
        close = button(translate("toast", "Close"))
        close.clicked.connect(self.hide)
        layout = self._inside = QHBoxLayout(self)
        layout.setContentsMargins(14, 10, 10, 11)
        layout.addLayout(words, 1)
        layout.addWidget(self.step, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN)
        self._timer.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    def tell(self, title: str, text: str = "") -> None:
        self.offer(title, text, "", None)

    def offer(self, title: str, text: str, step: str, action: Callable[[], object] | None) -> None:
        """A notice with one thing to do about it, such as to undo."""
        self._action = action
        self.step.setText(step.replace("&", "&&"))
        self.step.setVisible(bool(step))
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.setAccessibleName(f"{title}. {text}")
        self.show()  # first: only what is shown has its fonts, and so its size
        self._place()
        self.raise_()
        self._timer.start()
        announce(self, self.accessibleName())

    def _on_step(self) -> None:
        self.hide()
        if self._action is not None:
            self._action()

    def _place(self) -> None:
        parent = self._parent
        wide = min(self._theme.px(WIDTH), parent.width() - 32)
        self.setFixedWidth(wide)
        self._inside.activate()
        self.setFixedHeight(self._inside.totalHeightForWidth(wide))
        self.move((parent.width() - wide) // 2, parent.height() - self.height() - 24)

    # Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False
