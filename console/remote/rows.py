"""Wire ↔ domain: the server's JSON as typed rows, and what cannot be read left out and counted."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any, TypeVar

from console.domain.content import MediaState
from console.domain.conversation import ConversationStatus, Counters
from console.domain.delivery import Direction, Status
from console.domain.feed import (
    AddressRow,
    AttemptRow,
    Changed,
    ContactRow,
    ConversationFacts,
    DraftRow,
    InboxRow,
    MessageFacts,
    OlderPage,
    Page,
    ReadRow,
    Record,
)
from console.domain.ids import (
    AttemptId,
    ContactId,
    ConversationId,
    InboxId,
    LabelId,
    MessageId,
    ProfileId,
)
from console.domain.intents import Attachment
from console.domain.profile import Profile, Role

log = logging.getLogger(__name__)

T = TypeVar("T")
Wire = Mapping[str, Any]

# The small tables, and the columns without which a row of one says nothing.
_RECORDS: Mapping[str, tuple[str, ...]] = {
    "notes": ("id", "conversation_id", "body"),
    "events": ("id", "conversation_id", "kind"),
    "labels": ("id", "name"),
    "conversation_labels": ("conversation_id", "label_id"),
    "canned_replies": ("id", "shortcut", "body"),
    "templates": ("id", "content_sid", "name", "body"),
    "service_state": ("id", "part", "state"),
}
_IN_TIME = frozenset({"notes", "events"})  # these have a place in the thread
_STATUSES = frozenset(Status)
_MEDIA_STATES = frozenset(MediaState)
# Of a message's metadata, what is read part by part.
_PARTS = frozenset(("location", "button", "list", "referral", "quoted", "template"))
_CONVERSATION_STATUSES = frozenset(ConversationStatus)


def moment(text: Any) -> datetime | None:
    """A timestamptz as PostgREST writes it, in UTC."""
    if text is None:
        return None
    parsed = datetime.fromisoformat(str(text))
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _needed_moment(text: Any) -> datetime:
    parsed = moment(text)
    if parsed is None:
        raise ValueError("a time is missing")
    return parsed


def _optional(kind: Callable[[str], T], value: Any) -> T | None:
    return None if value is None else kind(str(value))


def profile(row: Wire) -> Profile:
    """A row of `profiles`; a role that this version does not know has an agent's rights here."""
    role = row.get("role")
    return Profile(
        id=ProfileId(str(row["id"])),
        name=str(row.get("display_name") or ""),
        role=Role(role) if role in frozenset(Role) else Role.AGENT,
        active=bool(row.get("active", True)),
        available=bool(row.get("available", False)),
        locale=str(row.get("locale") or "id"),
    )


def inbox(row: Wire) -> InboxRow:
    """A row of `inboxes`."""
    return InboxRow(
        id=InboxId(str(row["id"])),
        name=str(row.get("name") or ""),
        channel=str(row.get("channel") or "whatsapp"),
        address=row.get("address"),
        flagged=bool(row.get("flagged")),
    )


def contact(row: Wire) -> ContactRow:
    """A row of `contacts` with its `addresses`."""
    id = ContactId(str(row["id"]))
    return ContactRow(
        id=id,
        name=str(row.get("name") or ""),
        phone=row.get("phone"),
        blocked=bool(row.get("blocked")),
        addresses=tuple(
            AddressRow(
                id=str(item["id"]),
                contact_id=id,
                address=str(item["address"]),
                channel=str(item.get("channel") or ""),
                opted_out_at=moment(item.get("opted_out_at")),
            )
            for item in row.get("addresses") or ()
        ),
        locale=row.get("locale"),
        notes=str(row.get("notes") or ""),
        attributes=_attributes(row.get("attributes")),
        created_at=moment(row.get("created_at")),
    )


def _attributes(wire: Any) -> dict[str, str]:
    """Names and values, each as text: others may have put numbers there."""
    if not isinstance(wire, Mapping):
        return {}
    return {
        str(name): value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in wire.items()
        if value is not None
    }


def conversation(row: Wire) -> ConversationFacts:
    """A row of `conversations`; an unknown status counts as open, so that nobody overlooks it."""
    status = row.get("status")
    return ConversationFacts(
        id=ConversationId(str(row["id"])),
        inbox_id=InboxId(str(row["inbox_id"])),
        contact_id=_optional(ContactId, row.get("contact_id")),
        status=str(status) if status in _CONVERSATION_STATUSES else ConversationStatus.OPEN.value,
        assignee_id=_optional(ProfileId, row.get("assignee_id")),
        priority=row.get("priority"),
        snoozed_until=moment(row.get("snoozed_until")),
        last_message_at=moment(row.get("last_message_at")),
        last_inbound_at=moment(row.get("last_inbound_at")),
        waiting_since=moment(row.get("waiting_since")),
        adopted=bool(row.get("adopted")),
    )


def _file(item: Wire) -> Wire:
    """One of them; a state this version does not know counts as on its way."""
    if str(item.get("state")) in _MEDIA_STATES:
        return item
    return {**item, "state": MediaState.PENDING.value}


def _media(row: Wire) -> tuple[Wire, ...]:
    """The files; an adopted row names one only by its foreign URL, which is not ours to fetch."""
    wire = row.get("media")
    found = wire if isinstance(wire, list) else ()
    items = tuple(_file(item) for item in found if isinstance(item, Mapping))
    if items or not row.get("media_url"):
        return items
    return (
        {
            "bucket": "media",
            "path": None,
            "content_type": row.get("media_content_type"),
            "state": "failed",
            "error": "This file was never copied to the project.",
        },
    )


def _metadata(wire: Any) -> dict[str, Any]:
    """What a message shows beside its text; parts of a shape that is not ours are left out.

    An adopted table may hold another program's. What reads a part later would fall over it, and the
    page of the feed that it came in would never be taken.
    """
    if not isinstance(wire, Mapping):
        return {}
    return {name: part for name, part in wire.items() if _is_ours(name, part)}


def _is_ours(name: str, part: Any) -> bool:
    if name not in _PARTS:
        return True
    return isinstance(part, Mapping) and (name != "location" or _is_place(part))


def _is_place(part: Wire) -> bool:
    try:
        return all(isfinite(float(part[name])) for name in ("latitude", "longitude"))
    except (KeyError, TypeError, ValueError, OverflowError):
        return False


def message(row: Wire) -> MessageFacts:
    """A row of `messages`; a status this version does not know shows as none."""
    status = row.get("status")
    return MessageFacts(
        id=MessageId(str(row["id"])),
        conversation_id=ConversationId(str(row["conversation_id"])),
        direction=Direction(row["direction"]).value,
        message_type=row.get("message_type"),
        content=row.get("content"),
        timestamp=_needed_moment(row["timestamp"]),
        status=str(status) if status in _STATUSES else None,
        media=_media(row),
        metadata=_metadata(row.get("metadata")),
        sid=row.get("message_sid"),
        sent_by=_optional(ProfileId, row.get("sent_by")),
        error_code=row.get("error_code"),
        error_text=row.get("error_text"),
        reply_to=_optional(MessageId, row.get("reply_to")),
        automatic=bool(row.get("automatic")),
        scheduled_at=moment(row.get("scheduled_at")),
        updated_at=moment(row.get("updated_at")),
    )


def read(row: Wire) -> ReadRow:
    """A row of `reads`."""
    return ReadRow(
        conversation_id=ConversationId(str(row["conversation_id"])),
        read_at=_needed_moment(row["read_at"]),
        message_id=_optional(MessageId, row.get("message_id")),
    )


def draft(row: Wire) -> DraftRow:
    """A row of `drafts`."""
    return DraftRow(
        conversation_id=ConversationId(str(row["conversation_id"])),
        text=str(row.get("body") or ""),
        updated_at=moment(row.get("updated_at")),
        reply_to=_optional(MessageId, row.get("reply_to")),
        note=str(row.get("note") or ""),
        files=tuple(
            Attachment(
                "",
                str(file.get("name") or ""),
                str(file.get("content_type") or ""),
                int(file.get("size") or 0),
                caption=str(file.get("caption") or ""),
            )
            for file in row.get("attachments") or ()
        ),
    )


def attempt(row: Wire) -> AttemptRow:
    """A row of `delivery_attempts`."""
    return AttemptRow(
        id=AttemptId(str(row["id"])),
        message_id=MessageId(str(row["message_id"])),
        started_at=_needed_moment(row["started_at"]),
        finished_at=moment(row.get("finished_at")),
        outcome=str(row.get("outcome") or "calling"),
        http_status=row.get("http_status"),
        error_code=row.get("error_code"),
        words=row.get("words"),
    )


def _record(kind: str) -> Callable[[Wire], Record]:
    def read_record(row: Wire) -> Record:
        for column in _RECORDS[kind]:
            if row[column] is None:
                raise ValueError(f"{column} is missing")
        if kind in _IN_TIME:
            _needed_moment(row["created_at"])
        conversation_id = _optional(ConversationId, row.get("conversation_id"))
        id = row.get("id") or f"{conversation_id}:{row['label_id']}"
        return Record(kind, str(id), conversation_id, dict(row))

    return read_record


class _Reader:
    """Reads lists of rows; one that cannot be read must not keep the others away."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.unreadable = 0

    def rows(self, kind: str, read_row: Callable[[Wire], T]) -> tuple[T, ...]:
        found: list[T] = []
        for row in self._wire.get(kind) or ():
            try:
                found.append(read_row(row))
            except (KeyError, ValueError, TypeError, AttributeError) as error:
                self.unreadable += 1
                log.warning("a row of %s cannot be read: %s", kind, type(error).__name__)
        return tuple(found)

    def records(self, *kinds: str) -> tuple[Record, ...]:
        """The rows of the small tables named, of all without any."""
        return tuple(
            record for kind in kinds or _RECORDS for record in self.rows(kind, _record(kind))
        )

    def deleted(self) -> dict[str, tuple[str, ...]]:
        """Table to the ids that are gone."""
        return {
            kind: tuple(str(id) for id in ids)
            for kind, ids in (self._wire.get("deleted") or {}).items()
        }


def page(wire: Wire) -> Page:
    """The answer of `pull_changes`."""
    reader = _Reader(wire)
    records = reader.records()
    result = Page(
        cursor=str(wire["cursor"]),
        more=bool(wire.get("more")),
        server_time=moment(wire.get("server_time")),
        forget=tuple(InboxId(str(id)) for id in wire.get("forget") or ()),
        deleted=reader.deleted(),
        profiles=reader.rows("profiles", profile),
        inboxes=reader.rows("inboxes", inbox),
        contacts=reader.rows("contacts", contact),
        conversations=reader.rows("conversations", conversation),
        messages=reader.rows("messages", message),
        reads=reader.rows("reads", read),
        drafts=reader.rows("drafts", draft),
        attempts=reader.rows("delivery_attempts", attempt),
        records=records,
        unreadable=reader.unreadable,
    )
    return result


def older_page(wire: Wire) -> OlderPage:
    """The answer of `messages_before`."""
    reader = _Reader(wire)
    return OlderPage(
        messages=reader.rows("messages", message),
        more=bool(wire.get("more")),
        contacts=reader.rows("contacts", contact),
        records=reader.records("notes", "events"),
    )


def changed(wire: Any) -> Changed:
    """The answer of assign, snooze, resolve, reopen, set_label, add_note and the team's own."""
    if not isinstance(wire, Mapping):
        return Changed()
    reader = _Reader(wire)
    return Changed(
        conversations=reader.rows("conversations", conversation),
        records=reader.records(),
        deleted=reader.deleted(),
        dropped=reader.rows("dropped", lambda person: ProfileId(str(person["id"]))),
        conflict=tuple(str(name) for name in wire.get("conflict") or ()),
    )


def counters(wire: Wire) -> Counters:
    """The answer of `counters`."""

    def number(name: str) -> int:
        return int(wire.get(name) or 0)

    return Counters(
        mine=number("mine"),
        unassigned=number("unassigned"),
        all=number("all"),
        unread=number("unread"),
        snoozed=number("snoozed"),
        resolved=number("resolved"),
        inboxes={InboxId(id): int(n) for id, n in (wire.get("inboxes") or {}).items()},
        labels={LabelId(id): int(n) for id, n in (wire.get("labels") or {}).items()},
    )


def sent_messages(wire: Any) -> tuple[MessageFacts, ...]:
    """The rows in the answer of send_message, retry_message and settle_message."""
    return _Reader(wire if isinstance(wire, Mapping) else {}).rows("messages", message)
