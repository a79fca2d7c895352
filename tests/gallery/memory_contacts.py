"""Contacts in memory: the store's side, and the server's, which changes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from console.domain.changes import Changes
from console.domain.contact import (
    Address,
    Contact,
    ContactLine,
    Erasure,
    FoundContacts,
    Reach,
    TemplatePreview,
)
from console.domain.conversation import Channel
from console.domain.errors import ChangedSinceError
from console.domain.feed import ContactRow
from console.domain.ids import ContactId, ConversationId, InboxId, MessageId
from console.domain.message import Message
from console.domain.placeholders import fill

if TYPE_CHECKING:
    from tests.gallery.memory import MemoryStore


class MemoryContacts:
    """Everybody who has a conversation, and whoever was put into `known`."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.known: dict[ContactId, Contact] = {}
        self.merges: dict[ContactId, str] = {}

    def put(self, contact: Contact) -> None:
        self.known[contact.id] = contact
        rows = self._store.conversations
        rows.rows = [
            replace(row, name=contact.name, blocked=contact.blocked)
            if row.contact_id == contact.id
            else row
            for row in rows.rows
        ]
        ids = frozenset(row.id for row in rows.rows if row.contact_id == contact.id)
        self._store.changes.publish(Changes(conversations=ids))

    def drop(self, contact_id: ContactId) -> None:
        self.known.pop(contact_id, None)
        rows = self._store.conversations
        gone = frozenset(row.id for row in rows.rows if row.contact_id == contact_id)
        rows.rows = [row for row in rows.rows if row.id not in gone]
        self._store.changes.publish(Changes(conversations=gone))

    def _all(self) -> dict[ContactId, Contact]:
        made = {
            row.contact_id: Contact(
                row.contact_id,
                row.name,
                None,
                row.blocked,
                addresses=(Address(row.address, row.channel),),
            )
            for row in self._store.conversations.rows
            if row.contact_id is not None
        }
        return {**made, **self.known}

    async def get(self, contact_id: ContactId) -> Contact | None:
        return self._all().get(contact_id)

    async def page(
        self, search: str = "", *, after: ContactLine | None = None, limit: int = 100
    ) -> list[ContactLine]:
        words = search.casefold().split()
        lines = [
            ContactLine(c.id, c.name, c.address, c.blocked, f"{not c.name}{c.name.casefold()}")
            for c in self._all().values()
            if all(word in f"{c.name} {c.address}".casefold() for word in words)
        ]
        lines.sort(key=lambda line: (line.key, line.id))
        start = [line.id for line in lines].index(after.id) + 1 if after else 0
        return lines[start : start + limit]

    async def count(self) -> int:
        return len(self._all())

    async def files(self, contact_id: ContactId, limit: int = 60) -> list[Message]:
        threads = [row.id for row in self._store.conversations.rows if row.contact_id == contact_id]
        found = [
            message
            for id in threads
            for message in self._store.messages.threads.get(id, [])
            if message.content.media
        ]
        found.sort(key=lambda message: message.timestamp, reverse=True)
        return found[:limit]

    async def last_merge(self, contact_id: ContactId) -> str | None:
        return self.merges.get(contact_id)


class MemoryContactsServer:
    """Does what it is asked to the store, unless `failure` is to be raised; keeps every call."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.calls: list[tuple[object, ...]] = []
        self.failure: Exception | None = None
        self.found = FoundContacts()
        self.elsewhere: dict[ContactId, Mapping[str, Any]] = {}  # by others, not known here yet
        self.state = "done"
        self._undo: dict[str, tuple[Contact, Contact]] = {}

    def _call(self, *what: object) -> None:
        self.calls.append(what)
        if self.failure is not None:
            raise self.failure

    async def _get(self, contact_id: ContactId) -> Contact:
        found = await self._store.contacts.get(contact_id)
        assert found is not None
        return found

    async def edit(
        self,
        contact_id: ContactId,
        changes: Mapping[str, Any],
        seen: Mapping[str, Any] | None = None,
    ) -> None:
        self._call("edit", contact_id, dict(changes))
        contact = await self._get(contact_id)
        if (written := self.elsewhere.pop(contact_id, None)) is not None:
            contact = replace(contact, **written)
            self._store.contacts.put(contact)  # the feed brings it, too
        if _differs(contact, seen or {}):
            raise ChangedSinceError(
                ContactRow(
                    contact.id,
                    contact.name,
                    contact.phone,
                    contact.blocked,
                    (),
                    notes=contact.notes,
                    attributes=contact.attributes,
                )
            )
        values: dict[str, Any] = {
            key: changes[key] or "" for key in ("name", "notes") if key in changes
        }
        if "locale" in changes:
            values["locale"] = changes["locale"]
        if "attributes" in changes:
            kept = {**contact.attributes, **changes["attributes"]}
            values["attributes"] = {key: value for key, value in kept.items() if value}
        added = tuple(_address(entry) for entry in changes.get("add_addresses", ()))
        gone = {_address(entry).address for entry in changes.get("remove_addresses", ())}
        values["addresses"] = (
            *(entry for entry in contact.addresses if entry.address not in gone),
            *added,
        )
        self._store.contacts.put(replace(contact, **values))

    async def block(self, contact_id: ContactId, blocked: bool) -> None:
        self._call("block", contact_id, blocked)
        self._store.contacts.put(replace(await self._get(contact_id), blocked=blocked))

    async def merge(self, id: str, into_id: ContactId, from_id: ContactId) -> None:
        self._call("merge", id, into_id, from_id)
        stays, goes = await self._get(into_id), await self._get(from_id)
        self._undo[id] = (stays, goes)
        self._store.contacts.merges[into_id] = id
        self._store.contacts.drop(from_id)
        self._store.contacts.put(replace(stays, addresses=stays.addresses + goes.addresses))

    async def undo_merge(self, id: str) -> None:
        self._call("undo_merge", id)
        for contact in self._undo.pop(id):
            self._store.contacts.put(contact)

    async def reach(self, contact_id: ContactId) -> Reach:
        self._call("reach", contact_id)
        return Reach(2, 1284, 37)

    async def erase(self, id: str, contact_id: ContactId) -> Erasure:
        self._call("erase", id, contact_id)
        self._store.contacts.drop(contact_id)
        at = self._store.server_now()
        counts = {"conversations": 2, "messages": 1284, "files": 37, "notes": 3}
        done = self.state == "done"
        return Erasure(id, self.state, at, at if done else None, counts if done else {})

    async def preview(
        self, inbox_id: InboxId, template: Mapping[str, Any], contact_id: ContactId | None = None
    ) -> TemplatePreview:
        self._call("preview", inbox_id, dict(template), contact_id)
        found = next(t for t in self._store.desk.approved if t.name == template["name"])
        values = dict(template["variables"])
        contact = await self._store.contacts.get(contact_id) if contact_id else None
        if contact is not None and contact.name and "1" not in values:
            values["1"] = contact.name.split()[0]
        filled = fill(found.body, values)
        text = "" if filled.missing else filled.text
        return TemplatePreview(found.content_sid, found.language, text, filled.missing, values)

    async def start(self, id: MessageId, inbox_id: InboxId, **asked: Any) -> ConversationId:
        self._call("start", id, inbox_id, asked)
        return self._store.conversations.rows[1].id

    async def search(self, text: str) -> FoundContacts:
        self._call("search", text)
        return self.found


def _differs(contact: Contact, seen: Mapping[str, Any]) -> bool:
    attributes = seen.get("attributes", {})
    return any(
        (getattr(contact, name) or "") != (value or "")
        for name, value in seen.items()
        if name != "attributes"
    ) or any(contact.attributes.get(name) != value for name, value in attributes.items())


def _address(entry: Mapping[str, str]) -> Address:
    channel = Channel(entry["channel"])
    address = entry["address"].replace(" ", "").removeprefix("whatsapp:")
    return Address(f"whatsapp:{address}" if channel is Channel.WHATSAPP else address, channel)
