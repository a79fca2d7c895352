"""Writing down what an agent wants: intents, and what they show in the thread."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from console.domain.errors import RefusedError
from console.domain.ids import ConversationId, MessageId
from console.store.database import Writing
from console.store.times import PARTS, position_of

# What the agent would miss, were it lost: these are counted as not sent, the others are not.
WORK = ("send", "retry", "settle", "note")
# They leave one after the other within a conversation; the rest goes when it is due.
REPLIES = ("send", "retry", "settle")


def marks(names: tuple[str, ...]) -> str:
    """A list for SQL's `in`; the names are our own words."""
    return ", ".join(f"'{name}'" for name in names)


def message_type_of(content_type: str) -> str:
    """The kind of message that carries a file of this type."""
    family = content_type.partition("/")[0]
    return family if family in ("image", "audio", "video") else "document"


def channel_of(writing: Writing, conversation_id: ConversationId) -> str | None:
    """The network of a conversation. Raises RefusedError when it is no longer ours."""
    known = writing.one(
        "select i.channel from conversations c left join inboxes i on i.id = c.inbox_id"
        " where c.id = ?",
        conversation_id,
    )
    if known is None:
        raise RefusedError(
            "not_found", "The conversation is gone", "It is no longer in one of your inboxes."
        )
    return None if known[0] is None else str(known[0])


def after_everything(writing: Writing, conversation_id: ConversationId, now: int) -> int:
    """A moment that puts a new bubble below all others, however our clock disagrees."""
    newest = writing.value(
        "select max(p) from (select max(position) as p from messages where conversation_id = ?1"
        " union all select max(position) from bubbles where conversation_id = ?1)",
        conversation_id,
    )
    return now if newest is None else max(now, int(newest) // PARTS + 1)


def add_intent(
    writing: Writing,
    kind: str,
    target: str,
    conversation_id: ConversationId,
    payload: str,
    now: int,
) -> int | None:
    """The new intent's number, or None when it is there already: asking twice is harmless."""
    added = writing.run(
        "insert or ignore into intents"
        " (kind, target, conversation_id, payload, created_at, version) values (?, ?, ?, ?, ?, ?)",
        kind,
        target,
        conversation_id,
        payload,
        now,
        writing.version,
    )
    if not added:
        return None
    writing.outbox = True
    writing.threads.add(conversation_id)
    return writing.last_id


def add_bubble(
    writing: Writing,
    id: str,
    seq: int,
    conversation_id: ConversationId,
    timestamp: int,
    part: int,
    text: str,
    media: list[dict[str, Any]],
    reply_to: MessageId | None,
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """What an intent shows; `metadata` says the kind where the files do not."""
    message_type = message_type_of(media[0]["content_type"]) if media else "text"
    if metadata and metadata["kind"] == "note":
        message_type = "note"
    writing.run(
        "insert into bubbles values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        id,
        seq,
        conversation_id,
        position_of(timestamp, part),
        timestamp,
        message_type,
        text,
        json.dumps(media),
        json.dumps(metadata or {"kind": message_type}),
        reply_to,
    )


def put_act(
    writing: Writing,
    kind: str,
    target: str,
    conversation_id: ConversationId,
    payload: str,
    now: int,
    code: str | None = None,
) -> None:
    """One wish a target: what was wished before and has not left is forgotten."""
    writing.run(
        "insert into intents (kind, target, conversation_id, payload, created_at, code, version)"
        " values (?, ?, ?, ?, ?, ?, ?) on conflict (kind, target) do update set"
        " payload = excluded.payload, code = excluded.code, version = excluded.version,"
        " state = 'waiting', tries = 0, due_at = 0",
        kind,
        target,
        conversation_id,
        payload,
        now,
        code,
        writing.version,
    )
    writing.outbox = True
