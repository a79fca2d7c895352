"""A card of rows: what it is about to the front, what changes it to the end."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.ui.widgets.labels import label, rule


class CardRow(QWidget):
    """A title, what explains it, and a control."""

    def __init__(self, title: str, text: str = "", control: QWidget | None = None) -> None:
        super().__init__()
        self.title = label(title, "strong-plain", wrap=True)
        self.text = label(text, "small", "muted", wrap=True)
        if not text:
            self.text.hide()  # to show it before it has a place would make a window of it
        if control is not None:
            for part in (self.title, self.text):
                part.setBuddy(control)
            if not control.accessibleDescription():
                control.setAccessibleDescription(text)
        said = QVBoxLayout()
        said.setSpacing(2)
        said.addStretch(1)
        said.addWidget(self.title)
        said.addWidget(self.text)
        said.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(18, 11, 16, 11)
        layout.setSpacing(20)
        layout.addLayout(said, 1)
        if control is not None:
            layout.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)


class Card(QFrame):
    """Rows with hairlines between them."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(1, 3, 1, 3)
        self._layout.setSpacing(0)
        self._rows: list[tuple[QWidget, QWidget | None]] = []

    def add(self, row: QWidget) -> None:
        """A row under the others."""
        line: QWidget | None = None
        if self._rows:
            line = rule()
            self._layout.addWidget(line)
        self._layout.addWidget(row)
        self._rows.append((row, line))

    def add_row(self, title: str, text: str = "", control: QWidget | None = None) -> CardRow:
        made = CardRow(title, text, control)
        self.add(made)
        return made

    def show_only(self, wanted: set[QWidget]) -> None:
        """Hide the other rows; no hairline stands above the first one that is left."""
        is_first = True
        for row, line in self._rows:
            shown = row in wanted
            row.setVisible(shown)
            if line is not None:
                line.setVisible(shown and not is_first)
            is_first = is_first and not shown

    def arrange(self, rows: Sequence[QWidget]) -> None:
        """These rows in this order; those that are there stay as they are, others go."""
        for row, line in self._rows:
            self._layout.removeWidget(row)
            for gone in (line, None if row in rows else row):
                if gone is not None:
                    gone.hide()
                    gone.deleteLater()
        self._rows = []
        for row in rows:
            self.add(row)

    def clear(self) -> None:
        """Take every row out."""
        for row, line in self._rows:
            for widget in (row, line):
                if widget is not None:
                    self._layout.removeWidget(widget)
                    widget.hide()
                    widget.deleteLater()
        self._rows = []


def heading(text: str) -> QLabel:
    """What stands above a card."""
    return label(text, "header", wrap=True)
