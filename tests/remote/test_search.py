"""The server's answer to a search: what was found, and where its conversation stands."""

from __future__ import annotations

from console.domain.conversation import ConversationStatus
from console.remote.search import found

ID = "3496cca8-4046-4a4a-95a6-94e6c9cb4d33"
OTHER = ID.replace("3", "4")


def test_what_is_found_in_a_resolved_conversation_is_known_as_such() -> None:
    message = {
        "id": ID,
        "conversation_id": ID,
        "direction": "inbound",
        "message_type": "text",
        "content": "resi",
        "timestamp": "2026-03-02T12:00:00+00:00",
        "status": "received",
        "metadata": {"kind": "text"},
        "media": [],
    }
    elsewhere = {**message, "conversation_id": OTHER}
    thread = {"id": ID, "inbox_id": ID, "contact_id": None, "status": "resolved"}
    hits = found({"conversations": [thread], "messages": [message, elsewhere]}, "resi").hits
    assert {str(hit.conversation_id): hit.status for hit in hits} == {
        ID: ConversationStatus.RESOLVED,
        OTHER: ConversationStatus.OPEN,
    }
