"""Customers on the server: changed, merged, blocked, erased, and written to first."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from postgrest import CountMethod

from console.domain.contact import ContactLine, Erasure, FoundContacts, Reach, TemplatePreview
from console.domain.errors import EnvironmentFaultError
from console.domain.ids import ContactId, ConversationId, InboxId, MessageId
from console.remote import rows
from console.remote.asking import TIMEOUT, Asking, as_object
from console.remote.errors import translated

_MOST_FOUND = 50


class Contacts(Asking):
    """Every method raises RefusedError (our rules), SignedOutError, or EnvironmentFaultError."""

    async def edit(
        self,
        contact_id: ContactId,
        changes: Mapping[str, Any],
        seen: Mapping[str, Any] | None = None,
    ) -> None:
        """`bad_name`, `bad_address`, `taken`, `bad_attribute`, … say what does not go."""
        wire = {"contact_id": contact_id, "changes": dict(changes)}
        await self.save("edit_contact", wire, seen, _contact)

    async def block(self, contact_id: ContactId, blocked: bool) -> None:
        """Whether we talk to them."""
        await self.ask("set_blocked", {"contact_id": contact_id, "blocked": blocked})

    async def merge(self, id: str, into_id: ContactId, from_id: ContactId) -> None:
        """`not_allowed` where the caller does not see all that would move."""
        await self.ask("merge_contacts", {"id": id, "into_id": into_id, "from_id": from_id})

    async def undo_merge(self, id: str) -> None:
        """Refused while a later merge of the same contact stands."""
        await self.ask("undo_merge", {"id": id})

    async def reach(self, contact_id: ContactId) -> Reach:
        """Counted with the caller's own eyes: all of it for supervisors, who alone may erase."""
        found = await self._rows("conversations", "contact_id", [contact_id])
        if not found:
            return Reach(0, 0, 0)
        messages, files = await asyncio.gather(
            self._count("messages", found), self._count("messages", found, with_files=True)
        )
        return Reach(len(found), messages, files)

    async def erase(self, id: str, contact_id: ContactId) -> Erasure:
        """`not_allowed` for agents; `merged` for who was merged into somebody else."""
        wire = as_object(await self.ask("erase_contact", {"id": id, "contact_id": contact_id}))
        for row in wire.get("erasures") or ():
            return _erasure(row)
        raise EnvironmentFaultError(
            "The server did not answer with a receipt", "Ask again: nothing is erased twice."
        )

    async def preview(
        self, inbox_id: InboxId, template: Mapping[str, Any], contact_id: ContactId | None = None
    ) -> TemplatePreview:
        """`bad_template`, `template_not_approved` for one that cannot be sent."""
        wire = as_object(
            await self.ask(
                "preview_template",
                {"inbox_id": inbox_id, "template": dict(template), "contact_id": contact_id},
            )
        )
        return TemplatePreview(
            content_sid=str(wire.get("content_sid") or ""),
            language=str(wire.get("language") or ""),
            text=str(wire.get("text") or ""),
            missing=tuple(str(name) for name in wire.get("missing") or ()),
            variables={str(k): str(v) for k, v in (wire.get("variables") or {}).items()},
        )

    async def start(
        self,
        id: MessageId,
        inbox_id: InboxId,
        *,
        address: str | None = None,
        contact_id: ContactId | None = None,
        template: Mapping[str, Any] | None = None,
        content: str | None = None,
        name: str | None = None,
    ) -> ConversationId:
        """`bad_address`, `opted_out`, `blocked`, `window_closed`, `bad_template`, … refuse."""
        wire = as_object(
            await self.ask(
                "start_conversation",
                {
                    "id": id,
                    "inbox_id": inbox_id,
                    "address": address,
                    "contact_id": contact_id,
                    "template": None if template is None else dict(template),
                    "content": content,
                    "name": name,
                },
            )
        )
        for message in rows.sent_messages(wire):
            return message.conversation_id
        raise EnvironmentFaultError(
            "The server did not answer with the conversation",
            "Ask again: the message is sent once only.",
        )

    async def search(self, text: str) -> FoundContacts:
        """Found by the server among everybody one may see."""
        wire = as_object(
            await self.ask("search_contacts", {"query": text, "page_size": _MOST_FOUND})
        )
        page = rows.page({**wire, "cursor": ""})
        lines = (
            ContactLine(
                row.id,
                row.name,
                next((a.address for a in row.addresses), row.phone or ""),
                row.blocked,
            )
            for row in page.contacts
        )
        return FoundContacts(tuple(lines), page.contacts, page.conversations)

    async def _rows(self, table: str, column: str, ids: Sequence[str]) -> list[str]:
        token = await self._auth.token()
        with translated():
            async with asyncio.timeout(TIMEOUT):
                postgrest = self._client.postgrest
                postgrest.auth(token)
                answer = await postgrest.from_(table).select("id").in_(column, list(ids)).execute()
        return [str(row["id"]) for row in answer.data if isinstance(row, Mapping)]

    async def _count(
        self, table: str, conversations: Sequence[str], *, with_files: bool = False
    ) -> int:
        token = await self._auth.token()
        with translated():
            async with asyncio.timeout(TIMEOUT):
                postgrest = self._client.postgrest
                postgrest.auth(token)
                asked = postgrest.from_(table).select("id", count=CountMethod.exact, head=True)
                asked = asked.in_("conversation_id", list(conversations))
                if with_files:
                    asked = asked.neq("media", "[]")
                answer = await asked.execute()
        return answer.count or 0


def _contact(wire: Mapping[str, Any]) -> object:
    return next((rows.contact(row) for row in wire.get("contacts") or ()), None)


def _erasure(row: Mapping[str, Any]) -> Erasure:
    counts = row.get("counts")
    return Erasure(
        id=str(row["id"]),
        state=str(row.get("state") or "waiting"),
        requested_at=rows.moment(row.get("requested_at")),
        finished_at=rows.moment(row.get("finished_at")),
        counts={
            str(name): number
            for name, number in (counts if isinstance(counts, Mapping) else {}).items()
            if isinstance(number, int)
        },
        trouble=str(row.get("trouble") or ""),
    )
