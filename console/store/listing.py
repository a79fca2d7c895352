"""The inbox list's rows, worked out in the transaction that changes what they show."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from datetime import timedelta

from console.domain.conversation import ConversationStatus
from console.domain.delivery import ENDS, Status
from console.domain.ids import ConversationId
from console.domain.kind import Kind, kind_of
from console.store import places
from console.store.database import Reading, Row, Writing
from console.store.places import Standing
from console.store.times import PARTS

# More unread than this is shown as "many" anyway, and counting must not read a whole thread.
MOST_UNREAD = 1_000
_LONGEST_PREVIEW = 200

_ENDS = frozenset(status.value for status in ENDS)
# An adopted row has none; nobody knows better of it.
_ARRIVED = frozenset((Status.SENT.value, Status.DELIVERED.value, Status.READ.value, None))
# What is written within this time may be the same reply: a text and files with captions.
_TOGETHER = timedelta(minutes=1) // timedelta(microseconds=1)
_ONE_SEND = 1_000  # and within this, in microseconds, it is: the server counts them apart
_LOOKED_AT = 50  # messages at most, where none of so many arrived


# As the table `listing` has them, after `row` and `conversation_id`.
_COLUMNS = (
    "contact_id, inbox_id, channel, name, address, status, assignee_id, priority, snoozed_until,"
    " sort_at, last_inbound_at, waiting_since, unread, labels, draft, preview_kind, preview_text,"
    " preview_direction, preview_status, failed, failed_code, failed_rule"
)
_INBOX, _CHANNEL, _NAME, _ADDRESS, _STATUS, _ASSIGNEE = 1, 2, 3, 4, 5, 6
_SORT_AT, _LAST_INBOUND, _WAITING, _UNREAD, _LABELS = 9, 10, 11, 12, 13
_PUT = (
    f"insert into listing (conversation_id, {_COLUMNS})"  # noqa: S608 - our own words only
    f" values (?{', ?' * (_COLUMNS.count(',') + 1)}) on conflict (conversation_id) do update set "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS.split(", "))
    + " returning row"
)
# Not "or replace", for which every index would be written anew.
_SEEK = (
    "insert into needles values (?, ?, ?, ?, ?) on conflict (row) do update set"
    " needle = excluded.needle, newest = excluded.newest, waiting = excluded.waiting,"
    " closing = excluded.closing"
)


def folded(text: str) -> str:
    """Text as search compares it: without case and accents, in one line."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def digits_of(text: str) -> str:
    """Only the digits, so that a number is found however it is written."""
    return "".join(character for character in text if character.isdigit())


def read_up_to(reading: Reading, conversation_id: ConversationId) -> int:
    """The position up to which this agent has read, with an unsent mark laid over it."""
    own = reading.value(
        # Marked as unread (no message then): that counts until the server has heard it.
        "select coalesce((select cast(payload as integer) from intents"
        "  where kind = 'read' and target = ?1 and code is null),"
        " max(coalesce((select cast(payload as integer) from intents"
        "  where kind = 'read' and target = ?1), 0),"
        " coalesce((select read_at * ?2 + ?2 - 1 from reads where conversation_id = ?1), 0)))",
        conversation_id,
        PARTS,
    )
    return int(own or 0)


def _preview(reading: Reading, conversation_id: ConversationId) -> tuple[int, Row]:
    row = reading.one(
        "select timestamp, message_type, metadata, content, media, direction, status, position, id"
        " from timeline where conversation_id = ? and message_type is not 'note'"
        " and message_type is not 'event' order by position desc, id desc limit 1",
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
    """Why a reply did not arrive of which nobody has taken care: words, Twilio's code, our rule.

    One of several messages is enough. Care is to try it again, to discard it, or to write another
    reply that arrives.
    """
    arrived, failed = _failed_there(reading, conversation_id)
    local = reading.one(
        # One that waits for the agent's word has not arrived either, wherever it stands.
        "select iif(i.state = 'asking', 'asking', coalesce(i.words, i.code, 'failed')),"
        " iif(i.state = 'asking', 9e18, b.position), null, i.code"
        " from bubbles b join intents i on i.seq = b.seq"
        " where b.conversation_id = ?1 and (i.state = 'asking'"
        "  or i.state = 'refused' and (i.kind = 'note' or b.timestamp >= ?2))"
        " and not exists (select 1 from messages m where m.id = b.id)"
        " order by i.state = 'asking' desc, b.position desc, b.id desc limit 1",
        conversation_id,
        arrived - _TOGETHER,
    )
    row = max((row for row in (failed, local) if row), key=lambda row: int(row[1]), default=None)
    return (None, None, None) if row is None else (row[0], *row[2:])


def _failed_there(reading: Reading, conversation_id: ConversationId) -> tuple[int, Row | None]:
    """When the newest reply that arrived was written, and the newest that failed and still counts.

    Reads backwards, no further than that reply reaches.
    """
    arrived, retried = 0, set()
    for place, row in enumerate(
        reading.each(
            "select id, status, timestamp, coalesce(updated_at, timestamp), automatic,"
            " metadata ->> 'retry_of', error_text, position, error_code from messages"
            " where conversation_id = ? and direction = 'outbound' order by position desc limit ?",
            conversation_id,
            _LOOKED_AT,
        )
    ):
        id, status, written, known, is_automatic, retry_of = row[:6]
        if written < arrived - _TOGETHER:
            break
        retried.add(retry_of)
        if status in _ENDS:
            # A reply from before this was known is no answer to it, nor is one taken back a fault.
            in_force = status != Status.CANCELED or place == 0
            if (
                in_force
                and arrived <= known + _ONE_SEND
                and id not in retried
                and not _is_tried_again(reading, id)
            ):
                return arrived, (str(row[6] or status), row[7], row[8], None)
        elif not arrived and not is_automatic and status in _ARRIVED:
            arrived = written
    return arrived, None


def _is_tried_again(reading: Reading, message_id: str) -> bool:
    again = "select 1 from intents where kind = 'retry' and payload = ?"
    return reading.value(again, message_id) is not None


def _labels(reading: Reading, conversation_id: ConversationId) -> list[str]:
    """The labels' ids, with what the agent put on or took off since."""
    known = {
        row[0]
        for row in reading.each(
            # Named, because SQLite would take the primary key and walk every label ever put on.
            "select data ->> 'label_id' from records indexed by records_conversation"
            " where conversation_id = ? and kind = 'conversation_labels'",
            conversation_id,
        )
    }
    for payload in reading.each(
        "select payload from intents where kind = 'label' and conversation_id = ?", conversation_id
    ):
        wanted = json.loads(payload[0])
        if "label_id" not in wanted:  # a priority
            continue
        (known.add if wanted["on"] else known.discard)(wanted["label_id"])
    return sorted(known)


def _wanted(reading: Reading, conversation_id: ConversationId) -> dict[str, str]:
    """What the agent did to the conversation and the server has not confirmed, by kind."""
    return dict(
        reading.all(
            "select kind, payload from intents where target = ?1 and kind in ('assign', 'status')"
            " union all select 'priority', payload ->> 'priority' from intents"
            " where target = ?1 || ':priority' and kind = 'label'",
            conversation_id,
        )
    )


def _worked_out(reading: Reading, conversation_id: ConversationId) -> Row | None:
    facts = reading.one(
        "select c.status, c.assignee_id, c.inbox_id, coalesce(c.last_message_at, 0),"
        " coalesce(p.name, ''), coalesce(p.phone, ''), c.contact_id, coalesce(i.channel, ''),"
        " c.priority, c.snoozed_until, c.last_inbound_at, c.waiting_since, coalesce(p.blocked, 0)"
        " from conversations c left join contacts p on p.id = c.contact_id"
        " left join inboxes i on i.id = c.inbox_id where c.id = ?",
        conversation_id,
    )
    if facts is None:
        return None
    status, assignee_id, inbox_id, last_message_at, name, phone, contact_id, channel = facts[:8]
    priority, snoozed_until, last_inbound_at, waiting_since, is_blocked = facts[8:]
    wanted = _wanted(reading, conversation_id)
    priority = wanted.get("priority", priority)
    if "assign" in wanted:
        assignee_id = wanted["assign"] or None
    if "status" in wanted:
        becomes = json.loads(wanted["status"])
        status, snoozed_until = becomes["status"], becomes["until"]
        if status == ConversationStatus.RESOLVED:
            waiting_since = None  # resolved without an answer: none was needed
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
    draft = reading.value(
        # Files alone are a draft too: it is known by their names.
        "select coalesce(nullif(text, ''), nullif(note, ''),"
        " (select group_concat(value ->> 'name', ', ') from json_each(attachments)))"
        " from drafts where conversation_id = ?",
        conversation_id,
    )
    unread = reading.value(
        "select count(*) from (select 1 from messages where conversation_id = ?"
        " and direction = 'inbound' and position > ? limit ?)",
        conversation_id,
        read_up_to(reading, conversation_id),
        0 if is_blocked else MOST_UNREAD,  # nobody is to be called for what they write
    )
    return (
        contact_id,
        inbox_id,
        channel,
        name,
        address,
        status,
        assignee_id,
        priority,
        snoozed_until,
        max(last_message_at, newest_at),
        last_inbound_at,
        waiting_since,
        unread,
        json.dumps(_labels(reading, conversation_id)),
        draft,
        *preview,
        *_failure(reading, conversation_id),
    )


def standing(row: Row) -> Standing:
    """What of a row of `listing` (without its number and id) says where it stands."""
    return Standing(
        status=row[_STATUS],
        assignee_id=row[_ASSIGNEE],
        inbox_id=row[_INBOX],
        labels=json.loads(row[_LABELS]),
        channel=row[_CHANNEL],
        sort_at=row[_SORT_AT],
        last_inbound_at=row[_LAST_INBOUND],
        waiting_since=row[_WAITING],
        is_unread=bool(row[_UNREAD]),
    )


def needle(reading: Reading, row: Row) -> str:
    """What finds a row: its name, its number in any spelling, the names of its labels."""
    labels = [
        reading.value(
            "select data ->> 'name' from records where kind = 'labels' and id = ?", label_id
        )
        for label_id in json.loads(row[_LABELS])
    ]
    parts = (row[_NAME], row[_ADDRESS], digits_of(row[_ADDRESS]), *labels)
    return folded(" ".join(part for part in parts if part))


def put_needle(writing: Writing, number: int, row: Row | None) -> None:
    """Have a row (without its number and id) found by its names and numbers, or no more."""
    present = writing.value("select needle from needles where row = ?", number)
    text = None if row is None else needle(writing, row)
    if present is not None and present != text:
        writing.run("delete from names where rowid = ?", number)
    if row is None:
        writing.run("delete from needles where row = ?", number)
        return
    keys = places.keys_of(standing(row))
    writing.run(_SEEK, number, text, *keys)
    if present != text:
        writing.run("insert into names (rowid, needle) values (?, ?)", number, text)


def refresh(writing: Writing, conversation_ids: Iterable[ConversationId]) -> None:
    """Bring the list's rows of these conversations up to date, and announce those that changed."""
    waits_up_to = places.unsorted_up_to(writing)
    for conversation_id in conversation_ids:
        found = writing.one(
            f"select row, {_COLUMNS} from listing where conversation_id = ?",  # noqa: S608
            conversation_id,
        )
        number, present = (found[0], found[1:]) if found else (None, None)
        wanted = _worked_out(writing, conversation_id)
        if wanted == present:
            continue
        if wanted is not None:
            number = int(writing.value(_PUT, conversation_id, *wanted))
        else:
            writing.run("delete from listing where conversation_id = ?", conversation_id)
        writing.conversations.add(conversation_id)
        if present and wanted and present[_NAME : _ADDRESS + 1] != wanted[_NAME : _ADDRESS + 1]:
            writing.threads.add(conversation_id)  # who wrote stands in bubbles and in quotes
        if number is None or (present is not None and number <= waits_up_to and wanted):
            continue  # the filling will place it, as it is by then
        if present is None or number > waits_up_to:
            before = standing(present) if present else None
            places.move(writing, number, before, standing(wanted) if wanted else None)
        put_needle(writing, number, wanted)


def place(writing: Writing, below: int, limit: int) -> int:
    """Give the next rows, from the number `below` downwards, their places; the lowest done."""
    rows = writing.all(
        f"select row, {_COLUMNS} from listing where row <= ? order by row desc limit ?",  # noqa: S608
        below,
        limit,
    )
    for row in rows:
        places.move(writing, row[0], None, standing(row[1:]))
        put_needle(writing, row[0], row[1:])
    return int(rows[-1][0]) - 1 if len(rows) == limit else 0


def refresh_needles(writing: Writing, label_id: str) -> None:
    """A label has another name: find its conversations by the new one."""
    rows = writing.all(
        f"select l.row, {_COLUMNS} from listing l where exists"  # noqa: S608 - our own words only
        " (select 1 from json_each(l.labels) where value = ?)",
        label_id,
    )
    for row in rows:
        put_needle(writing, row[0], row[1:])
