"""Writing first: to whom, from which inbox, with which template or text; then the thread opens."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from console.domain.contact import Contact, ContactLine
from console.domain.conversation import Channel, ConversationRow, Inbox
from console.domain.errors import BalasError, ExpectedError, OfflineError
from console.domain.ids import ContactId, ConversationId, new_message_id
from console.domain.media_rules import MAX_TEXT
from console.domain.segments import segments
from console.ui import words
from console.ui.language import translate
from console.ui.screens.contact.dialog import Dialog
from console.ui.screens.contact.parts import wide
from console.ui.screens.contact.picking import ContactPicker
from console.ui.screens.contact.template_form import TemplateForm
from console.ui.widgets.avatar import Avatar
from console.ui.widgets.buttons import button
from console.ui.widgets.chooser import Line
from console.ui.widgets.labels import ElidedLabel, label
from console.ui.widgets.select import Select
from console.ui.workplace import Workplace

LEAST_DIGITS = 6
LOOKS, BETWEEN = 60, 0.2  # how often, and after how many seconds, the store is asked for the thread


class StartDialog(Dialog):
    """The message's id is made once: whatever becomes of the line, it is sent once only."""

    def __init__(
        self,
        parent: QWidget,
        workplace: Workplace,
        contact: ContactLine | None = None,
        number: str = "",
        near: ConversationRow | None = None,
    ) -> None:
        super().__init__(
            parent,
            workplace,
            translate("starting", "New conversation"),
            translate("starting", "Send"),
        )
        self._id = new_message_id()
        self._contact: ContactLine | None = None
        self._number = ""
        self._near = near
        self._inboxes: list[Inbox] = []
        self.picker = ContactPicker(
            workplace, self.tasks, translate("starting", "Name, or number with country code")
        )
        self.whom = QFrame()
        self.whom.setProperty("kind", "attachment")
        self._picture = Avatar(workplace.theme, 32)
        self._title = wide(ElidedLabel("", "strong"))
        self._about = wide(ElidedLabel("", "small", "muted"))
        self.other = button(translate("starting", "Somebody else"), "link")
        self.name = QLineEdit()
        self.inbox = Select(workplace.theme, translate("starting", "From"))
        self.template = TemplateForm(workplace, self.tasks)
        self.text = QPlainTextEdit()
        self.length = label("", "stamp", "muted")
        self._build()
        self._connect()
        if contact is not None:
            self._pick(contact)
        elif number:
            self._take_number(number)
        else:
            self._ask_whom()
        self.tasks.start(self._read(), "inboxes")

    @property
    def _chosen_inbox(self) -> Inbox | None:
        return next((inbox for inbox in self._inboxes if inbox.id == self.inbox.current), None)

    def _build(self) -> None:
        row = QHBoxLayout(self.whom)
        row.setContentsMargins(11, 8, 11, 8)
        row.setSpacing(10)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self._title)
        texts.addWidget(self._about)
        row.addWidget(self._picture)
        row.addLayout(texts, 1)
        row.addWidget(self.other)
        self.name.setPlaceholderText(translate("starting", "Their name, if you know it"))
        self.name.setAccessibleName(self.name.placeholderText())
        self.name.setProperty("kind", "search")
        self.text.setPlaceholderText(translate("starting", "What you want to write"))
        self.text.setAccessibleName(self.text.placeholderText())
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(self.workplace.theme.px(96))
        frame = QFrame()
        frame.setProperty("kind", "composer")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(4, 4, 4, 4)
        inside.addWidget(self.text)
        inside.addWidget(self.length, 0, Qt.AlignmentFlag.AlignTrailing)
        self.text_frame = frame
        for title, parts in (
            (translate("starting", "To"), (self.picker, self.whom, self.name)),
            (translate("starting", "From"), (self.inbox,)),
        ):
            self.body.addWidget(label(title, "small-strong", "muted"))
            for part in parts:
                self.body.addWidget(part)
            self.body.addSpacing(4)
        self.body.addWidget(self.template)
        self.body.addWidget(frame)
        self.body.addStretch(1)
        self.step.setToolTip(translate("starting", "Send (Ctrl+Enter)"))
        self.step.setShortcut("Ctrl+Return")
        self.name.hide()
        self.whom.hide()
        frame.hide()
        self.step.setEnabled(False)

    def _connect(self) -> None:
        self.picker.picked.connect(self._pick)
        self.picker.typed.connect(lambda _: self._fit())
        self.picker.entered.connect(self._take_number)
        self.other.clicked.connect(self._ask_whom)
        self.inbox.chosen.connect(lambda _: self._on_inbox())
        self.template.changed.connect(self._fit)
        self.text.textChanged.connect(self._on_text)

    # To whom

    def _ask_whom(self) -> None:
        self._contact, self._number = None, ""
        self.whom.hide()
        self.name.hide()
        self.picker.show()
        self.picker.setFocus()
        self._on_whom()

    def _pick(self, line: ContactLine) -> None:
        self._contact, self._number = line, ""
        name = words.one_line(line.name, 80) or words.phone(line.address)
        self._show_whom(name, words.phone(line.address) if line.name else "")
        if line.blocked:
            self.say(words.rule("blocked"))

    def _take_number(self, typed: str) -> None:
        """A number that nobody has yet, as it was typed; the server says if it is none."""
        if _is_number(typed):
            self._contact, self._number = None, typed.strip()
            self._show_whom(words.phone(self._number), translate("starting", "A new number"))
            self.name.show()
            self._fit()

    def _show_whom(self, name: str, about: str) -> None:
        self._picture.show_person(name)
        self._title.setText(name)
        self._about.setText(about)
        self._about.setVisible(bool(about))
        self.whom.show()
        self.name.hide()
        self.picker.hide()
        self.say("")
        self.inbox.setFocus()
        self._on_whom()

    def _on_whom(self) -> None:
        contact = self._contact.id if self._contact is not None else None
        self.template.show_contact(contact)
        self._fit()

    # From where, and what

    async def _read(self) -> None:
        self._inboxes = await self.workplace.store.desk.inboxes()
        near = self._near.inbox_id if self._near is not None else ""
        lines = [
            Line(
                inbox.id,
                words.one_line(inbox.name, 60) or words.channel(inbox.channel),
                words.channel(inbox.channel),
            )
            for inbox in self._inboxes
        ]
        known = {inbox.id for inbox in self._inboxes}
        current = near if near in known else (lines[0].key if lines else "")
        self.inbox.show_lines(lines, current)
        self._on_inbox()

    def _on_inbox(self) -> None:
        inbox = self._chosen_inbox
        if inbox is None:
            self.say(translate("starting", "You are in no inbox. Ask your supervisor."))
            return
        whatsapp = inbox.channel is Channel.WHATSAPP
        self.template.setVisible(whatsapp)
        self.text_frame.setVisible(not whatsapp)
        if whatsapp:
            self.template.show_inbox(inbox.id)
        self._fit()

    def _on_text(self) -> None:
        """Counted as the network counts it."""
        text = self.text.toPlainText()
        said = translate("composer", "{length} / {most} · {count} SMS").format(
            length=len(text), most=MAX_TEXT, count=segments(text).count
        )
        self.length.setText(said if text else "")
        self._fit()

    def _fit(self) -> None:
        inbox = self._chosen_inbox
        typed = self.picker.isVisible() and _is_number(self.picker.field.text())
        whom = self._contact is not None or bool(self._number) or typed
        if inbox is None or not whom:
            ready = False
        elif inbox.channel is Channel.WHATSAPP:
            ready = self.template.is_whole
        else:
            ready = 0 < len(self.text.toPlainText().strip()) <= MAX_TEXT
        self.step.setEnabled(ready)
        self.adjustSize()

    def go_on(self) -> None:
        inbox = self._chosen_inbox
        if inbox is not None and self.step.isEnabled():
            if self._contact is None and not self._number:
                self._take_number(self.picker.field.text())
            self.run(self._send(inbox))

    async def _send(self, inbox: Inbox) -> None:
        whatsapp = inbox.channel is Channel.WHATSAPP
        conversation_id = await self.workplace.server.contacts.start(
            self._id,
            inbox.id,
            address=await self._address(inbox),
            contact_id=self._contact.id if self._contact is not None else None,
            template=self.template.chosen if whatsapp else None,
            content=None if whatsapp else self.text.toPlainText().strip(),
            name=self.name.text().strip() or None if self._number else None,
        )
        self.workplace.writes.start(open_when_here(self.workplace, conversation_id), "started")
        self.accept()

    async def _address(self, inbox: Inbox) -> str | None:
        """The number that was typed, with the country code of our own where it has none."""
        if not self._number:
            return None
        found = await asyncio.to_thread(_dialled, self._number, inbox.address)
        if found is None:
            raise ExpectedError(
                translate("starting", "This is no number that can be written to"),
                translate("starting", "Write it with its country code: +62 812 3456 7890."),
            )
        return found

    def explained(self, error: BalasError) -> str:
        said = super().explained(error)
        if isinstance(error, OfflineError):
            said += " " + translate(
                "starting", "It may have left already; sending again sends it only once."
            )
        return said


def _is_number(typed: str) -> bool:
    """Whether it looks like a number; whether it is one, the server knows."""
    digits = sum(character.isdigit() for character in typed)
    return digits >= LEAST_DIGITS and not typed.strip().strip("+-(). 0123456789")


def _dialled(typed: str, own: str | None) -> str | None:
    from console.domain.phone import dialled_beside  # reads tables: not before it is needed

    return dialled_beside(typed, own)


async def open_when_here(workplace: Workplace, conversation_id: ConversationId) -> None:
    """Open a thread as soon as the feed has brought it."""
    for _ in range(LOOKS):
        if await workplace.store.conversations.get(conversation_id) is not None:
            workplace.open_conversation(conversation_id)
            return
        await asyncio.sleep(BETWEEN)
    workplace.tell(
        translate("starting", "The message is on its way"),
        translate("starting", "The conversation appears in the list when the line is back."),
    )


def ask_start(
    parent: QWidget,
    workplace: Workplace,
    *,
    contact: Contact | ContactLine | None = None,
    number: str = "",
    near: ConversationRow | None = None,
) -> StartDialog:
    """Open it over the window; to a contact, to a number, or to whom one types."""
    line = contact
    if isinstance(contact, Contact):
        address = near.address if near is not None else contact.address
        line = ContactLine(ContactId(contact.id), contact.name, address, contact.blocked)
    assert line is None or isinstance(line, ContactLine)  # noqa: S101 - for the types alone
    made = StartDialog(parent, workplace, line, number, near)
    made.setWindowModality(Qt.WindowModality.WindowModal)
    made.open()
    return made
