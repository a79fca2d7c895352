"""A question with a few answers, shown over its window without stopping anything else."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from console.ui.widgets.buttons import button
from console.ui.widgets.labels import label

WIDTH = 400


class Question(QDialog):
    """Add answers, then `open()`. The last answer added is the safe one and has the focus."""

    def __init__(self, parent: QWidget, title: str, text: str) -> None:
        super().__init__(parent.window())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setMinimumHeight(120)
        self._answers = QHBoxLayout()
        self._answers.setSpacing(8)
        self._answers.addStretch(1)
        layout = self._inside = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(8)
        layout.addWidget(label(title, "header", wrap=True))
        layout.addWidget(label(text, "", "muted", wrap=True))
        layout.addSpacing(8)
        layout.addLayout(self._answers)

    def add(self, text: str, action: Callable[[], object] | None, kind: str = "") -> None:
        """An answer; without `action` it only closes."""
        made = button(text, kind)
        made.clicked.connect(lambda: self._answer(action))
        self._answers.addWidget(made)
        made.setFocus()

    def open(self) -> None:
        """Show it as wide as its answers and as tall as its words need; returns at once."""
        margins = self.contentsMargins() + self._inside.contentsMargins()
        answers = self._answers.sizeHint().width() + margins.left() + margins.right()
        self.setFixedWidth(max(WIDTH, answers))
        self.adjustSize()
        super().open()

    def _answer(self, action: Callable[[], object] | None) -> None:
        self.accept()
        if action is not None:
            action()
