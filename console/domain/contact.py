"""A customer as the contact panel and the contacts page show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from console.domain.conversation import Channel
from console.domain.ids import ContactId

if TYPE_CHECKING:
    from console.domain.feed import ContactRow, ConversationFacts


@dataclass(frozen=True, slots=True)
class Address:
    """One address, e.g. `whatsapp:+62812…`; `opted_out_at` is when its owner wrote STOP."""

    address: str
    channel: Channel
    opted_out_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A person. `attributes` are the team's own words about them, by name; `notes` is plain."""

    id: ContactId
    name: str
    phone: str | None
    blocked: bool = False
    locale: str | None = None
    notes: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    addresses: tuple[Address, ...] = ()
    created_at: datetime | None = None

    @property
    def title(self) -> str:
        """The name, or the first address where nobody gave a name."""
        return self.name or self.address.removeprefix("whatsapp:")

    @property
    def address(self) -> str:
        """The address that says most: a number before WhatsApp's internal ids."""
        for entry in self.addresses:
            if ":ID." not in entry.address:
                return entry.address
        return self.addresses[0].address if self.addresses else (self.phone or "")


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One line of the contacts page. `key` is its place in the alphabet."""

    id: ContactId
    name: str
    address: str
    blocked: bool = False
    key: str = ""

    @property
    def title(self) -> str:
        """The name, or the address where nobody gave a name."""
        return self.name or self.address.removeprefix("whatsapp:")


@dataclass(frozen=True, slots=True)
class FoundContacts:
    """What the server found: a line each, and the rows with which they can be opened here."""

    lines: tuple[ContactLine, ...] = ()
    contacts: tuple[ContactRow, ...] = ()
    conversations: tuple[ConversationFacts, ...] = ()

    def of(self, id: ContactId) -> FoundContacts:
        """What belongs to one of them."""
        return FoundContacts(
            tuple(line for line in self.lines if line.id == id),
            tuple(row for row in self.contacts if row.id == id),
            tuple(row for row in self.conversations if row.contact_id == id),
        )


@dataclass(frozen=True, slots=True)
class Reach:
    """What erasing somebody takes away on the server, as far as this agent sees it."""

    conversations: int
    messages: int
    files: int


@dataclass(frozen=True, slots=True)
class Erasure:
    """The receipt of an erasure: `state` is waiting, erasing, done or incomplete."""

    id: str
    state: str
    requested_at: datetime | None = None
    finished_at: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class TemplatePreview:
    """A template as the server would send it; `text` is empty while `missing` names values."""

    content_sid: str
    language: str
    text: str
    missing: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


def contact_of(row: ContactRow) -> Contact:
    """A contact as the server's row has them."""
    return Contact(
        id=row.id,
        name=row.name,
        phone=row.phone,
        blocked=row.blocked,
        locale=row.locale,
        notes=row.notes,
        attributes=row.attributes,
        addresses=tuple(
            Address(
                entry.address,
                Channel.SMS if entry.channel == Channel.SMS else Channel.WHATSAPP,
                entry.opted_out_at,
            )
            for entry in row.addresses
        ),
        created_at=row.created_at,
    )
