"""The labels and their colours."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from console.domain.conversation import Label
from console.domain.errors import ChangedSinceError, RefusedError
from console.domain.ids import LabelId
from console.ui.language import translate
from console.ui.screens.administration.model import Model
from console.ui.screens.administration.wording import refusal
from console.ui.screens.question import Question
from console.ui.theme.tokens import LABEL_COLORS, label_tokens
from console.ui.widgets.buttons import IconButton, button
from console.ui.widgets.card import Card, heading
from console.ui.widgets.chooser import Line
from console.ui.widgets.empty import EmptyState
from console.ui.widgets.labels import Pill
from console.ui.widgets.select import Select

LONGEST = 40


class Labels(QWidget):
    """Each as conversations show it; a name is kept with Enter or on leaving the field."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model
        self.card = Card()
        self.rows: dict[LabelId, LabelRow] = {}
        self.new = QLineEdit()
        self.new.setMaxLength(LONGEST)
        self.new.setPlaceholderText(translate("administration", "Name of a new label"))
        self.new.setAccessibleName(translate("administration", "Name of a new label"))
        self.new.returnPressed.connect(self._add)
        self.add = button(translate("administration", "Add"), "primary")
        self.add.setProperty("beside", "field")
        self.add.clicked.connect(self._add)
        self.empty = EmptyState(model.theme)
        self.empty.show_state(
            "tag",
            translate("administration", "No labels yet"),
            translate("administration", "Labels say what conversations are about."),
        )
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.new, 1)
        row.addWidget(self.add)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(heading(translate("administration", "Labels")))
        layout.addLayout(row)
        layout.addWidget(self.card)
        layout.addWidget(self.empty)
        layout.addStretch(1)
        model.shared.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what the store has; a name that is being typed stays."""
        found = self._model.labels
        if list(self.rows) != [one.id for one in found]:
            self.rows = {
                one.id: self.rows.get(one.id) or LabelRow(self._model, one) for one in found
            }
            self.card.arrange(list(self.rows.values()))
        for one in found:
            self.rows[one.id].show_label(one)
        self.card.setVisible(bool(found))
        self.empty.setVisible(not found)

    def _add(self) -> None:
        name = " ".join(self.new.text().split())
        if not name:
            self.new.setFocus()
            return
        color = LABEL_COLORS[len(self._model.labels) % (len(LABEL_COLORS) - 1)]
        made = Label(LabelId(str(uuid4())), name, color)
        self._model.share(lambda server: server.save_label(made), self.new.clear)


class LabelRow(QWidget):
    """One label: how it looks, its name, its colour."""

    def __init__(self, model: Model, one: Label) -> None:
        super().__init__()
        self._model = model
        self._label = self._seen = one
        self.pill = Pill(model.theme)
        self.name = QLineEdit(one.name)
        self.name.setMaxLength(LONGEST)
        self.name.setAccessibleName(translate("administration", "Name of the label"))
        self.name.editingFinished.connect(self._on_name)
        self.color = Select(model.theme, translate("administration", "Colour"), colors(), one.color)
        self.color.chosen.connect(self._on_color)
        self.delete = IconButton(
            model.theme,
            "trash-2",
            translate("administration", "Delete {name}").format(name=one.name),
            side=30,
            size=16,
        )
        self.delete.clicked.connect(self._ask)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(18, 9, 14, 9)
        layout.setSpacing(12)
        layout.addWidget(self.name, 2)
        layout.addWidget(self.color)
        pill = QHBoxLayout()
        pill.addWidget(self.pill)
        pill.addStretch(1)
        layout.addLayout(pill, 1)
        layout.addWidget(self.delete)
        self.show_label(one)

    def show_label(self, one: Label) -> None:
        self._label = one
        if not self.name.hasFocus() or not self.name.isModified():
            self._seen = one
            if self.name.text() != one.name:
                self.name.setText(one.name)
        self.color.show_current(one.color if one.color in LABEL_COLORS else "grey")
        self.pill.show_state(one.name, *label_tokens(one.color))

    def _on_name(self) -> None:
        name = " ".join(self.name.text().split())
        if not name:
            self.name.setText(self._label.name)
        elif name != self._label.name:
            self.name.setModified(False)
            self._save(replace(self._seen, name=name), self._seen)

    def _on_color(self, color: str) -> None:
        self._save(replace(self._label, color=color), self._label)

    def _save(self, wanted: Label, seen: Label | None) -> None:
        def done() -> None:
            if isValid(self):
                self.show_label(wanted)

        def stale(error: ChangedSinceError) -> None:
            now = error.now
            if not isinstance(now, Label):
                self._model.work.tell(*refusal(RefusedError("not_found", "")))
                return
            if isValid(self):
                self.name.setModified(False)
                self.show_label(now)
            self._model.work.offer(
                translate("administration", "Somebody else changed this meanwhile"),
                translate("administration", "Now it is “{now}”. You wanted: {values}").format(
                    now=now.name, values=wanted.name
                ),
                translate("administration", "Put mine in its place"),
                lambda: self._model.share(lambda server: server.save_label(wanted), done),
            )

        self._model.share(lambda server: server.save_label(wanted, seen), done, stale)

    def _ask(self) -> None:
        question = Question(
            self,
            translate("administration", "Delete the label {name}?").format(name=self._label.name),
            translate("administration", "It goes from every conversation that has it."),
        )
        question.add(translate("administration", "Delete"), self._delete, "danger")
        question.add(translate("administration", "Cancel"), None)
        question.open()

    def _delete(self) -> None:
        id = self._label.id
        self._model.share(lambda server: server.delete_label(id), lambda: None)


def colors() -> list[Line]:
    """What a label can be painted in."""
    names = {
        "blue": translate("administration", "Blue"),
        "red": translate("administration", "Red"),
        "green": translate("administration", "Green"),
        "amber": translate("administration", "Amber"),
        "violet": translate("administration", "Violet"),
        "grey": translate("administration", "Grey"),
    }
    return [Line(one, names[one], color=f"on_label_{one}") for one in LABEL_COLORS]
