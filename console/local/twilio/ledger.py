"""The simulator's memory in SQLite: a killed and restarted simulator still knows everything."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from console.local.twilio.records import ENDED, Customer, Media, Message

_SCHEMA = """
create table if not exists messages (
  seq integer primary key autoincrement, sid text not null unique, direction text not null,
  from_address text not null, to_address text not null, body text not null, status text not null,
  created real not null, updated real not null, sent real, error_code integer, error_text text,
  num_media integer not null, service_sid text, callback text, data text not null,
  customer text not null, deleted integer not null default 0);
create index if not exists messages_to on messages (to_address, seq);
create index if not exists messages_from on messages (from_address, seq);
create index if not exists messages_customer on messages (customer, seq);
create index if not exists messages_created on messages (created);
create table if not exists media (
  sid text primary key, message_sid text not null, content_type text not null, name text,
  size integer not null, created real not null, fault text, fault_left integer,
  content blob not null);
create index if not exists media_message on media (message_sid);
create table if not exists customers (
  address text primary key, name text not null, number text, external_id text,
  player text not null, opted_out integer not null, last_inbound real, created real not null);
create table if not exists entries (
  seq integer primary key autoincrement, book text not null, at real not null,
  address text not null, sid text, entry text not null);
create index if not exists entries_book on entries (book, seq);
create index if not exists entries_address on entries (book, address, seq);
create index if not exists entries_sid on entries (sid);
create table if not exists settings (name text primary key, value text not null);
create table if not exists templates (sid text primary key, entry text not null);
"""

_MESSAGES = (
    "select seq, sid, direction, from_address, to_address, body, status, created, updated, sent, "
    "error_code, error_text, num_media, service_sid, callback, data from messages "
)
_MEDIA = "select sid, message_sid, content_type, name, size, created, fault, fault_left from media "
_CUSTOMERS = (
    "select address, name, number, external_id, player, opted_out, last_inbound, created "
    "from customers "
)
_ENTRIES = "select seq, at, sid, entry from entries "

# The books of `entries`: creates (every POST to Messages), callbacks and webhooks (what was sent
# and how it was answered), fetches (of MediaUrl), leaks (credentials that reached the media host).
BOOKS = ("creates", "callbacks", "webhooks", "fetches", "leaks", "typing")


class Ledger:
    """Every read and write is one short statement, so the event loop may call it directly.

    Without a folder everything lives in memory. Writes reach the system at once (they survive
    the process, not a power cut: nothing here is worth an fsync).
    """

    def __init__(self, folder: Path | None) -> None:
        if folder is None:
            path = ":memory:"
        else:
            folder.mkdir(parents=True, exist_ok=True)
            path = str(folder / "twilio.sqlite3")
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = off")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    # messages

    def add_message(self, message: Message, files: Sequence[tuple[Media, bytes]] = ()) -> Message:
        """Keep a new message and its files; returns it with its `seq`."""
        self._db.execute("begin")
        seq = self._db.execute(
            "insert into messages (sid, direction, from_address, to_address, body, status, "
            "created, updated, sent, error_code, error_text, num_media, service_sid, callback, "
            "data, customer) values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                message.sid,
                message.direction,
                message.from_address,
                message.to_address,
                message.body,
                message.status,
                message.created,
                message.updated or message.created,
                message.sent,
                message.error_code,
                message.error_text,
                message.num_media,
                message.service_sid,
                message.callback,
                json.dumps(message.data),
                message.customer,
            ),
        ).lastrowid
        for media, content in files:
            self._insert_media(media, content)
        self._db.execute("commit")
        return replace(message, seq=seq or 0, updated=message.updated or message.created)

    def update_message(self, sid: str, **columns: Any) -> Message | None:
        """Set columns of one message; `data` replaces the whole dictionary."""
        if "data" in columns:
            columns["data"] = json.dumps(columns["data"])
        names = ", ".join(f"{name} = ?" for name in columns)
        change = f"update messages set {names} where sid = ?"  # noqa: S608 names come from code
        self._db.execute(change, (*columns.values(), sid))
        return self.message(sid)

    def message(self, sid: str) -> Message | None:
        row = self._db.execute(_MESSAGES + "where sid = ? and not deleted", (sid,)).fetchone()
        return _message(row) if row else None

    def messages(
        self,
        *,
        to: str | None = None,
        sender: str | None = None,
        since: float | None = None,
        until: float | None = None,
        before_seq: int | None = None,
        limit: int,
    ) -> list[Message]:
        """Newest first. `since` and `until` bound the time sent (or made), both included."""
        clauses, values = ["not deleted"], list[Any]()
        for clause, value in (
            ("to_address = ?", to),
            ("from_address = ?", sender),
            ("coalesce(sent, created) >= ?", since),
            ("coalesce(sent, created) <= ?", until),
            ("seq < ?", before_seq),
        ):
            if value is not None:
                clauses.append(clause)
                values.append(value)
        rows = self._db.execute(
            _MESSAGES + f"where {' and '.join(clauses)} order by seq desc limit ?",
            (*values, limit),
        )
        return [_message(row) for row in rows]

    def has_received(self, address: str) -> bool:
        """Whether some customer ever wrote to this address of ours."""
        found = self._db.execute(
            "select 1 from messages where to_address = ? and direction = 'inbound' limit 1",
            (address,),
        )
        return found.fetchone() is not None

    def thread(self, customer: str, limit: int = 200) -> list[Message]:
        """The last messages with one customer, oldest first."""
        rows = self._db.execute(
            _MESSAGES + "where customer = ? and not deleted order by seq desc limit ?",
            (customer, limit),
        ).fetchall()
        return [_message(row) for row in reversed(rows)]

    def unfinished(self) -> list[Message]:
        """Outbound messages that a stop of the simulator caught on their way."""
        marks = ",".join("?" * len(ENDED))
        rows = self._db.execute(
            _MESSAGES + "where direction <> 'inbound' and not deleted "
            f"and status not in ({marks}) order by seq",
            tuple(ENDED),
        )
        return [_message(row) for row in rows]

    def delete_message(self, sid: str) -> None:
        self._db.execute("update messages set deleted = 1 where sid = ?", (sid,))
        self._db.execute("delete from media where message_sid = ?", (sid,))

    # media

    def _insert_media(self, media: Media, content: bytes) -> None:
        self._db.execute(
            "insert into media (sid, message_sid, content_type, name, size, created, fault, "
            "fault_left, content) values (?,?,?,?,?,?,?,?,?)",
            (
                media.sid,
                media.message_sid,
                media.content_type,
                media.name,
                media.size,
                media.created,
                media.fault,
                media.fault_left,
                content,
            ),
        )

    def add_media(self, media: Media, content: bytes) -> None:
        self._insert_media(media, content)

    def media(self, sid: str) -> Media | None:
        row = self._db.execute(_MEDIA + "where sid = ?", (sid,)).fetchone()
        return Media(*row) if row else None

    def media_of(self, message_sid: str) -> list[Media]:
        rows = self._db.execute(_MEDIA + "where message_sid = ? order by rowid", (message_sid,))
        return [Media(*row) for row in rows]

    def media_content(self, sid: str) -> bytes:
        row = self._db.execute("select content from media where sid = ?", (sid,)).fetchone()
        return bytes(row[0]) if row else b""

    def use_media_fault(self, media: Media) -> None:
        """Count one misbehaviour; after the last one the file is served well."""
        if media.fault_left is not None:
            left = media.fault_left - 1
            self._db.execute(
                "update media set fault_left = ?, fault = ? where sid = ?",
                (left, media.fault if left > 0 else None, media.sid),
            )

    def delete_media(self, sid: str) -> None:
        self._db.execute("delete from media where sid = ?", (sid,))

    # customers

    def put_customer(self, customer: Customer) -> None:
        self._db.execute(
            "insert into customers (address, name, number, external_id, player, opted_out, "
            "last_inbound, created) values (?,?,?,?,?,?,?,?) "
            "on conflict (address) do update set name = excluded.name, number = excluded.number, "
            "external_id = excluded.external_id, player = excluded.player, "
            "opted_out = excluded.opted_out, last_inbound = excluded.last_inbound",
            (
                customer.address,
                customer.name,
                customer.number,
                customer.external_id,
                customer.player,
                customer.opted_out,
                customer.last_inbound,
                customer.created,
            ),
        )

    def customer(self, address: str) -> Customer | None:
        row = self._db.execute(_CUSTOMERS + "where address = ?", (address,)).fetchone()
        return _customer(row) if row else None

    def customers(self, limit: int = 200) -> list[Customer]:
        """The `limit` customers who wrote or were made last, oldest first."""
        rows = self._db.execute(
            _CUSTOMERS + "order by coalesce(last_inbound, created) desc, rowid desc limit ?",
            (limit,),
        ).fetchall()
        return [_customer(row) for row in reversed(rows)]

    # books

    def write(self, book: str, at: float, address: str, sid: str | None, entry: Any) -> int:
        """Append to one of BOOKS; returns the entry's number."""
        number = self._db.execute(
            "insert into entries (book, at, address, sid, entry) values (?,?,?,?,?)",
            (book, at, address, sid, json.dumps(entry)),
        ).lastrowid
        return number or 0

    def amend(self, number: int, sid: str | None, entry: Any) -> None:
        self._db.execute(
            "update entries set sid = ?, entry = ? where seq = ?", (sid, json.dumps(entry), number)
        )

    def read(
        self,
        book: str,
        *,
        after: int = 0,
        address: str | None = None,
        sid: str | None = None,
        limit: int = 100_000,
    ) -> list[dict[str, Any]]:
        """Entries of a book in the order they were written, each with `seq`, `at` and `sid`."""
        clauses, values = ["book = ?", "seq > ?"], list[Any]([book, after])
        if address is not None:
            clauses.append("address = ?")
            values.append(address)
        if sid is not None:
            clauses.append("sid = ?")
            values.append(sid)
        rows = self._db.execute(
            _ENTRIES + f"where {' and '.join(clauses)} order by seq limit ?",
            (*values, limit),
        )
        return [{"seq": row[0], "at": row[1], "sid": row[2], **json.loads(row[3])} for row in rows]

    def count(self, book: str) -> int:
        row = self._db.execute("select count(*) from entries where book = ?", (book,)).fetchone()
        return int(row[0])

    # settings

    def put_setting(self, name: str, value: Any) -> None:
        self._db.execute(
            "insert or replace into settings (name, value) values (?,?)", (name, json.dumps(value))
        )

    def setting(self, name: str, default: Any) -> Any:
        row = self._db.execute("select value from settings where name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else default

    # templates

    def put_template(self, sid: str, entry: dict[str, Any]) -> None:
        self._db.execute(
            "insert or replace into templates (sid, entry) values (?,?)", (sid, json.dumps(entry))
        )

    def template(self, sid: str) -> dict[str, Any] | None:
        row = self._db.execute("select entry from templates where sid = ?", (sid,)).fetchone()
        return dict(json.loads(row[0])) if row else None

    def templates(self) -> Iterator[dict[str, Any]]:
        for row in self._db.execute("select entry from templates order by rowid"):
            yield json.loads(row[0])

    def delete_template(self, sid: str) -> bool:
        return self._db.execute("delete from templates where sid = ?", (sid,)).rowcount > 0


def _message(row: Sequence[Any]) -> Message:
    (seq, sid, direction, sender, to, body, status, created, updated, sent, *rest) = row
    error_code, error_text, num_media, service_sid, callback, data = rest
    return Message(
        sid=sid,
        direction=direction,
        from_address=sender,
        to_address=to,
        body=body,
        status=status,
        created=created,
        seq=seq,
        updated=updated,
        sent=sent,
        error_code=error_code,
        error_text=error_text,
        num_media=num_media,
        service_sid=service_sid,
        callback=callback,
        data=json.loads(data),
    )


def _customer(row: Sequence[Any]) -> Customer:
    address, name, number, external_id, player, opted_out, last_inbound, created = row
    return Customer(
        address, name, number, external_id, player, bool(opted_out), last_inbound, created
    )
