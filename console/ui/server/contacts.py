"""What is asked of the server about customers: to change, merge, block, erase, write first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from console.domain.contact import Erasure, FoundContacts, Reach, TemplatePreview
    from console.domain.ids import ContactId, ConversationId, InboxId, MessageId


class Contacts(Protocol):
    """Errors as in `Server`. Calls with an id made here may be repeated: nothing happens twice."""

    async def edit(
        self,
        contact_id: ContactId,
        changes: Mapping[str, Any],
        seen: Mapping[str, Any] | None = None,
    ) -> None:
        """Change what `changes` names and nothing else: name, phone, locale, notes, attributes
        (each by itself, None takes it away), add_addresses, remove_addresses.

        With `seen`, values before by the same names: raises ChangedSinceError with a `ContactRow`
        where one of them is otherwise by now."""

    async def block(self, contact_id: ContactId, blocked: bool) -> None:
        """To a blocked contact nothing is sent; what they write is kept."""

    async def merge(self, id: str, into_id: ContactId, from_id: ContactId) -> None:
        """`into_id` stays and gets everything of `from_id`; `id` names the merge."""

    async def undo_merge(self, id: str) -> None:
        """Each gets back what was theirs, and what came since by their own numbers."""

    async def reach(self, contact_id: ContactId) -> Reach:
        """What erasing takes away, counted on the server."""

    async def erase(self, id: str, contact_id: ContactId) -> Erasure:
        """Erase for good; asked again with its id it answers how far that is."""

    async def preview(
        self, inbox_id: InboxId, template: Mapping[str, Any], contact_id: ContactId | None = None
    ) -> TemplatePreview:
        """The template in the language that fits, with its values filled in. Changes nothing."""

    async def start(
        self,
        id: MessageId,
        inbox_id: InboxId,
        *,
        address: str | None = None,
        contact_id: ContactId | None = None,
        template: Mapping[str, Any] | None = None,
        content: str | None = None,
        name: str | None = None,
    ) -> ConversationId:
        """Begin a conversation, or go on with the one there is; `id` becomes the message's."""

    async def search(self, text: str) -> FoundContacts:
        """Contacts beyond this machine by name or number, best first."""
