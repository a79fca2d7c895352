"""A column of fields with one button, that says in itself what went wrong."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from console.ui.theme.theme import Theme
from console.ui.widgets.buttons import button
from console.ui.widgets.labels import label
from console.ui.widgets.stops import ReadingOrder


class Form(QWidget):
    """`submitted` follows the button or Enter in any field."""

    submitted = Signal()

    def __init__(self, theme: Theme, title: str, submit: str) -> None:
        super().__init__()
        self._theme = theme
        self._fields: dict[str, QLineEdit] = {}
        self.caption = label("", "", "muted")
        self.caption.hide()
        self.submit = button(submit, "primary")
        self.submit.clicked.connect(self.submitted)
        self.message = label("", "small", "danger", wrap=True)
        self.message.hide()
        self._upper = QVBoxLayout()
        self._upper.setSpacing(6)
        self._lower = QVBoxLayout()
        self._lower.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(label(title, "welcome", wrap=True))
        layout.addWidget(self.caption)
        layout.addSpacing(12)
        layout.addLayout(self._upper)
        layout.addSpacing(10)
        layout.addWidget(self.submit)
        layout.addWidget(self.message)
        layout.addSpacing(6)
        layout.addLayout(self._lower)
        layout.addStretch(1)
        ReadingOrder(self)

    def add(self, name: str, text: str, hint: str = "", *, secret: bool = False) -> QLineEdit:
        made = QLineEdit()
        made.setPlaceholderText(hint)
        made.setAccessibleName(text)
        if secret:
            made.setEchoMode(QLineEdit.EchoMode.Password)
        made.returnPressed.connect(self.submit.click)
        made.textEdited.connect(lambda: self._mark(made, wrong=False))
        self._fields[name] = made
        if self._upper.count():
            self._upper.addSpacing(6)
        self._upper.addWidget(label(text, "small-strong", "muted"))
        self._upper.addWidget(made)
        return made

    def note(self, text: str) -> None:
        self._lower.addWidget(label(text, "small", "muted", wrap=True))

    def link(self, text: str, action: Callable[[], object]) -> None:
        made = button(text, "link")
        made.clicked.connect(lambda: action())
        self._lower.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)

    def field(self, name: str) -> QLineEdit:
        return self._fields[name]

    def text(self, name: str) -> str:
        return self._fields[name].text().strip()

    def demand(self, *names: str) -> bool:
        """Mark the fields that are still empty; True when none is."""
        empty = [self._fields[name] for name in names if not self.text(name)]
        for field in empty:
            self._mark(field, wrong=True)
        if empty:
            empty[0].setFocus()
        return not empty

    def say(self, text: str, *, wrong: bool = False) -> None:
        """A sentence under the button; empty to take it away."""
        self.message.setProperty("tone", "danger" if wrong else "accent")
        self.message.style().unpolish(self.message)
        self.message.style().polish(self.message)
        self.message.setText(text)
        self.message.setVisible(bool(text))

    def set_busy(self, on: bool) -> None:
        self.submit.setEnabled(not on)
        for field in self._fields.values():
            field.setReadOnly(on)

    def focus_first(self) -> None:
        for field in self._fields.values():
            if not field.text():
                field.setFocus()
                return

    def focus_last(self) -> None:
        """The field most likely wrong: the last one."""
        last = list(self._fields.values())[-1]
        last.setFocus()
        last.selectAll()

    def _mark(self, field: QLineEdit, *, wrong: bool) -> None:
        field.setProperty("wrong", "true" if wrong else "false")
        field.style().unpolish(field)
        field.style().polish(field)
