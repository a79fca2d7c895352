"""Search on the server, and up to when everything is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from console.domain.conversation import ConversationStatus
from console.domain.desk import SearchHit
from console.domain.finding import Completeness, Found, snippet
from console.domain.ids import ContactId, ConversationId, MessageId
from console.remote import rows
from console.remote.asking import Asking, as_object


class Search(Asking):
    """Every method raises RefusedError (our rules), SignedOutError, or EnvironmentFaultError."""

    async def messages(
        self, text: str, *, cursor: Mapping[str, Any] | None = None, page_size: int = 50
    ) -> Found:
        """One page below `cursor`, messages and notes together."""
        arguments = {"query": text, "before": cursor, "page_size": page_size}
        return found(as_object(await self.ask("search_messages", arguments)), text)

    async def completeness(self) -> Completeness:
        """What the comparison with Twilio's own lists has shown."""
        wire = as_object(await self.ask("completeness", {}))
        return Completeness(
            complete_to=rows.moment(wire.get("complete_to")),
            checked_at=rows.moment(wire.get("checked_at")),
            failing_since=rows.moment(wire.get("failing_since")),
        )


def found(wire: Mapping[str, Any], text: str) -> Found:
    """The answer of `search_messages`; what cannot be read is left out."""
    page = rows.page({**wire, "cursor": "", "labels": ()})
    names: dict[ContactId, str] = {
        contact.id: contact.name or (contact.addresses[0].address if contact.addresses else "")
        for contact in page.contacts
    }
    threads = {
        row.id: names.get(row.contact_id, "") if row.contact_id else ""
        for row in page.conversations
    }
    states = {row.id: ConversationStatus(row.status) for row in page.conversations}

    def hit(id: MessageId, conversation_id: ConversationId, at: datetime, body: str) -> SearchHit:
        name = threads.get(conversation_id, "").removeprefix("whatsapp:")
        state = states.get(conversation_id, ConversationStatus.OPEN)
        return SearchHit(id, conversation_id, at, name, *snippet(body, text), status=state)

    hits = [
        hit(
            MessageId(message.id),
            message.conversation_id,
            message.timestamp,
            "\n".join(
                part
                for part in (message.content, *(item.get("name") for item in message.media))
                if part
            ),
        )
        for message in page.messages
    ]
    for record in page.records:
        at = rows.moment(record.data.get("created_at"))
        if record.kind == "notes" and record.conversation_id is not None and at is not None:
            body = str(record.data.get("body") or "")
            hits.append(hit(MessageId(record.id), record.conversation_id, at, body))
    hits.sort(key=lambda hit: (hit.timestamp, hit.message_id), reverse=True)
    cursor = wire.get("cursor")
    return Found(
        hits=tuple(hits),
        conversations=page.conversations,
        contacts=page.contacts,
        cursor=cursor if isinstance(cursor, Mapping) and wire.get("more") else None,
    )
