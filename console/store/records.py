"""Small tables of the server, kept as they came: labels, canned replies, templates, and so on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from console.domain.ids import ConversationId
from console.store import listing
from console.store.database import Writing
from console.store.threads import BESIDE, compact, drop_row, put_beside

if TYPE_CHECKING:
    from console.domain.feed import Record

KINDS = frozenset(
    {
        "notes",
        "events",
        "labels",
        "conversation_labels",
        "canned_replies",
        "templates",
        "service_state",
    }
)
_TEAM = frozenset({"labels", "canned_replies", "templates"})


def put_records(writing: Writing, records: Sequence[Record]) -> set[ConversationId]:
    """Keep rows of small tables; the conversations whose row in the list they change."""
    touched: set[ConversationId] = set()
    for record in records:
        if record.kind in BESIDE:
            put_beside(writing, record)
            continue
        named = "select data ->> 'name' from records where kind = 'labels' and id = ?"
        before = writing.value(named, record.id) if record.kind == "labels" else None
        writing.run(
            "insert or replace into records values (?, ?, ?, ?)",
            record.kind,
            record.id,
            record.conversation_id,
            compact(dict(record.data)),
        )
        _announce(writing, record.kind)
        if record.conversation_id is not None:
            touched.add(record.conversation_id)
        if record.kind == "labels" and before != record.data.get("name"):
            listing.refresh_needles(writing, record.id)
    return touched


def keep_mark(writing: Writing, conversation_id: ConversationId, wanted: Mapping[str, Any]) -> None:
    """The server has what an intent of the kind `label` asked for: a label, or a priority."""
    if "priority" in wanted:
        writing.run(
            "update conversations set priority = ? where id = ?",
            wanted["priority"],
            conversation_id,
        )
    else:
        keep_label(writing, conversation_id, wanted["label_id"], on=wanted["on"])


def keep_label(
    writing: Writing, conversation_id: ConversationId, label_id: str, *, on: bool
) -> None:
    """The server has put the label on, or taken it off; its own row follows with the feed."""
    id = f"{conversation_id}:{label_id}"
    if on:
        data = {"conversation_id": conversation_id, "label_id": label_id}
        writing.run(
            "insert or ignore into records values ('conversation_labels', ?, ?, ?)",
            id,
            conversation_id,
            compact(data),
        )
    else:
        writing.run("delete from records where kind = 'conversation_labels' and id = ?", id)


def delete_records(writing: Writing, kind: str, ids: Iterable[str]) -> set[ConversationId]:
    """Drop rows that the server no longer has; the conversations that show it in the list."""
    touched: set[ConversationId] = set()
    for id in ids:
        if kind in BESIDE:
            drop_row(writing, id)
            continue
        owner = "select conversation_id from records where kind = ? and id = ?"
        conversation_id = writing.value(owner, kind, id)
        if conversation_id is not None:
            touched.add(ConversationId(conversation_id))
        writing.run("delete from records where kind = ? and id = ?", kind, id)
        _announce(writing, kind)
        if kind == "labels":
            touched |= _take_off(writing, id)
            listing.refresh_needles(writing, id)
    return touched


def _take_off(writing: Writing, label_id: str) -> set[ConversationId]:
    """A label is gone: it is on no conversation any more."""
    rows = writing.all(
        "select id, conversation_id from records where kind = 'conversation_labels'"
        " and data ->> 'label_id' = ?",
        label_id,
    )
    for id, _ in rows:
        writing.run("delete from records where kind = 'conversation_labels' and id = ?", id)
    return {ConversationId(row[1]) for row in rows}


def _announce(writing: Writing, kind: str) -> None:
    writing.sending |= kind == "service_state"
    writing.team |= kind in _TEAM
    # A label's name and colour stand in any row of the list.
    writing.everything |= kind == "labels"
