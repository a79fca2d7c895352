"""The database functions that the desktop calls, each with a timeout, answers typed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from console.domain.conversation import Counters, Label
from console.domain.desk import CannedReply
from console.domain.feed import (
    Changed,
    ConversationFacts,
    MessageFacts,
    OlderPage,
    Page,
    ReadRow,
)
from console.domain.ids import (
    CannedReplyId,
    ConversationId,
    InboxId,
    LabelId,
    MessageId,
    NoteId,
    ProfileId,
)
from console.domain.intents import TemplateChoice
from console.remote import rows
from console.remote.asking import TIMEOUT, Asking, as_object
from console.remote.errors import translated

PULL_TIMEOUT = 40.0  # a first pull reads much; the server's own limit is 8 s a statement


class Calls(Asking):
    """Every method raises RefusedError (our rules), SignedOutError, or EnvironmentFaultError."""

    async def pull_changes(self, cursor: str, page_size: int) -> tuple[Page, timedelta | None]:
        """The page after `cursor`, and the server's clock minus ours."""
        asked = datetime.now(UTC)
        wire = as_object(
            await self.ask("pull_changes", {"cursor": cursor, "page_size": page_size}, PULL_TIMEOUT)
        )
        middle = asked + (datetime.now(UTC) - asked) / 2
        # In a thread: hundreds of rows are more work than fits between two frames of the window.
        page = await asyncio.to_thread(rows.page, wire)
        return page, None if page.server_time is None else page.server_time - middle

    async def messages_before(
        self, conversation_id: ConversationId, before: datetime, page_size: int
    ) -> OlderPage:
        """Messages older than `before`, newest first."""
        return rows.older_page(
            as_object(
                await self.ask(
                    "messages_before",
                    {
                        "conversation_id": conversation_id,
                        "before": before.isoformat(),
                        "page_size": page_size,
                    },
                )
            )
        )

    async def newest(
        self, conversation_id: ConversationId, page_size: int
    ) -> tuple[tuple[ConversationFacts, ...], OlderPage]:
        """A conversation as it stands now (empty where it is not ours), and its newest messages."""
        token = await self._auth.token()
        with translated():
            async with asyncio.timeout(TIMEOUT):
                postgrest = self._client.postgrest
                postgrest.auth(token)
                asked = postgrest.from_("conversations").select("*").eq("id", conversation_id)
                answer = await asked.execute()
        found = rows.changed({"conversations": answer.data}).conversations
        end = datetime.now(UTC) + timedelta(days=366)  # whatever the clocks say
        return found, await self.messages_before(conversation_id, end, page_size)

    async def send_message(
        self,
        id: MessageId,
        conversation_id: ConversationId,
        content: str,
        media: Sequence[Mapping[str, Any]],
        reply_to: MessageId | None,
        template: TemplateChoice | None = None,
    ) -> tuple[MessageFacts, ...]:
        """Hand a reply to the server; repeating it with the same id is harmless."""
        chosen = None
        if template is not None:
            chosen = {
                "content_sid": template.content_sid,
                "name": template.name,
                "variables": dict(template.variables),
            }
        return rows.sent_messages(
            await self.ask(
                "send_message",
                {
                    "id": id,
                    "conversation_id": conversation_id,
                    "content": content,
                    "media": list(media),
                    "reply_to": reply_to,
                    "template": chosen,
                },
            )
        )

    async def retry_message(self, id: MessageId, new_id: MessageId) -> tuple[MessageFacts, ...]:
        """A new attempt linked to a message that failed."""
        return rows.sent_messages(await self.ask("retry_message", {"id": id, "new_id": new_id}))

    async def settle_message(self, id: MessageId, outcome: str) -> tuple[MessageFacts, ...]:
        """The agent's answer, 'sent' or 'failed', for a message whose fate is uncertain."""
        return rows.sent_messages(await self.ask("settle_message", {"id": id, "outcome": outcome}))

    async def mark_read(self, conversation_id: ConversationId, message_id: MessageId) -> None:
        """This agent has read up to a message."""
        await self.ask("mark_read", {"conversation_id": conversation_id, "message_id": message_id})

    async def mark_unread(self, conversation_id: ConversationId) -> ReadRow | None:
        """The customer's last message is unread again; this agent's mark, if they have one."""
        mark = await self.ask("mark_unread", {"conversation_id": conversation_id})
        return rows.read(mark) if mark else None

    async def save_draft(
        self,
        conversation_id: ConversationId,
        body: str,
        attachments: Sequence[Mapping[str, Any]],
        reply_to: MessageId | None = None,
        note: str = "",
    ) -> None:
        """Mirror a draft; an empty one removes it. Files are named, not carried."""
        await self.ask(
            "save_draft",
            {
                "conversation_id": conversation_id,
                "body": body,
                "attachments": list(attachments),
                "reply_to": reply_to,
                "note": note,
            },
        )

    # What is done to a conversation. Each may be repeated: the second time changes nothing.

    async def assign(
        self, conversation_id: ConversationId, assignee_id: ProfileId | None
    ) -> Changed:
        """Give it to somebody, or to nobody; `cannot_see` for who does not see its inbox."""
        return await self._change(
            "assign", {"conversation_id": conversation_id, "assignee_id": assignee_id}
        )

    async def take(self, conversation_id: ConversationId, seen: ProfileId | None) -> Changed:
        """Take it from `seen`, or from nobody; a `conflict` where somebody else has it now."""
        return await self._change("take", {"conversation_id": conversation_id, "seen": seen})

    async def snooze(self, conversation_id: ConversationId, until: datetime) -> Changed:
        """Put it away. Refused (`bad_time`) unless `until` lies within the year to come."""
        return await self._change(
            "snooze", {"conversation_id": conversation_id, "until": until.isoformat()}
        )

    async def resolve(self, conversation_id: ConversationId) -> Changed:
        """It is done."""
        return await self._change("resolve", {"conversation_id": conversation_id})

    async def reopen(self, conversation_id: ConversationId) -> Changed:
        """Bring it back from snoozed or resolved."""
        return await self._change("reopen", {"conversation_id": conversation_id})

    async def set_label(
        self, conversation_id: ConversationId, label_id: LabelId, on: bool
    ) -> Changed:
        """Put a label on, or take it off; `not_found` when the label itself is gone."""
        return await self._change(
            "set_label",
            {"conversation_id": conversation_id, "label_id": label_id, "present": on},
        )

    async def set_priority(self, conversation_id: ConversationId, priority: str) -> Changed:
        """Say how urgent it is: low, normal, high or urgent (`bad_priority` else)."""
        return await self._change(
            "set_priority", {"conversation_id": conversation_id, "priority": priority}
        )

    async def add_note(
        self,
        id: NoteId,
        conversation_id: ConversationId,
        body: str,
        mentions: Sequence[ProfileId] = (),
    ) -> Changed:
        """Add a note; people in `dropped` are not mentioned, because they cannot see it."""
        return await self._change(
            "add_note",
            {
                "id": id,
                "conversation_id": conversation_id,
                "body": body,
                "mentions": list(mentions),
            },
        )

    # What the team shares; supervisors and administrators only (`not_allowed` for others).

    async def save_label(self, label: Label) -> Changed:
        """Make or change a label; `taken` when another has this name."""
        return await self._change(
            "save_label", {"id": label.id, "name": label.name, "color": label.color}
        )

    async def delete_label(self, id: LabelId) -> Changed:
        """Delete a label, also from every conversation."""
        return await self._change("delete_label", {"id": id})

    async def save_canned_reply(self, reply: CannedReply) -> Changed:
        """Make or change a canned reply; its files are uploaded already, under `canned/<id>/`."""
        return await self._change(
            "save_canned_reply",
            {
                "id": reply.id,
                "shortcut": reply.shortcut,
                "body": reply.body,
                "attachments": [asdict(file) for file in reply.files],
            },
        )

    async def delete_canned_reply(self, id: CannedReplyId) -> Changed:
        """Delete a canned reply."""
        return await self._change("delete_canned_reply", {"id": id})

    async def counters(
        self, inbox_id: InboxId | None = None, label_id: LabelId | None = None
    ) -> Counters:
        """How many conversations each filter holds on the server, also those never pulled.

        `inboxes` is narrowed by the label alone, `labels` by the inbox alone.
        """
        return rows.counters(
            as_object(await self.ask("counters", {"inbox_id": inbox_id, "label_id": label_id}))
        )

    async def _change(self, name: str, arguments: Mapping[str, Any]) -> Changed:
        return rows.changed(await self.ask(name, arguments))
