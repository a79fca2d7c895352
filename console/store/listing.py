"""The inbox list's rows, worked out in the transaction that changes what they show."""

from __future__ import annotations

import json
from collections.abc import Iterable

from console.domain.content import Kind, kind_of
from console.domain.delivery import ENDS
from console.domain.ids import ConversationId
from console.store.database import Reading, Row, Writing
from console.store.times import PARTS

# More unread than this is shown as "many" anyway, and counting must not read a whole thread.
MOST_UNREAD = 1_000
_LONGEST_PREVIEW = 200

_STATUS, _ASSIGNEE, _UNREAD = 2, 3, 7  # places in a row of `listing`
_ENDS = frozenset(status.value for status in ENDS)


def folded(text: str) -> str:
    """Text as search compares it: without case, in one line."""
    return " ".join(text.casefold().split())


def digits_of(text: str) -> str:
    """Only the digits, so that a number is found however it is written."""
    return "".join(character for character in text if character.isdigit())


def read_up_to(reading: Reading, conversation_id: ConversationId) -> int:
    """The position up to which this agent has read, with an unsent mark laid over it."""
    own = reading.value(
        "select max(at) from (select read_at * ? + ? as at from reads where conversation_id = ?"
        " union all select cast(payload as integer) from intents"
        " where kind = 'read' and target = ?)",
        PARTS,
        PARTS - 1,
        conversation_id,
        conversation_id,
    )
    return int(own or 0)


def _preview(reading: Reading, conversation_id: ConversationId) -> tuple[int, Row]:
    row = reading.one(
        "select timestamp, message_type, metadata, content, media, direction, status, position, id"
        " from timeline where conversation_id = ? order by position desc, id desc limit 1",
        conversation_id,
    )
    if row is None:
        return 0, (None, None, None, None)
    timestamp, message_type, metadata, content, media, direction, status = row[:7]
    data = json.loads(metadata)
    kind = kind_of(message_type, data)
    text = folded_line(content or "")
    if not text:
        named = kind in (Kind.DOCUMENT, Kind.CONTACT_CARD)  # a photo's file name says nothing
        names = [item.get("name") for item in json.loads(media)] if named else []
        place = data.get("location") or {}
        text = next((name for name in names if name), "") or str(place.get("label") or "")
    return timestamp, (kind.value, text[:_LONGEST_PREVIEW], direction, status)


def folded_line(text: str) -> str:
    """Text in one line, as a preview shows it."""
    return " ".join(text[: 4 * _LONGEST_PREVIEW].split())


def _failure(reading: Reading, conversation_id: ConversationId) -> Row:
    """Why the newest outgoing message did not arrive: words, Twilio's code, our rule's name."""
    newest = reading.one(
        "select status, error_text, position, error_code, null from messages"
        " where conversation_id = ?1 and direction = 'outbound'"
        " order by position desc, id desc limit 1",
        conversation_id,
    )
    local = reading.one(
        "select case i.state when 'refused' then 'failed' else 'queued' end, i.words, b.position,"
        " null, i.code"
        " from bubbles b join intents i on i.seq = b.seq"
        " where b.conversation_id = ?1"
        " and not exists (select 1 from messages m where m.id = b.id)"
        " order by b.position desc, b.id desc limit 1",
        conversation_id,
    )
    row = max((row for row in (newest, local) if row), key=lambda row: int(row[2]), default=None)
    if row is None or row[0] not in _ENDS:
        return (None, None, None)
    return (str(row[1] or row[0]), *row[3:])


def _worked_out(reading: Reading, conversation_id: ConversationId) -> Row | None:
    facts = reading.one(
        "select c.status, c.assignee_id, c.inbox_id, coalesce(c.last_message_at, 0),"
        " coalesce(p.name, ''), coalesce(p.phone, ''), c.contact_id, coalesce(i.channel, '')"
        " from conversations c left join contacts p on p.id = c.contact_id"
        " left join inboxes i on i.id = c.inbox_id where c.id = ?",
        conversation_id,
    )
    if facts is None:
        return None
    status, assignee_id, inbox_id, last_message_at, name, phone, contact_id, channel = facts
    address = (
        reading.value(
            # A number says more than WhatsApp's internal id, which comes beside it.
            "select address from addresses where contact_id = ?"
            " order by channel <> ?, address like '%:ID.%', id limit 1",
            contact_id,
            channel,
        )
        or phone
    )
    newest_at, preview = _preview(reading, conversation_id)
    draft = reading.value("select text from drafts where conversation_id = ?", conversation_id)
    unread = reading.value(
        "select count(*) from (select 1 from messages where conversation_id = ?"
        " and direction = 'inbound' and position > ? limit ?)",
        conversation_id,
        read_up_to(reading, conversation_id),
        MOST_UNREAD,
    )
    failed, *reasons = _failure(reading, conversation_id)
    needle = " ".join((folded(name), address, digits_of(address), folded(preview[1] or "")))
    return (
        conversation_id,
        max(last_message_at, newest_at),
        status,
        assignee_id,
        inbox_id,
        name,
        address,
        unread,
        failed,
        draft,
        *preview,
        needle,
        *reasons,
    )


def _tally(writing: Writing, row: Row | None, step: int) -> None:
    if row is None:
        return
    writing.run(
        "insert into tallies values (?, ?, ?, ?) on conflict (status, assignee_id) do update set"
        " conversations = conversations + excluded.conversations,"
        " unread = unread + excluded.unread",
        row[_STATUS],
        row[_ASSIGNEE] or "",
        step,
        step if row[_UNREAD] else 0,
    )


def refresh(writing: Writing, conversation_ids: Iterable[ConversationId]) -> None:
    """Bring the list's rows of these conversations up to date, and announce those that changed."""
    for conversation_id in conversation_ids:
        present = writing.one("select * from listing where conversation_id = ?", conversation_id)
        wanted = _worked_out(writing, conversation_id)
        if wanted == present:
            continue
        _tally(writing, present, -1)
        _tally(writing, wanted, 1)
        if wanted is None:
            writing.run("delete from listing where conversation_id = ?", conversation_id)
        else:
            writing.run(
                "insert or replace into listing"
                " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                *wanted,
            )
        writing.conversations.add(conversation_id)
