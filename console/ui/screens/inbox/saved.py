"""Views that an agent has saved under a name: filter, inbox, label, order; kept on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from console.domain.conversation import Filter, Sort, View
from console.domain.ids import InboxId, LabelId
from console.ui.language import translate
from console.ui.preferences import SAVED_VIEWS, Chosen
from console.ui.widgets.buttons import button
from console.ui.widgets.labels import label

MOST = 20
LONGEST = 60  # characters of a name


@dataclass(frozen=True, slots=True)
class Saved:
    """A view and what the agent calls it."""

    name: str
    view: View


class SavedViews:
    """In the order in which they were saved. What cannot be read is left out."""

    def __init__(self, chosen: Chosen) -> None:
        self._chosen = chosen

    def all(self) -> tuple[Saved, ...]:
        try:
            kept = json.loads(self._chosen.text(SAVED_VIEWS) or "[]")
            return tuple(
                Saved(
                    str(each["name"]),
                    View(
                        Filter(each["filter"]),
                        InboxId(each["inbox"]) if each.get("inbox") else None,
                        LabelId(each["label"]) if each.get("label") else None,
                        Sort(each["sort"]),
                    ),
                )
                for each in kept
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return ()

    def named(self, view: View) -> Saved | None:
        """The one that shows exactly this."""
        return next((each for each in self.all() if each.view == view), None)

    def save(self, name: str, view: View) -> None:
        """One name stands for one view: the older one of this name goes."""
        name = " ".join(name.split())[:LONGEST]
        if name:
            others = [each for each in self.all() if each.name != name]
            self._keep([*others, Saved(name, view)][-MOST:])

    def forget(self, name: str) -> None:
        self._keep([each for each in self.all() if each.name != name])

    def _keep(self, saved: list[Saved]) -> None:
        kept = [
            {
                "name": each.name,
                "filter": each.view.filter.value,
                "inbox": each.view.inbox_id,
                "label": each.view.label_id,
                "sort": each.view.sort.value,
            }
            for each in saved
        ]
        self._chosen.keep(SAVED_VIEWS, json.dumps(kept, ensure_ascii=False))


class NameDialog(QDialog):
    """Asks what a view is to be called; show it with `open()`."""

    def __init__(self, parent: QWidget, suggestion: str, taken: Callable[[str], object]) -> None:
        super().__init__(parent.window())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(translate("views", "Save this view"))
        self._taken = taken
        self.field = QLineEdit(suggestion)
        self.field.setMaxLength(LONGEST)
        self.field.setAccessibleName(translate("views", "Name of the view"))
        self.field.selectAll()
        self.save = button(translate("views", "Save"), "primary")
        leave = button(translate("views", "Cancel"))
        answers = QHBoxLayout()
        answers.setSpacing(8)
        answers.addStretch(1)
        answers.addWidget(leave)
        answers.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(8)
        layout.addWidget(label(translate("views", "Save this view"), "header"))
        layout.addWidget(
            label(
                translate("views", "It stands among the views, on this computer."),
                "",
                "muted",
                wrap=True,
            )
        )
        layout.addSpacing(4)
        layout.addWidget(self.field)
        layout.addSpacing(8)
        layout.addLayout(answers)
        self.setFixedWidth(380)
        self.field.textChanged.connect(lambda text: self.save.setEnabled(bool(text.strip())))
        self.field.returnPressed.connect(self._take)
        self.save.clicked.connect(self._take)
        leave.clicked.connect(self.reject)
        self.field.setFocus()

    def _take(self) -> None:
        if self.field.text().strip():
            self.accept()
            self._taken(self.field.text())
