"""Rows of a thread as the server has them: messages, notes, events, with their words in search."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from console.domain.delivery import Status, advance
from console.domain.ids import ConversationId, MessageId
from console.store import search
from console.store.database import Row, Writing
from console.store.times import PARTS, instant_of, micros, position_of

if TYPE_CHECKING:
    from console.domain.feed import MessageFacts, Record

# Kinds of records that stand in the thread: their direction in `messages`.
BESIDE = {"notes": "note", "events": "event"}


def compact(value: Any) -> str:
    """JSON without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


_COLUMNS = (
    "id, conversation_id, position, timestamp, direction, message_type, content, media, metadata,"
    " sid, sent_by, status, error_code, error_text, reply_to, quoted_sid, automatic, scheduled_at,"
    " updated_at, version"
)
_ADD = f"insert into messages (rowid, {_COLUMNS}) values (?{', ?' * (_COLUMNS.count(',') + 1)})"  # noqa: S608 - our own words only
_UPDATE = f"update messages set ({_COLUMNS}) = ({'?, ' * _COLUMNS.count(',')}?) where rowid = ?"  # noqa: S608


_KNOWN = "select rowid, content, media, status, updated_at from messages where id = ?"


def put_row(writing: Writing, known: Row | None, values: Sequence[Any]) -> None:
    """Add or change one row of `messages` (values in the order of its columns), and its words.

    `known` is what _KNOWN finds by its id.
    """
    conversation_id, content, media = values[1], values[6], values[7]
    text = search.searchable(content, json.loads(media))
    if known is None:
        number = search.number_for(writing, values[3])
        writing.run(_ADD, number, *values)
        search.index(writing, number, conversation_id, text)
        return
    number = known[0]
    writing.run(_UPDATE, *values, number)
    if number >= search.FIRST and text != search.searchable(known[1], json.loads(known[2])):
        search.unindex(writing, number)
        search.index(writing, number, conversation_id, text)


def put_messages(writing: Writing, rows: Iterable[MessageFacts]) -> list[MessageFacts]:
    """Insert or update messages; those that were new, in the order given.

    The answers of several calls may overtake each other, so an older row never replaces a newer
    one, and where their ages are not known a status only moves forward. What the row confirms
    leaves the outbox in the same transaction.
    """
    fresh: list[MessageFacts] = []
    confirmed = False
    for row in rows:
        status = row.status
        known = writing.one(_KNOWN, row.id)
        if known is None:
            fresh.append(row)
            confirmed |= confirm_bubble(writing, row.id, micros(row.timestamp))
        elif known[4] is not None and row.updated_at is not None:
            if micros(row.updated_at) < known[4]:
                continue
        elif known[3] is not None and status is not None:
            status = advance(Status(known[3]), Status(status)).value
        metadata = row.metadata
        quoted = metadata.get("quoted")
        timestamp = micros(row.timestamp)
        part = metadata.get("part")
        values = (
            row.id,
            row.conversation_id,
            position_of(timestamp, part if isinstance(part, int) else 0),
            timestamp,
            row.direction,
            row.message_type,
            row.content,
            compact([dict(item) for item in row.media]),
            compact({key: value for key, value in metadata.items() if key != "raw"}),
            row.sid,
            row.sent_by,
            status,
            row.error_code,
            row.error_text,
            row.reply_to,
            quoted.get("sid") if isinstance(quoted, Mapping) else None,
            row.automatic,
            micros(row.scheduled_at),
            micros(row.updated_at),
            writing.version,
        )
        put_row(writing, known, values)
        if known is None and row.sid is not None:
            # Bubbles that quote this message can show it now.
            writing.run(
                "update messages set version = ? where quoted_sid = ?", writing.version, row.sid
            )
        if status != Status.UNCERTAIN.value:
            settled = "delete from intents where kind = 'settle' and target = ?"
            confirmed |= bool(known) and bool(writing.run(settled, row.id))
        writing.threads.add(row.conversation_id)
    writing.outbox |= confirmed
    return fresh


def confirm_bubble(writing: Writing, id: str, timestamp: int | None = None) -> bool:
    """The server has this bubble, as of `timestamp`; with its last bubble an intent is done."""
    seq = writing.value("select seq from bubbles where id = ?", id)
    if seq is None:
        return False
    if timestamp is not None:
        _keep_behind(writing, seq, timestamp)
    writing.run("delete from bubbles where id = ?", id)
    if writing.value("select 1 from bubbles where seq = ?", seq) is None:
        writing.run("delete from intents where seq = ?", seq)
    return True


def _keep_behind(writing: Writing, seq: int, timestamp: int) -> None:
    """What leaves after a reply stays below it, also where the server took that one later."""
    rows = writing.all(
        "select distinct b.seq from bubbles b join intents i on i.seq = b.seq"
        " where b.conversation_id = (select conversation_id from intents where seq = ?1)"
        " and b.seq > ?1 and b.timestamp <= ?2 and i.state in ('waiting', 'held') order by b.seq",
        seq,
        timestamp,
    )
    for place, (later,) in enumerate(rows, 1):
        at = timestamp + place
        writing.run(
            "update bubbles set timestamp = ?1, position = ?2 + position % ?3 where seq = ?4",
            at,
            position_of(at),
            PARTS,
            later,
        )


def put_beside(writing: Writing, record: Record) -> None:
    """A note or an event in its place among the messages. A note's own bubble is done with it."""
    conversation_id = record.conversation_id
    at = instant_of(record.data.get("created_at"))
    if conversation_id is None or at is None:
        return
    direction = BESIDE[record.kind]
    if direction == "note":
        author, body = record.data.get("author_id"), str(record.data.get("body") or "")
        more: dict[str, Any] = {"kind": "note", "mentions": list(record.data.get("mentions") or ())}
    else:
        author, body = record.data.get("actor_id"), ""
        event = {"kind": record.data.get("kind"), "data": record.data.get("data") or {}}
        more = {"kind": "event", "event": event}
    put_beside_row(writing, record.id, conversation_id, micros(at), direction, body, more, author)
    if confirm_bubble(writing, record.id):
        writing.outbox = True


def put_beside_row(
    writing: Writing,
    id: str,
    conversation_id: ConversationId,
    at: int,
    direction: str,
    body: str,
    metadata: Mapping[str, Any],
    author: str | None,
) -> None:
    """The row of a note or an event that happened `at` (microseconds)."""
    facts = (None, author, None, None, None, None, None, 0, None, None)
    values = (
        id,
        conversation_id,
        position_of(at),
        at,
        direction,
        direction,
        body,
        "[]",
        compact(metadata),
        *facts,
        writing.version,
    )
    put_row(writing, writing.one(_KNOWN, id), values)
    writing.threads.add(conversation_id)


def keep_note(writing: Writing, id: MessageId) -> None:
    """The server has this note: it stands where its bubble stood until the feed brings the row."""
    row = writing.one(
        "select conversation_id, timestamp, content, metadata from bubbles where id = ?", id
    )
    if row is not None:
        author = writing.value("select value from meta where key = 'me'")
        metadata = json.loads(row[3])
        put_beside_row(
            writing, id, ConversationId(row[0]), row[1], "note", row[2], metadata, author
        )
        confirm_bubble(writing, id)


def drop_row(writing: Writing, id: str) -> ConversationId | None:
    """Take a message, note or event out of its thread; whose thread that was."""
    row = writing.one("select rowid, conversation_id from messages where id = ?", id)
    if row is None:
        return None
    search.unindex(writing, row[0])
    writing.run("delete from messages where id = ?", id)
    writing.threads.add(row[1])
    return ConversationId(row[1])


def drop_thread(writing: Writing, conversation_id: ConversationId) -> None:
    """Take out a whole thread, its words and its ledger."""
    writing.run(
        "delete from attempts where message_id in"
        " (select id from messages where conversation_id = ?)",
        conversation_id,
    )
    for row in writing.all("select rowid from messages where conversation_id = ?", conversation_id):
        search.unindex(writing, row[0])
    writing.run("delete from messages where conversation_id = ?", conversation_id)
