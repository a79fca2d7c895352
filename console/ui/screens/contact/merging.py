"""Two contacts who are one person: choose the other one, see what moves, make them one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from console.domain.contact import Contact, ContactLine
from console.domain.errors import BalasError, OfflineError
from console.ui import words
from console.ui.language import translate
from console.ui.screens.contact.acts import called, fresh_id, undo_merge
from console.ui.screens.contact.dialog import Dialog
from console.ui.screens.contact.parts import emptied, wide
from console.ui.screens.contact.picking import ContactPicker
from console.ui.widgets.avatar import Avatar
from console.ui.widgets.buttons import button
from console.ui.widgets.labels import ElidedLabel, label
from console.ui.workplace import Workplace


class MergeDialog(Dialog):
    """`contact` stays unless the two are swapped. The id of the merge is made once."""

    def __init__(self, parent: QWidget, workplace: Workplace, contact: Contact) -> None:
        super().__init__(
            parent,
            workplace,
            translate("contact", "Merge two contacts"),
            translate("contact", "Merge"),
        )
        self._id = fresh_id()
        self._stays = contact
        self._first = contact.id
        self._goes: Contact | None = None
        self.ask = label(
            translate("contact", "Who is the same person as {name}?").format(name=called(contact)),
            "",
            "muted",
            wrap=True,
        )
        self.picker = ContactPicker(
            workplace, self.tasks, translate("contact", "Name or number"), contact.id
        )
        self.picker.picked.connect(self._on_picked)
        self._pair = QVBoxLayout()
        self._pair.setSpacing(6)
        self.body.addWidget(self.ask)
        self.body.addWidget(self.picker)
        self.body.addLayout(self._pair)
        self.body.addStretch(1)
        self.step.setEnabled(False)
        self.picker.setFocus()

    def _on_picked(self, line: ContactLine) -> None:
        self.tasks.start(self._look(line), "look")

    async def _look(self, line: ContactLine) -> None:
        found = await self.workplace.store.contacts.get(line.id)
        # One whom only the server knows: what moves is for it to say.
        found = found or self.picker.model.found(line.id)
        self._goes = found or Contact(line.id, line.name, None, line.blocked)
        self._id = fresh_id()
        await self._show_pair()

    async def _show_pair(self) -> None:
        goes, stays = self._goes, self._stays
        if goes is None:
            return
        conversations = self.workplace.store.conversations
        moving = await conversations.of_contact(goes.id)
        staying = {row.inbox_id for row in await conversations.of_contact(stays.id)}
        emptied(self._pair)
        self.picker.hide()
        self.ask.setText(translate("contact", "This is what becomes of them:"))
        self._pair.addWidget(self._card(stays, translate("contact", "stays")))
        self._pair.addWidget(self._card(goes, translate("contact", "goes into the other one")))
        swap = button(translate("contact", "The other way round"), "link")
        swap.clicked.connect(self._swap)
        self._pair.addWidget(swap, 0, Qt.AlignmentFlag.AlignLeading)
        said = [translate("contact", "%n number(s) move", "", len(goes.addresses))]
        joined = sum(row.inbox_id in staying for row in moving)
        if len(moving) > joined:
            said.append(translate("contact", "%n conversation(s) move", "", len(moving) - joined))
        if joined:
            said.append(
                translate("contact", "%n conversation(s) become one with the other's", "", joined)
            )
        if goes.notes or goes.attributes:
            said.append(translate("contact", "notes and attributes are put together"))
        if goes.blocked != stays.blocked:
            said.append(translate("contact", "both are blocked then"))
        said.append(translate("contact", "you can undo it"))
        for line in said:
            self._pair.addWidget(label(f"•  {line}", "small", "muted", wrap=True))
        self.step.setEnabled(True)
        self.step.setFocus()
        self.adjustSize()

    def _card(self, contact: Contact, what: str) -> QWidget:
        made = QFrame()
        made.setProperty("kind", "attachment")
        layout = QHBoxLayout(made)
        layout.setContentsMargins(11, 8, 11, 8)
        layout.setSpacing(10)
        layout.addWidget(Avatar(self.workplace.theme, 32, called(contact)))
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(wide(ElidedLabel(called(contact), "strong")))
        numbers = ", ".join(dict.fromkeys(words.phone(a.address) for a in contact.addresses))
        texts.addWidget(wide(ElidedLabel(numbers or "–", "small", "muted")))
        layout.addLayout(texts, 1)
        layout.addWidget(label(what, "small", "muted"))
        return made

    def _swap(self) -> None:
        if self._goes is not None:
            self._stays, self._goes = self._goes, self._stays
            self._id = fresh_id()
            self.tasks.start(self._show_pair(), "look")

    def go_on(self) -> None:
        if self._goes is not None:
            self.run(self._merge(self._stays, self._goes))

    async def _merge(self, stays: Contact, goes: Contact) -> None:
        workplace, id = self.workplace, self._id
        await workplace.server.contacts.merge(id, stays.id, goes.id)
        workplace.offer(
            translate("contact", "{name} and {other} are one contact now").format(
                name=called(stays), other=called(goes)
            ),
            "",
            translate("contact", "Undo"),
            lambda: workplace.writes.start(undo_merge(workplace, id)),
        )
        self.accept()
        if goes.id == self._first:  # their thread goes: on with the one that has its messages
            rows = await workplace.store.conversations.of_contact(stays.id)
            if rows:
                workplace.open_conversation(rows[0].id)

    def explained(self, error: BalasError) -> str:
        said = super().explained(error)
        if isinstance(error, OfflineError):
            said += " " + translate(
                "contact", "They may be merged already; trying again does it only once."
            )
        return said


def ask_merge(parent: QWidget, workplace: Workplace, contact: Contact) -> MergeDialog:
    """Open it over the window."""
    made = MergeDialog(parent, workplace, contact)
    made.open()
    return made
