"""The right column: who the customer is, edited in place, and what was shared with them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from console.domain.contact import Address, Contact
from console.domain.conversation import ConversationRow
from console.domain.errors import BalasError, ChangedSinceError
from console.domain.ids import ContactId
from console.domain.message import Message
from console.ui import words
from console.ui.language import translate
from console.ui.screens.contact.acts import ContactActs, value_in
from console.ui.screens.contact.facts import SIDE, ContactFacts
from console.ui.screens.contact.fields import LineField, TextField, section
from console.ui.screens.contact.parts import AddressRows, AttributeRows, OtherConversations
from console.ui.screens.contact.refusals import refused
from console.ui.screens.contact.shared import SharedPictures
from console.ui.tasks import TaskScope
from console.ui.theme.tokens import PANEL_WIDTH
from console.ui.timeline.pictures import Pictures
from console.ui.widgets.avatar import Avatar, channel_token
from console.ui.widgets.buttons import IconButton, button
from console.ui.widgets.label_pills import LabelPills
from console.ui.widgets.labels import Pill, label
from console.ui.widgets.stops import read_along
from console.ui.workplace import Workplace

MINUTE = 20_000  # ms between two looks at the customer's clock
GLANCE = 0.12  # s on one conversation before more than its row is read


class ContactPanel(QScrollArea):
    """Beside a thread, or for a contact alone; `picture_chosen` carries a Message."""

    picture_chosen = Signal(object)
    labels_wanted = Signal()

    def __init__(self, workplace: Workplace, tasks: TaskScope, pictures: Pictures) -> None:
        super().__init__()
        self._workplace = workplace
        self._tasks = tasks
        self._theme = theme = workplace.theme
        self._row: ConversationRow | None = None
        self._contact: Contact | None = None
        self._contact_id: ContactId | None = None
        self._found: Contact | None = None
        self._in_thread: Sequence[Message] = ()
        self._elsewhere: Sequence[Message] = ()
        self._is_stale = False
        self.acts = ContactActs(self, workplace, pictures)
        self.setFixedWidth(PANEL_WIDTH)
        self.setAccessibleName(translate("contact", "Contact"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.write = IconButton(theme, "send", translate("contact", "New conversation"), side=30)
        self.more = IconButton(theme, "ellipsis", translate("contact", "More"), side=30)
        self.avatar = Avatar(theme, 64)
        self.name = LineField(
            translate("contact", "Name"), translate("contact", "Name"), kind="inplace-name"
        )
        self.number = label("", "", "muted")
        self.number.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.blocked = Pill(theme)
        self.labels_title = section(translate("contact", "Labels"))
        self.labels = LabelPills(theme)
        self.add_label = button(translate("contact", "+ add"), "tag")
        self.facts = ContactFacts(workplace)
        self.addresses = AddressRows(theme)
        self.attributes = AttributeRows(theme)
        self.notes = TextField(
            theme,
            translate("contact", "Notes about this contact"),
            translate("contact", "What everybody here should know"),
        )
        self.shared_title = section(translate("contact", "Shared media"))
        self.show_all = button(translate("contact", "Show all"), "link")
        self.shared = SharedPictures(theme, pictures)
        self.others_title = section(translate("contact", "Other conversations"))
        self.others = OtherConversations(theme, workplace.now)
        self._clock = QTimer(self)
        self._clock.setInterval(MINUTE)
        self._clock.timeout.connect(self.facts.tick)
        self._build()
        self._connect()

    def show_conversation(self, row: ConversationRow) -> None:
        """The customer of a conversation: what its row says at once, the rest as it is read."""
        anew = self._row is None or self._row.id != row.id
        self._row = row
        if anew:
            self._begin(row.contact_id)
        name = words.title(row)
        self.avatar.show_person(name, channel_token(row.channel))
        if not self.name.edit.hasFocus() and (anew or self._contact is None):
            self.name.show_value(row.name, anew=anew)
            self._show_number(words.phone(row.address), row.name)
        self.labels.show_labels(row.labels)
        self.facts.show_row(row)
        self._show_blocked(row.blocked)
        self.refresh()

    def show_contact(self, contact_id: ContactId, found: Contact | None = None) -> None:
        """A contact by themselves, from the page of all; `found` is whom this machine lacks."""
        self._found = found
        if self._contact_id != contact_id or self._row is not None:
            self._row = None
            self._begin(contact_id)
        self.refresh()

    def refresh(self) -> None:
        """Something of the conversation or its contact changed."""
        if not self.isVisible():
            self._is_stale = True
            return
        self._is_stale = False
        if self._row is not None or self._contact_id is not None:
            self._tasks.start(self._read(), f"contact:{id(self)}")

    def show_messages(self, messages: Sequence[Message]) -> None:
        """What of the open thread is at hand, oldest first: its pictures show at once."""
        self._in_thread = [message for message in messages if message.content.media]
        self._show_shared()

    def flush(self) -> None:
        """Hand on what was written, before it leaves the screen."""
        for field in (self.name, self.notes, self.attributes, self.addresses.new):
            field.flush()

    def _begin(self, contact_id: ContactId | None) -> None:
        """Another contact: what was written about the one before is handed on first."""
        self.flush()
        self._contact_id = contact_id
        self._contact = None
        self._elsewhere = ()
        self._in_thread = ()
        self.name.show_value("", anew=True)
        self.number.setText("")
        self.notes.show_value("", anew=True)
        self.attributes.show_attributes({}, anew=True)
        self.addresses.show_addresses((), self._workplace.now(), anew=True)
        self.facts.begin()
        self._show_others(())
        self._show_shared()
        self._show_blocked(False)
        for part in (self.labels_title, self.labels):
            part.setVisible(self._row is not None)
        self.verticalScrollBar().setValue(0)

    async def _read(self) -> None:
        store, row, contact_id = self._workplace.store, self._row, self._contact_id
        if self._contact is None and row is not None:
            await asyncio.sleep(GLANCE)  # who walks down the list does not read each panel
        if row is not None:
            found = await store.conversations.get(row.id)
            if found is not None:
                self._row = found
                contact_id = found.contact_id
                self.labels.show_labels(found.labels)
                self.facts.show_row(found)
        if contact_id is None:
            return
        contact = await store.contacts.get(contact_id)
        if contact is None and self._found is not None and self._found.id == contact_id:
            contact = self._found
        if contact is None:
            return
        anew = self._contact is None or self._contact.id != contact.id
        self._contact, self._contact_id = contact, contact_id
        self._show(contact, anew=anew)
        self._show_others(await store.conversations.of_contact(contact_id))
        if anew:
            self._elsewhere = await store.contacts.files(contact_id, 30)
            self._show_shared()
        await self.facts.read_zone(contact)

    def _show(self, contact: Contact, *, anew: bool) -> None:
        row = self._row
        name = words.one_line(contact.title, 120) or translate("contact", "No name")
        shown = words.phone(name) if not contact.name else name
        self.avatar.show_person(shown, channel_token(row.channel) if row is not None else "")
        self.name.show_value(contact.name)
        address = row.address if row is not None else contact.address
        self._show_number(words.phone(address), contact.name)
        self._show_blocked(contact.blocked)
        self.facts.show_contact(contact)
        self.addresses.show_addresses(contact.addresses, self._workplace.now(), anew=anew)
        self.attributes.show_attributes(contact.attributes, anew=anew)
        self.notes.show_value(contact.notes, anew=anew)

    def _show_number(self, number: str, name: str) -> None:
        self.number.setText(number)
        self.number.setVisible(bool(number) and number != name)

    def _show_blocked(self, blocked: bool) -> None:
        self.blocked.show_state(
            translate("contact", "Blocked"), "danger_soft", "danger", "ban" if blocked else ""
        )
        self.blocked.setVisible(blocked)

    def _show_shared(self) -> None:
        known = {message.id for message in self._in_thread}
        files = [*self._in_thread, *(m for m in self._elsewhere if m.id not in known)]
        files.sort(key=lambda message: message.timestamp, reverse=True)
        pictures = self.shared.show_messages(files)
        self.shared.setVisible(pictures)
        self.shared_title.setVisible(bool(files))
        self.show_all.setVisible(bool(files))

    def _show_others(self, rows: Sequence[ConversationRow]) -> None:
        some = self.others.show_conversations(rows, self._row.id if self._row else None)
        self.others_title.setText(
            (
                translate("contact", "Other conversations")
                if self._row is not None
                else translate("contact", "Conversations")
            ).upper()
        )
        self.others_title.setVisible(some)
        self.others.setVisible(some)
        read_along(self)  # the last of what is made anew for somebody

    # Changing

    def save(
        self,
        changes: Mapping[str, Any],
        field: LineField | TextField,
        seen: Mapping[str, Any] | None = None,
    ) -> None:
        """Tell the server what to put in the place of what was `seen`; `field` says what came."""
        if self._contact_id is not None:
            self._workplace.writes.start(self._save(self._contact_id, changes, field, seen))

    async def _save(
        self,
        contact_id: ContactId,
        changes: Mapping[str, Any],
        field: LineField | TextField,
        seen: Mapping[str, Any] | None,
    ) -> None:
        here = self._contact_id
        gone: list[bool] = []  # the field may be, with its window, before there is an answer
        field.destroyed.connect(lambda: gone.append(True))
        try:
            await self._workplace.server.contacts.edit(contact_id, changes, seen)
        except ChangedSinceError as error:
            if not gone and here == contact_id == self._contact_id:
                field.conflict(value_in(error, changes))
            else:
                self.acts.offer_anyway(contact_id, changes)
        except BalasError as error:
            if not gone and here == contact_id == self._contact_id:
                field.refuse(refused(error))
            else:  # they look at somebody else by now
                self._workplace.tell(translate("contact", "Not saved"), refused(error))
        else:
            if not gone and contact_id == self._contact_id:
                field.accept()

    def _on_text(self, key: str, field: LineField | TextField, text: str) -> None:
        self.save({key: text}, field, {key: field.seen})

    def _on_attribute(self, name: str, value: str, field: LineField) -> None:
        seen = {"attributes": {name: field.seen or None}}
        self.save({"attributes": {name: value or None}}, field, seen)

    def _on_left(self, changes: Mapping[str, Any]) -> None:
        """What stood in a conflict leaves the screen: it can still be had."""
        if self._contact_id is not None:
            self.acts.offer_anyway(self._contact_id, changes)

    def _on_number(self, channel: str, typed: str) -> None:
        if typed:
            added = [{"channel": channel, "address": typed}]
            self.save({"add_addresses": added}, self.addresses.new)

    def _on_number_removed(self, address: Address) -> None:
        if self._contact_id is not None:
            self.acts.remove_number(self._contact_id, address)

    def unblock(self) -> None:
        """Talk to them again."""
        row = self._row
        if row is not None and row.contact_id is not None:
            self.acts.unblock(self._contact or Contact(row.contact_id, row.name, row.address))

    def _ask_more(self) -> None:
        if self._contact is not None:
            self.acts.menu(self._contact, self._row).popup(
                self.more.mapToGlobal(self.more.rect().bottomLeft())
            )

    def _write(self) -> None:
        if self._contact is not None:
            self.acts.start_conversation(self._contact, self._row)

    def _show_files(self) -> None:
        if self._contact is not None:
            self.acts.show_files(self._contact, self.picture_chosen.emit)

    # Made of

    def _connect(self) -> None:
        self.shared.chosen.connect(self.picture_chosen)
        self.show_all.clicked.connect(self._show_files)
        self.add_label.clicked.connect(self.labels_wanted)
        fields: tuple[tuple[str, LineField | TextField], ...] = (
            ("name", self.name),
            ("notes", self.notes),
        )
        for key, field in fields:
            field.committed.connect(partial(self._on_text, key, field))
            field.left.connect(lambda text, key=key: self._on_left({key: text}))
        self.attributes.left.connect(
            lambda name, text: self._on_left({"attributes": {name: text or None}})
        )
        self.attributes.changed.connect(self._on_attribute)
        self.addresses.added.connect(self._on_number)
        self.addresses.removed.connect(self._on_number_removed)
        self.facts.language_chosen.connect(lambda code: self.acts.set_language(self._contact, code))
        self.others.chosen.connect(self._workplace.open_conversation)
        self.more.clicked.connect(self._ask_more)
        self.write.clicked.connect(self._write)

    def _build(self) -> None:
        inside = QWidget()
        inside.setProperty("kind", "surface")
        inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(SIDE, 10, SIDE, 20)
        layout.setSpacing(4)
        top = QHBoxLayout()
        top.setSpacing(2)
        top.addSpacing(62)
        top.addStretch(1)
        top.addWidget(self.avatar, 0, Qt.AlignmentFlag.AlignBottom)
        top.addStretch(1)
        for made in (self.write, self.more):
            top.addWidget(made, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(top)
        layout.addSpacing(6)
        self.name.edit.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self.name)
        self.number.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self.number)
        layout.addWidget(self.blocked, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(12)
        layout.addWidget(self.labels_title)
        self.add_label.setToolTip(translate("contact", "Labels (L)"))
        self.labels.add_last(self.add_label)
        layout.addWidget(self.labels)
        layout.addSpacing(12)
        layout.addWidget(section(translate("contact", "Contact")))
        layout.addWidget(self.facts)
        layout.addSpacing(12)
        layout.addWidget(section(translate("contact", "Numbers")))
        layout.addWidget(self.addresses)
        layout.addSpacing(12)
        layout.addWidget(section(translate("contact", "Attributes")))
        layout.addWidget(self.attributes)
        layout.addSpacing(12)
        layout.addWidget(section(translate("contact", "Notes")))
        layout.addWidget(self.notes)
        layout.addSpacing(12)
        head = QGridLayout()
        head.setColumnStretch(0, 1)
        self.shared_title.setWordWrap(True)
        head.addWidget(self.shared_title, 0, 0)
        head.addWidget(self.show_all, 0, 1, Qt.AlignmentFlag.AlignTrailing)
        layout.addLayout(head)
        layout.addWidget(self.shared)
        layout.addSpacing(12)
        layout.addWidget(self.others_title)
        layout.addWidget(self.others)
        layout.addStretch(1)
        self.setWidget(inside)
        self._show_shared()
        self._show_others(())
        self.blocked.hide()

    # Qt

    def sizeHint(self) -> QSize:
        return QSize(PANEL_WIDTH, 400)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._clock.start()
        if self._is_stale:
            self.refresh()
