"""Contacts: everybody in the order of the alphabet, one of them whole, and their files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from console.domain.contact import Address, Contact, ContactLine
from console.domain.conversation import Channel
from console.domain.ids import ContactId
from console.domain.message import Message
from console.store import people
from console.store.database import Database, Reading, Row, Writing
from console.store.listing import digits_of, folded
from console.store.messages import read_messages
from console.store.times import micros, moment_of

if TYPE_CHECKING:
    from console.domain.feed import ContactRow

_LOOKED_AT = 3_000  # bubbles of one thread, when files are looked for: a third of a second at most
_SHOWN = """
select p.sort, c.id, c.name, c.blocked, coalesce(
  (select a.address from addresses a where a.contact_id = c.id
   order by a.address like '%:ID.%', a.channel <> 'whatsapp', a.id limit 1), c.phone, '')
"""
_NEXT = (
    f"{_SHOWN} from people p join contacts c on c.id = p.contact_id"
    " where (p.sort, p.contact_id) > (?, ?) order by p.sort, p.contact_id limit ?"
)
_THESE = (
    f"{_SHOWN} from json_each(?) j join people p on p.contact_id = j.value"
    " join contacts c on c.id = p.contact_id order by j.key"
)
_FIELDS = "name, phone, blocked, locale, notes, attributes, created_at"


def put_contact(writing: Writing, contact: ContactRow) -> bool:
    """A contact with all addresses, as the server has them; whether anything is new."""
    fresh = (
        contact.name,
        contact.phone,
        int(contact.blocked),
        contact.locale,
        contact.notes,
        json.dumps(dict(contact.attributes), ensure_ascii=False),
        micros(contact.created_at),
    )
    addresses = sorted(
        (a.id, a.contact_id, a.address, a.channel, micros(a.opted_out_at))
        for a in contact.addresses
    )
    before = writing.one(f"select {_FIELDS} from contacts where id = ?", contact.id)  # noqa: S608
    had = writing.all("select * from addresses where contact_id = ? order by id", contact.id)
    if before == fresh and had == addresses:
        return False
    writing.run(
        f"insert or replace into contacts (id, {_FIELDS}) values (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        contact.id,
        *fresh,
    )
    writing.run("delete from addresses where contact_id = ?", contact.id)
    writing.many("insert or replace into addresses values (?, ?, ?, ?, ?)", addresses)
    numbers = [digits_of(a.address) for a in contact.addresses] or [digits_of(contact.phone or "")]
    name = folded(contact.name)
    people.put(
        writing,
        contact.id,
        name or people.NAMELESS + numbers[0],
        " ".join((name, *dict.fromkeys(numbers))).strip(),
    )
    return True


class Contacts:
    """What the contact panel and the contacts page read. Announced as `Changes.conversations`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, contact_id: ContactId) -> Contact | None:
        """One contact; None when they are not, or no longer, ours to see."""

        def work(reading: Reading) -> Contact | None:
            row = reading.one(f"select {_FIELDS} from contacts where id = ?", contact_id)  # noqa: S608
            if row is None:
                return None
            addresses = reading.all(
                "select address, channel, opted_out_at from addresses where contact_id = ?"
                " order by address like '%:ID.%', channel <> 'whatsapp', id",
                contact_id,
            )
            return _contact(contact_id, row, addresses)

        return await self._database.read(work)

    async def page(
        self, search: str = "", *, after: ContactLine | None = None, limit: int = 100
    ) -> list[ContactLine]:
        """The next lines below `after`, by name; those without one come last, by number.

        `search` holds parts of the name, or a number in any spelling.
        """
        wanted = _parts(search)
        start = ("", "") if after is None else (after.key, after.id)

        def work(reading: Reading) -> list[Row]:
            if not wanted:
                return reading.all(_NEXT, *start, limit)
            ids = people.found(reading, wanted, start, limit)
            return reading.all(_THESE, json.dumps(ids))

        rows = await self._database.read(work)
        return [
            ContactLine(ContactId(row[1]), row[2], row[4], bool(row[3]), row[0]) for row in rows
        ]

    async def count(self) -> int:
        """How many contacts there are on this machine."""
        return await self._database.read(
            lambda reading: int(reading.value("select count(*) from people") or 0)
        )

    async def files(self, contact_id: ContactId, limit: int = 60) -> list[Message]:
        """The newest messages with files, of all conversations with one person."""

        def work(reading: Reading) -> list[Message]:
            found: list[Message] = []
            threads = reading.all("select id from conversations where contact_id = ?", contact_id)
            for (conversation_id,) in threads:
                found += read_messages(
                    reading,
                    " where conversation_id = ? and media <> '[]' and position >= coalesce("
                    "(select position from messages where conversation_id = ?"
                    " order by position desc limit 1 offset ?), 0)"
                    " order by position desc, id desc limit ?",
                    conversation_id,
                    conversation_id,
                    _LOOKED_AT,
                    limit,
                )
            found.sort(key=lambda message: message.timestamp, reverse=True)
            return found[:limit]

        return await self._database.read(work)

    async def last_merge(self, contact_id: ContactId) -> str | None:
        """The newest merge of this contact that still stands, as far as their threads here tell."""

        def work(reading: Reading) -> str | None:
            found: list[tuple[int, str]] = []
            undone: set[str] = set()
            threads = reading.all("select id from conversations where contact_id = ?", contact_id)
            for (conversation_id,) in threads:
                rows = reading.all(
                    "select position, metadata ->> '$.event.kind', metadata ->> '$.event.data'"
                    " from (select position, message_type, metadata from messages"
                    "  where conversation_id = ? order by position desc limit ?)"
                    " where message_type = 'event'"
                    " and metadata ->> '$.event.kind' in ('contact_merged', 'merge_undone')",
                    conversation_id,
                    _LOOKED_AT,
                )
                for position, kind, data in rows:
                    merge_id = str(json.loads(data or "{}").get("merge_id") or "")
                    if kind == "merge_undone":
                        undone.add(merge_id)
                    elif merge_id:
                        found.append((position, merge_id))
            standing = [entry for entry in found if entry[1] not in undone]
            return max(standing)[1] if standing else None

        return await self._database.read(work)


def _contact(id: ContactId, row: Row, addresses: list[Row]) -> Contact:
    name, phone, blocked, locale, notes, attributes, created_at = row
    return Contact(
        id=id,
        name=name,
        phone=phone,
        blocked=bool(blocked),
        locale=locale,
        notes=notes,
        attributes=json.loads(attributes),
        addresses=tuple(
            Address(
                entry[0],
                Channel.SMS if entry[1] == Channel.SMS else Channel.WHATSAPP,
                moment_of(entry[2]),
            )
            for entry in addresses
        ),
        created_at=moment_of(created_at),
    )


def _parts(search: str) -> list[str]:
    """What to look for: each word, or a number without its signs and the 0 dialled at home."""
    typed = folded(search)
    if typed and not typed.strip("+-(). 0123456789"):
        return [digits_of(typed).lstrip("0") or digits_of(typed)]
    return typed.split()
