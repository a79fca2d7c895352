"""The database functions that the desktop calls, each with a timeout, answers typed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from supabase import AsyncClient

from console.domain.errors import OfflineError, SignedOutError
from console.domain.feed import MessageFacts, OlderPage, Page
from console.domain.ids import ConversationId, MessageId
from console.remote import rows
from console.remote.auth import Auth
from console.remote.errors import translated

TIMEOUT = 20.0  # seconds
PULL_TIMEOUT = 40.0  # a first pull reads much; the server's own limit is 8 s a statement


class Calls:
    """Every method raises RefusedError (our rules), SignedOutError, or EnvironmentFaultError."""

    def __init__(self, client: AsyncClient, auth: Auth) -> None:
        self._client = client
        self._auth = auth

    async def _call(self, name: str, arguments: Mapping[str, Any], limit: float = TIMEOUT) -> Any:
        """One call; a token that the server no longer takes is renewed once."""
        token = await self._auth.token()
        try:
            return await self._once(token, name, arguments, limit)
        except SignedOutError:
            token = await self._auth.token(stale=token)
            return await self._once(token, name, arguments, limit)

    async def _once(self, token: str, name: str, arguments: Mapping[str, Any], limit: float) -> Any:
        try:
            with translated():
                async with asyncio.timeout(limit):
                    # Never keep what this hangs on: it holds the token of its making.
                    postgrest = self._client.postgrest
                    postgrest.auth(token)
                    answer = await postgrest.rpc(name, dict(arguments)).execute()
        except ValueError as error:
            raise OfflineError(
                "No connection to the server",
                "Something else answers in its place, perhaps a sign-in page of this network.",
            ) from error
        return answer.data

    async def pull_changes(self, cursor: str, page_size: int) -> tuple[Page, timedelta | None]:
        """The page after `cursor`, and the server's clock minus ours."""
        asked = datetime.now(UTC)
        wire = _object(
            await self._call(
                "pull_changes", {"cursor": cursor, "page_size": page_size}, PULL_TIMEOUT
            )
        )
        middle = asked + (datetime.now(UTC) - asked) / 2
        page = rows.page(wire)
        return page, None if page.server_time is None else page.server_time - middle

    async def messages_before(
        self, conversation_id: ConversationId, before: datetime, page_size: int
    ) -> OlderPage:
        """Messages older than `before`, newest first."""
        return rows.older_page(
            _object(
                await self._call(
                    "messages_before",
                    {
                        "conversation_id": conversation_id,
                        "before": before.isoformat(),
                        "page_size": page_size,
                    },
                )
            )
        )

    async def send_message(
        self,
        id: MessageId,
        conversation_id: ConversationId,
        content: str,
        media: Sequence[Mapping[str, Any]],
        reply_to: MessageId | None,
    ) -> tuple[MessageFacts, ...]:
        """Hand a reply to the server; repeating it with the same id is harmless."""
        return rows.sent_messages(
            await self._call(
                "send_message",
                {
                    "id": id,
                    "conversation_id": conversation_id,
                    "content": content,
                    "media": list(media),
                    "reply_to": reply_to,
                    "template": None,
                },
            )
        )

    async def retry_message(self, id: MessageId, new_id: MessageId) -> tuple[MessageFacts, ...]:
        """A new attempt linked to a message that failed."""
        return rows.sent_messages(await self._call("retry_message", {"id": id, "new_id": new_id}))

    async def settle_message(self, id: MessageId, outcome: str) -> tuple[MessageFacts, ...]:
        """The agent's answer, 'sent' or 'failed', for a message whose fate is uncertain."""
        return rows.sent_messages(
            await self._call("settle_message", {"id": id, "outcome": outcome})
        )

    async def mark_read(self, conversation_id: ConversationId, message_id: MessageId) -> None:
        """This agent has read up to a message."""
        await self._call(
            "mark_read", {"conversation_id": conversation_id, "message_id": message_id}
        )

    async def save_draft(
        self, conversation_id: ConversationId, body: str, attachments: Sequence[Mapping[str, Any]]
    ) -> None:
        """Mirror a draft; an empty one removes it. Files are named, not carried."""
        await self._call(
            "save_draft",
            {
                "conversation_id": conversation_id,
                "body": body,
                "attachments": list(attachments),
            },
        )


def _object(wire: Any) -> Mapping[str, Any]:
    if not isinstance(wire, Mapping):
        raise OfflineError(
            "No connection to the server", "The answer is not what this program understands."
        )
    return wire
