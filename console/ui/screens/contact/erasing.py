"""Erasing a person for good: what it reaches, a typed yes, and the receipt."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from console.domain.contact import Contact, Erasure
from console.domain.errors import BalasError, OfflineError
from console.ui.language import translate
from console.ui.screens.contact.acts import called, fresh_id
from console.ui.screens.contact.dialog import Dialog
from console.ui.screens.contact.parts import emptied
from console.ui.times import clock
from console.ui.widgets.labels import label
from console.ui.workplace import Workplace

AGAIN = 2.0  # s between two looks at the receipt
ENDS = ("done", "incomplete")


def state_words(erasure: Erasure) -> str:
    """How far an erasure is."""
    return {
        "waiting": translate("contact", "Asked for. Nothing more is sent to them."),
        "erasing": translate("contact", "Being erased, here, in the storage and at Twilio…"),
        "done": translate("contact", "Everything is erased."),
        "incomplete": translate(
            "contact", "Not everything could be erased. Ask again in a while: it goes on from here."
        ),
    }.get(erasure.state, erasure.state)


class EraseDialog(Dialog):
    """Nothing happens before the name is typed. The id is made once: asking again is harmless."""

    def __init__(self, parent: QWidget, workplace: Workplace, contact: Contact) -> None:
        name = called(contact)
        super().__init__(
            parent,
            workplace,
            translate("contact", "Erase {name} for good?").format(name=name),
            translate("contact", "Erase for good"),
            "danger",
        )
        self._id = fresh_id()
        self._contact = contact
        self._name = name
        self._erasure: Erasure | None = None
        self.text = label(
            translate(
                "contact",
                "Every conversation, message, note and file goes: from the project, from Twilio and"
                " from every colleague's computer. It cannot be undone.",
            ),
            "",
            "muted",
            wrap=True,
        )
        self.counts = QGridLayout()
        self.counts.setHorizontalSpacing(12)
        self.counts.setVerticalSpacing(4)
        self.counts.setColumnStretch(1, 1)
        self.ask = label(
            translate("contact", "Type “{name}” to confirm").format(name=name),
            "small-strong",
            "muted",
            wrap=True,
        )
        self.field = QLineEdit()
        self.field.setAccessibleName(self.ask.text())
        self.field.textChanged.connect(self._on_typed)
        self.field.returnPressed.connect(self.go_on)
        self.body.addWidget(self.text)
        self.body.addSpacing(4)
        self.body.addLayout(self.counts)
        self.body.addSpacing(6)
        self.body.addWidget(self.ask)
        self.body.addWidget(self.field)
        self.body.addStretch(1)
        self._count("", translate("contact", "Counting what it reaches…"))
        self.step.setEnabled(False)
        self._is_counted = False
        self.tasks.start(self._look(), "reach")
        self.field.setFocus()

    @property
    def is_counted(self) -> bool:
        """Whether it says what it reaches."""
        return self._is_counted

    async def _look(self) -> None:
        try:
            reach = await self.workplace.server.contacts.reach(self._contact.id)
        except BalasError as error:
            emptied(self.counts)
            self.say(self.explained(error))
            return
        emptied(self.counts)
        for count, what in (
            (reach.conversations, translate("contact", "conversations")),
            (reach.messages, translate("contact", "messages")),
            (reach.files, translate("contact", "messages with files")),
            (len(self._contact.addresses), translate("contact", "numbers")),
        ):
            self._count(QLocale().toString(count), what)
        self._is_counted = True
        self._on_typed()

    def _count(self, many: str, what: str) -> None:
        place = self.counts.rowCount()
        self.counts.addWidget(label(many, "strong"), place, 0)
        self.counts.addWidget(label(what, "", "muted"), place, 1)

    def _on_typed(self) -> None:
        typed = " ".join(self.field.text().split()).casefold()
        fits = typed == " ".join(self._name.split()).casefold()
        self.step.setEnabled(fits and self._is_counted and self._erasure is None)

    def go_on(self) -> None:
        if self.step.isEnabled():
            self.run(self._erase())

    async def _erase(self) -> None:
        self._show(await self.workplace.server.contacts.erase(self._id, self._contact.id))
        self.tasks.start(self._follow(), "receipt")

    async def _follow(self) -> None:
        """The receipt as it grows, while somebody looks."""
        while self._erasure is not None and self._erasure.state not in ENDS:
            await asyncio.sleep(AGAIN)
            self._show(await self.workplace.server.contacts.erase(self._id, self._contact.id))

    def _show(self, erasure: Erasure) -> None:
        self._erasure = erasure
        self.title.setText(translate("contact", "Receipt"))
        self.text.setText(state_words(erasure))
        emptied(self.counts)
        if erasure.requested_at is not None:
            self._count(clock(erasure.requested_at), translate("contact", "asked for"))
        if erasure.finished_at is not None:
            self._count(clock(erasure.finished_at), translate("contact", "finished"))
        for name, count in erasure.counts.items():
            self._count(QLocale().toString(count), _counted(name))
        if erasure.trouble:
            self.say(erasure.trouble)
        self.ask.setText(translate("contact", "Number of the receipt"))
        self.field.setText(erasure.id)
        self.field.setReadOnly(True)
        self.field.setAccessibleName(self.ask.text())
        self.step.hide()
        self.cancel.setText(translate("contact", "Close"))

    def explained(self, error: BalasError) -> str:
        said = super().explained(error)
        if isinstance(error, OfflineError):
            said += " " + translate("contact", "Asking again is harmless.")
        return said


def _counted(name: str) -> str:
    """What a count of the receipt is about."""
    return {
        "messages": translate("contact", "messages"),
        "conversations": translate("contact", "conversations"),
        "notes": translate("contact", "notes"),
        "files": translate("contact", "files in the storage"),
        "drafts": translate("contact", "drafts"),
        "contacts": translate("contact", "contacts"),
        "addresses": translate("contact", "numbers"),
        "mentions": translate("contact", "mentions elsewhere"),
        "raw_requests": translate("contact", "raw requests"),
        "jobs": translate("contact", "waiting jobs"),
        "audit_entries": translate("contact", "entries of the audit log"),
        "twilio_messages": translate("contact", "messages at Twilio"),
        "twilio_gone_already": translate("contact", "gone from Twilio already"),
    }.get(name, name.replace("_", " "))


def ask_erase(parent: QWidget, workplace: Workplace, contact: Contact) -> EraseDialog:
    """Open it over the window."""
    made = EraseDialog(parent, workplace, contact)
    made.open()
    return made
