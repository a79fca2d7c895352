"""What the server answers to a deed: its rows, and what of the deed it did not do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.domain.changes import Refusal
from console.domain.ids import ConversationId
from console.store.database import Writing
from console.store.feed import put_conversations
from console.store.records import put_records

if TYPE_CHECKING:
    from console.domain.feed import Changed

_NAMES = "select name from profiles where id = ?"


def put_answer(
    writing: Writing, conversation_id: ConversationId, act: str, changed: Changed
) -> None:
    """The rows, until the feed says them again or something newer; what was not done is told."""
    put_conversations(writing, changed.conversations)
    put_records(writing, changed.records)
    if changed.dropped:
        names = [writing.value(_NAMES, id) for id in changed.dropped]
        title, text = "Not everybody was mentioned", ", ".join(name for name in names if name)
        writing.refusals.append(Refusal(conversation_id, act, "cannot_see", title, text))
    if changed.conflict and act == "assign":
        holders = [writing.value(_NAMES, row.assignee_id) for row in changed.conversations]
        name = next((name for name in holders if name), "")
        title = "A colleague has this conversation"
        writing.refusals.append(Refusal(conversation_id, act, "taken", title, name))
