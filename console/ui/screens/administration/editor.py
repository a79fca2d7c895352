"""A list of texts that can be opened, changed, added and deleted: canned and automatic replies."""

from __future__ import annotations

from collections.abc import Callable, Container

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from console.ui.announcing import announce
from console.ui.language import translate
from console.ui.screens.administration.meanwhile import EntryForm
from console.ui.screens.question import Question
from console.ui.theme.theme import Theme
from console.ui.widgets.buttons import button
from console.ui.widgets.card import Card, heading
from console.ui.widgets.empty import EmptyState
from console.ui.widgets.fold import Fold
from console.ui.widgets.labels import label

LONGEST = 1600
TALL = 110


class TextField(QWidget):
    """Several lines and how many letters are left; `changed` follows typing.

    What the server has against the text stands below it until something is typed.
    """

    changed = Signal()

    def __init__(self, theme: Theme, name: str, text: str) -> None:
        super().__init__()
        self.edit = QPlainTextEdit(text)
        self.edit.setAccessibleName(name)
        self.edit.setTabChangesFocus(True)
        self.edit.setFixedHeight(theme.px(TALL))
        self.left = label("", "small", "muted")
        self.why = label("", "small", "danger", wrap=True)
        self.why.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(label(name, "small-strong", "muted"))
        layout.addWidget(self.edit)
        layout.addWidget(self.why)
        layout.addWidget(self.left)
        self.edit.textChanged.connect(self._on_changed)
        self._count()

    @property
    def text(self) -> str:
        return self.edit.toPlainText()

    @text.setter
    def text(self, text: str) -> None:
        self.edit.setPlainText(text)

    @property
    def fits(self) -> bool:
        return len(self.text) <= LONGEST

    def refuse(self, why: str) -> None:
        """Say why the text was not taken; empty takes that away."""
        self.why.setText(why)
        self.why.setVisible(bool(why))
        self.edit.setAccessibleDescription(why)
        self.edit.setProperty("wrong", bool(why))
        self.edit.style().unpolish(self.edit)
        self.edit.style().polish(self.edit)
        announce(self.edit, why)

    def _on_changed(self) -> None:
        if self.why.text():
            self.refuse("")
        self._count()
        self.changed.emit()

    def _count(self) -> None:
        self.left.setText(f"{len(self.text)} / {LONGEST}")
        self.left.setProperty("tone", "muted" if self.fits else "danger")
        self.left.style().unpolish(self.left)
        self.left.style().polish(self.left)


class Foot(QWidget):
    """Save, and delete after a question."""

    saved = Signal()
    deleted = Signal()

    def __init__(self, question: str, *, is_new: bool) -> None:
        super().__init__()
        self._question = question
        self.save = button(translate("administration", "Save"), "primary")
        self.save.clicked.connect(self.saved)
        self.delete: QPushButton = button(
            translate("administration", "Discard")
            if is_new
            else translate("administration", "Delete"),
            "" if is_new else "danger",
        )
        self.delete.clicked.connect(self.deleted if is_new else self._ask)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.delete)
        layout.addStretch(1)
        layout.addWidget(self.save)

    def _ask(self) -> None:
        question = Question(
            self,
            self._question,
            translate("administration", "What was sent with it stays. This cannot be undone."),
        )
        question.add(translate("administration", "Delete"), self.deleted.emit, "danger")
        question.add(translate("administration", "Cancel"), None)
        question.open()


class Entries(QWidget):
    """A heading with a button for a new one, help, and the rows; empty says what this is for."""

    new_wanted = Signal()

    def __init__(
        self, theme: Theme, title: str, help: str, new: str, empty: tuple[str, str, str]
    ) -> None:
        super().__init__()
        self._theme = theme
        self.folds: dict[str, Fold] = {}
        self.card = Card()
        self.new = button(new, "primary")
        self.new.clicked.connect(self.new_wanted)
        self.empty = EmptyState(theme)
        self.empty.show_state(*empty)
        head = QHBoxLayout()
        head.addWidget(heading(title), 1)
        head.addWidget(self.new)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(label(help, "small", "muted", wrap=True))
        layout.addWidget(self.card)
        layout.addWidget(self.empty)
        layout.addStretch(1)

    def kept(self, found: Container[str]) -> list[str]:
        """Those that are not `found` any more, while something is typed in them."""
        return [
            key
            for key, fold in self.folds.items()
            if key not in found and isinstance(fold.inside, EntryForm) and fold.inside.is_kept
        ]

    def show_entries(self, makers: dict[str, Callable[[], QWidget]]) -> None:
        """Rows for these keys; those that are there already keep what is typed in them."""
        if list(makers) != list(self.folds):
            self.folds = {
                key: self.folds.get(key) or Fold(self._theme, make) for key, make in makers.items()
            }
            self.card.arrange(list(self.folds.values()))
        self.card.setVisible(bool(makers))
        self.empty.setVisible(not makers)
