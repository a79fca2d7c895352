"""What one can do about a contact: write first, block, merge, erase, save to a file."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QMenu, QWidget

from console.domain.contact import Address, Contact
from console.domain.conversation import ConversationRow
from console.domain.errors import ChangedSinceError, RefusedError
from console.domain.feed import ContactRow
from console.domain.ids import ContactId
from console.domain.message import Message
from console.domain.profile import Role
from console.ui import words
from console.ui.isolates import straight
from console.ui.language import translate
from console.ui.screens.contact.refusals import refused
from console.ui.screens.question import Question
from console.ui.widgets import menus
from console.ui.workplace import Workplace

if TYPE_CHECKING:
    from console.ui.timeline.pictures import Pictures

_SCREENS = "console.ui.screens.contact."


def called(contact: Contact) -> str:
    """The name, or the number as one reads it."""
    return words.one_line(straight(contact.name), 60) or words.phone(contact.address)


class ContactActs:
    """Every act is finished even when one looks at somebody else; what failed is told."""

    def __init__(self, parent: QWidget, workplace: Workplace, pictures: Pictures | None) -> None:
        self._parent = parent
        self._workplace = workplace
        self._pictures = pictures

    def menu(self, contact: Contact, row: ConversationRow | None) -> QMenu:
        """Everything that has no place of its own in the panel."""
        made = menus.menu(self._parent)
        made.addAction(
            translate("contact", "New conversation…"), lambda: self.start_conversation(contact, row)
        )
        made.addSeparator()
        made.addAction(translate("contact", "Merge with…"), lambda: self.merge(contact))
        undo = made.addAction(translate("contact", "Undo the last merge"))
        undo.triggered.connect(lambda: self._run(self._undo_last(contact)))
        made.addAction(
            translate("contact", "Unblock") if contact.blocked else translate("contact", "Block…"),
            lambda: self.unblock(contact) if contact.blocked else self.ask_block(contact),
        )
        made.addSeparator()
        made.addAction(translate("contact", "Save to a file…"), lambda: self.save(contact))
        me = self._workplace.store.me
        if me is not None and me.role is not Role.AGENT:
            made.addSeparator()
            made.addAction(translate("contact", "Erase for good…"), lambda: self.erase(contact))
        return made

    def start_conversation(self, contact: Contact, row: ConversationRow | None) -> None:
        """Write first, in this or another inbox."""
        import_module(_SCREENS + "starting").ask_start(
            self._parent, self._workplace, contact=contact, near=row
        )

    def write_to(self, number: str) -> None:
        """Write first to a number that stands somewhere."""
        import_module(_SCREENS + "starting").ask_start(self._parent, self._workplace, number=number)

    def merge(self, contact: Contact) -> None:
        """Choose who is the same person."""
        import_module(_SCREENS + "merging").ask_merge(self._parent, self._workplace, contact)

    def erase(self, contact: Contact) -> None:
        """Show what goes, and ask for a typed yes."""
        import_module(_SCREENS + "erasing").ask_erase(self._parent, self._workplace, contact)

    def save(self, contact: Contact) -> None:
        """What is known of them into a file of the agent's choice."""
        import_module(_SCREENS + "exporting").ask_where(self._parent, self._workplace, contact)

    def show_files(self, contact: Contact, open_picture: Callable[[Message], None]) -> None:
        """All that was shared, over the window."""
        if self._pictures is not None:
            import_module(_SCREENS + "files").show_files(
                self._parent, self._workplace, self._pictures, contact, open_picture
            )

    def set_language(self, contact: Contact | None, code: str) -> None:
        """The language in which templates go to them."""
        if contact is not None:
            seen = {"locale": contact.locale}
            self._run(self._workplace_edit(contact.id, {"locale": code}, seen))

    def offer_anyway(self, contact_id: ContactId, changes: Mapping[str, Any]) -> None:
        """What was written against what somebody else wrote, and is on no screen any more."""
        written = next(iter(changes.values()))
        if isinstance(written, Mapping):
            written = next(iter(written.values()))
        self._workplace.offer(
            translate("contact", "Not saved: somebody else changed this meanwhile"),
            translate("contact", "You wrote: “{text}”").format(
                text=words.one_line(str(written or ""), 120)
            ),
            translate("contact", "Put mine in its place"),
            lambda: self._run(self._workplace_edit(contact_id, changes)),
        )

    def remove_number(self, contact_id: ContactId, address: Address) -> None:
        """Take a number away; the notice gives it back."""
        entry = [{"channel": address.channel.value, "address": address.address}]

        async def remove() -> None:
            await self._workplace_edit(contact_id, {"remove_addresses": entry})
            self._workplace.offer(
                translate("contact", "{number} was removed").format(
                    number=words.phone(address.address)
                ),
                "",
                translate("contact", "Undo"),
                lambda: self._run(self._workplace_edit(contact_id, {"add_addresses": entry})),
            )

        self._run(remove())

    def ask_block(self, contact: Contact) -> None:
        """Say what blocking means, then do it."""
        question = Question(
            self._parent,
            translate("contact", "Block {name}?").format(name=called(contact)),
            translate(
                "contact",
                "Nobody can write to them, and nothing answers by itself. What they write is"
                " kept. You can unblock them at any time.",
            ),
        )
        question.add(
            translate("contact", "Block"), lambda: self._run(self._block(contact, True)), "danger"
        )
        question.add(translate("contact", "Cancel"), None)
        question.open()

    def unblock(self, contact: Contact) -> None:
        """Talk to them again."""
        self._run(self._block(contact, False))

    async def _block(self, contact: Contact, on: bool) -> None:
        await self._workplace.server.contacts.block(contact.id, on)
        said = (
            translate("contact", "{name} is blocked")
            if on
            else translate("contact", "{name} is not blocked any more")
        )
        self._workplace.offer(
            said.format(name=called(contact)),
            "",
            translate("contact", "Undo"),
            lambda: self._run(self._block(contact, not on)),
        )

    async def _undo_last(self, contact: Contact) -> None:
        merge_id = await self._workplace.store.contacts.last_merge(contact.id)
        if merge_id is None:
            self._workplace.tell(
                translate("contact", "There is no merge to undo"),
                translate("contact", "None was found on this computer."),
            )
            return
        await undo_merge(self._workplace, merge_id)

    async def _workplace_edit(
        self,
        contact_id: ContactId,
        changes: Mapping[str, Any],
        seen: Mapping[str, Any] | None = None,
    ) -> None:
        await self._workplace.server.contacts.edit(contact_id, changes, seen)

    def _run(self, work: Awaitable[None]) -> None:
        async def run() -> None:
            try:
                await work
            except RefusedError as error:
                self._workplace.tell(translate("contact", "That did not go"), refused(error))

        self._workplace.writes.start(run())


def value_in(error: ChangedSinceError, changes: Mapping[str, Any]) -> str:
    """What somebody else wrote where `changes` would have."""
    name, value = next(iter(changes.items()))
    now = error.now
    if not isinstance(now, ContactRow):
        return ""
    if name == "attributes":
        return next((now.attributes.get(key, "") for key in value), "")
    return str(getattr(now, name) or "")


def fresh_id() -> str:
    """For an act that may be repeated without being done twice."""
    return str(uuid.uuid4())


async def undo_merge(workplace: Workplace, merge_id: str) -> None:
    """Part two contacts again, and say so."""
    await workplace.server.contacts.undo_merge(merge_id)
    workplace.tell(
        translate("contact", "The merge is undone"),
        translate("contact", "Each has their own conversations again."),
    )
