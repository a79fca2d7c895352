"""The people: role, access, who is there, how much they get, in which inboxes they work."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from console.domain.administration import Person
from console.domain.ids import InboxId, ProfileId
from console.domain.profile import Role
from console.ui.language import translate
from console.ui.screens.administration.model import Model
from console.ui.screens.administration.wording import role
from console.ui.screens.question import Question
from console.ui.times import list_time
from console.ui.widgets.buttons import IconButton, button
from console.ui.widgets.card import Card, CardRow, heading
from console.ui.widgets.chooser import Chooser, Line
from console.ui.widgets.fold import Fold
from console.ui.widgets.labels import label
from console.ui.widgets.number import NumberField
from console.ui.widgets.popups import open_below
from console.ui.widgets.select import Select
from console.ui.widgets.switch import Switch

COMMAND = 'balas user add {email} --role agent --inbox "{inbox}"'


class People(QWidget):
    """Supervisors change who is there and how much somebody gets, administrators everything."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model
        self.card = Card()
        self.folds: dict[ProfileId, Fold] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(heading(translate("administration", "People")))
        if model.now.is_admin:
            layout.addWidget(self._invitation())
        layout.addWidget(self.card)
        layout.addStretch(1)
        model.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is true; who is open stays open."""
        state = self._model.now
        if list(self.folds) != [person.id for person in state.people]:
            self.card.clear()
            self.folds = {}
            for person in state.people:
                fold = Fold(self._model.theme, partial(PersonForm, self._model, person.id))
                self.folds[person.id] = fold
                self.card.add(fold)
        for person in state.people:
            self._show(self.folds[person.id], person)

    def _show(self, fold: Fold, person: Person) -> None:
        parts = [role(person.role), _open(person.open)]
        if not person.active:
            pill, tokens = (
                translate("administration", "No access"),
                ("label_grey", "on_label_grey"),
            )
        elif person.available:
            pill, tokens = (
                translate("administration", "Available"),
                ("label_green", "on_label_green"),
            )
        else:
            pill, tokens = translate("administration", "Away"), ("label_amber", "on_label_amber")
            if person.absent_since is not None:
                since = list_time(person.absent_since, self._model.work.now())
                parts.append(translate("administration", "away since {time}").format(time=since))
        name = person.name or translate("administration", "Without a name")
        fold.head.show_words(
            name,
            " · ".join(parts),
            person=name,
            pill=pill,
            tokens=tokens,
            faint=not person.active,
        )
        if isinstance(fold.inside, PersonForm):
            fold.inside.refresh()

    def _invitation(self) -> QFrame:
        """How somebody new comes: a login is made where the service runs."""
        made = QFrame()
        made.setProperty("kind", "card")
        inboxes = self._model.now.inboxes
        command = COMMAND.format(email="EMAIL", inbox=inboxes[0].name if inboxes else "INBOX")
        field = QLineEdit(command)
        field.setReadOnly(True)
        field.setAccessibleName(translate("administration", "Command that adds a person"))
        field.setCursorPosition(0)
        copy = IconButton(
            self._model.theme, "copy", translate("administration", "Copy the command")
        )
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(command))
        copy.clicked.connect(
            lambda: self._model.work.tell(translate("administration", "Copied"), "")
        )
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(field, 1)
        row.addWidget(copy)
        layout = QVBoxLayout(made)
        layout.setContentsMargins(18, 14, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(label(translate("administration", "Add somebody"), "strong"))
        layout.addWidget(
            label(
                translate(
                    "administration",
                    "A login is made where the service runs. Run this there with their e-mail: "
                    "it prints a code that they type into Balas once, under “Use a one-time "
                    "code”. They appear in this list at once.",
                ),
                "small",
                "muted",
                wrap=True,
            )
        )
        layout.addLayout(row)
        return made


class PersonForm(QWidget):
    """One person's values; each change is sent at once."""

    def __init__(self, model: Model, id: ProfileId) -> None:
        super().__init__()
        self._model = model
        self._id = id
        theme, person, admin = model.theme, self._person, model.now.is_admin
        self.name = QLineEdit(person.name)
        self.name.setAccessibleName(translate("administration", "Name"))
        self.name.setFixedWidth(theme.px(240))
        self.name.setMaxLength(100)
        self.name.editingFinished.connect(self._on_name)
        self.role = Select(
            theme,
            translate("administration", "Role"),
            [Line(one.value, role(one)) for one in Role],
            person.role.value,
        )
        self.role.chosen.connect(lambda key: self._save(role=key))
        self.inboxes = button("")
        self.inboxes.clicked.connect(self._ask_inboxes)
        self.capacity = NumberField(
            theme, translate("administration", "Conversations at once"), person.capacity, 0, 10_000
        )
        self.capacity.changed.connect(self._on_capacity)
        self.available = Switch(
            theme, translate("administration", "Available"), on=person.available
        )
        self.available.clicked.connect(self._on_available)
        self.active = Switch(theme, translate("administration", "Has access"), on=person.active)
        self.active.clicked.connect(self._on_active)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(44, 0, 4, 10)
        layout.setSpacing(0)
        for title, text, control in (
            (translate("administration", "Name"), "", self.name),
            (
                translate("administration", "Role"),
                translate(
                    "administration",
                    "Agents see their inboxes; supervisors see all and set the rules; "
                    "administrators also people and what is kept.",
                ),
                self.role,
            ),
            (
                translate("administration", "Inboxes"),
                translate("administration", "Where customers are given to them."),
                self.inboxes,
            ),
            (
                translate("administration", "Conversations at once"),
                translate("administration", "Routing gives them no more than so many open ones."),
                self.capacity,
            ),
            (
                translate("administration", "Available"),
                translate("administration", "Somebody who left without saying so can be set away."),
                self.available,
            ),
            (
                translate("administration", "Has access"),
                translate(
                    "administration",
                    "Without access they see nothing from now on; their name stays on what they "
                    "wrote.",
                ),
                self.active,
            ),
        ):
            layout.addWidget(CardRow(title, text, control))
        for control in (self.name, self.role, self.inboxes, self.active):
            control.setEnabled(admin)
            if not admin:
                control.setToolTip(translate("administration", "Only administrators change this"))
        self.refresh()

    @property
    def _person(self) -> Person:
        return next(person for person in self._model.now.people if person.id == self._id)

    def refresh(self, *, anew: bool = False) -> None:
        """Show what is true; what is being typed stays, unless `anew`."""
        if not isValid(self):
            return
        person = self._person
        if anew or not self.name.hasFocus():
            self.name.setText(person.name)
        self.role.show_current(person.role.value)
        if not self.capacity.field.hasFocus():
            self.capacity.show_value(person.capacity)
        self.available.setChecked(person.available)
        self.available.setEnabled(person.active)
        self.active.setChecked(person.active)
        count = sum(member == self._id for _, member in self._model.now.members)
        self.inboxes.setText(translate("administration", "%n inbox(es)", "", count))

    def _save(self, **changes: object) -> None:
        now = self._person
        fields = {"display_name": now.name, "role": now.role.value, "active": now.active}
        self._model.put(
            f"person {self._id}",
            lambda server, seen: server.save_person(self._id, changes, seen),
            lambda state, person: state.with_person(person),
            (changes, {name: fields[name] for name in changes}),
            lambda: self.refresh(anew=True),
        )

    def _on_name(self) -> None:
        name = self.name.text().strip()
        if name and name != self._person.name:
            self._save(display_name=name)

    def _on_capacity(self, value: int | None) -> None:
        if value is not None:
            self._model.later(
                f"capacity {self._id}",
                lambda server: server.set_capacity(self._id, value),
                lambda state, person: state.with_person(person),
            )

    def _on_available(self) -> None:
        on = self.available.isChecked()
        self._model.do(
            lambda server: server.set_available(self._id, available=on),
            lambda state, person: state.with_person(person),
        )

    def _on_active(self) -> None:
        if self.active.isChecked():
            self._save(active=True)
            return
        self.active.setChecked(True)  # until it was answered
        question = Question(
            self,
            translate("administration", "Take away {name}'s access?").format(
                name=self._person.name
            ),
            translate(
                "administration",
                "They see nothing any more, and what they have open waits for others. Close the "
                "login too: balas user disable EMAIL.",
            ),
        )
        question.add(
            translate("administration", "Take away"), lambda: self._save(active=False), "danger"
        )
        question.add(translate("administration", "Cancel"), None)
        question.open()

    def _ask_inboxes(self) -> None:
        state = self._model.now
        lines = [
            Line(str(one.id), one.name, icon="inbox", checked=(one.id, self._id) in state.members)
            for one in state.inboxes
        ]
        title = translate("administration", "Inboxes")
        chooser = Chooser(self, self._model.theme, title, lines, several=True)
        chooser.toggled.connect(self._on_inbox)
        open_below(chooser, self.inboxes)

    def _on_inbox(self, key: str, present: bool) -> None:
        inbox_id = InboxId(key)
        self._model.do(
            lambda server: server.set_member(inbox_id, self._id, present=present),
            lambda state, _: state.with_member(inbox_id, self._id, present=present),
        )


def _open(count: int) -> str:
    return translate("administration", "%n open", "", count)
