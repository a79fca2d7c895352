"""One person under two numbers, for the tests of merging."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from tests.database.conftest import Desk, Row

SITI = "whatsapp:+6281234567890"
SECOND = "whatsapp:+6285550000001"


def new_id() -> str:
    return str(uuid.uuid4())


@dataclass
class Pair:
    """Siti under two numbers, with a thread for each in Jakarta."""

    desk: Desk
    into: str
    gone: str
    thread: str
    joined: str

    @property
    def wanted(self) -> Row:
        return {"id": new_id(), "into_id": self.into, "from_id": self.gone}


def owner(desk: Desk, thread: str) -> str:
    return str(desk.one("select contact_id from public.conversations where id = %s", thread))


def two_of_siti(desk: Desk) -> Pair:
    """Siti twice, each with a thread."""
    thread = desk.conversation(desk.jakarta, "Siti", SITI)
    joined = desk.conversation(desk.jakarta, "Siti (kantor)", SECOND)
    return Pair(desk, owner(desk, thread), owner(desk, joined), thread, joined)


def texts(desk: Desk, thread: str) -> list[str]:
    return [
        row[0]
        for row in desk.admin.execute(
            'select content from public.messages where conversation_id = %s order by "timestamp"',
            [thread],
        )
    ]


def state(desk: Desk) -> dict[str, Any]:
    """All that a merge may touch, without what only says when or that it was touched."""
    found: dict[str, Any] = {}
    for table, key in (
        ("contacts", "id"),
        ("contact_addresses", "id"),
        ("conversations", "id"),
        ("messages", "id"),
        ("notes", "id"),
        ("conversation_labels", "conversation_id, label_id"),
        ("reads", "conversation_id, profile_id"),
        ("drafts", "conversation_id, profile_id"),
    ):
        found[table] = [
            row[0]
            for row in desk.admin.execute(
                f"select to_jsonb(t) - 'updated_at' - 'message_id' from public.{table} t"
                f" order by {key}"
            )
        ]
    return found


def words(desk: Desk) -> list[str]:
    return [
        row[0] for row in desk.admin.execute("select kind from public.events order by created_at")
    ]
