"""What menus offer: labels, people, inboxes, canned replies and templates."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from console.domain.conversation import Channel, Inbox, Label
from console.domain.desk import CannedFile, CannedReply, Template
from console.domain.ids import CannedReplyId, InboxId, LabelId, ProfileId
from console.domain.profile import Profile, Role
from console.store.database import Database, Reading


def _records(reading: Reading, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for id, data in reading.each("select id, data from records where kind = ?", kind):
        yield id, json.loads(data)


class DeskLists:
    """Each list by name. What changed is announced as `Changes.team`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def labels(self) -> list[Label]:
        """Every label of the team."""

        def work(reading: Reading) -> list[Label]:
            return [
                Label(LabelId(id), str(data.get("name") or ""), str(data.get("color") or ""))
                for id, data in _records(reading, "labels")
            ]

        found = await self._database.read(work)
        return sorted(found, key=lambda label: label.name.casefold())

    async def people(self) -> list[Profile]:
        """Everybody who works here now."""
        rows = await self._database.read(
            lambda reading: reading.all(
                "select id, name, role, active, available, locale from profiles where active"
            )
        )
        found = [
            Profile(ProfileId(row[0]), row[1], Role(row[2]), bool(row[3]), bool(row[4]), row[5])
            for row in rows
        ]
        return sorted(found, key=lambda person: person.name.casefold())

    async def inboxes(self) -> list[Inbox]:
        """The inboxes that this agent sees."""
        rows = await self._database.read(
            lambda reading: reading.all("select id, name, channel, address from inboxes")
        )
        found = [
            Inbox(
                InboxId(row[0]),
                row[1],
                Channel.SMS if row[2] == Channel.SMS else Channel.WHATSAPP,
                row[3],
            )
            for row in rows
        ]
        return sorted(found, key=lambda inbox: inbox.name.casefold())

    async def canned(self) -> list[CannedReply]:
        """The canned replies, by shortcut."""

        def work(reading: Reading) -> list[CannedReply]:
            return [
                CannedReply(
                    CannedReplyId(id),
                    str(data.get("shortcut") or ""),
                    str(data.get("body") or ""),
                    tuple(_file(item) for item in data.get("attachments") or ()),
                )
                for id, data in _records(reading, "canned_replies")
            ]

        found = await self._database.read(work)
        return sorted(found, key=lambda reply: reply.shortcut.casefold())

    async def templates(self, channel: Channel = Channel.WHATSAPP) -> list[Template]:
        """The templates to choose from, whatever their state; SMS knows none."""
        if channel is not Channel.WHATSAPP:
            return []

        def work(reading: Reading) -> list[Template]:
            return [
                Template(
                    content_sid=str(data.get("content_sid") or ""),
                    name=str(data.get("name") or ""),
                    language=str(data.get("language") or ""),
                    body=str(data.get("body") or ""),
                    variables={
                        str(key): str(value) for key, value in (data.get("variables") or {}).items()
                    },
                    status=str(data.get("status") or ""),
                    buttons=_buttons(data.get("types")),
                )
                for _, data in _records(reading, "templates")
            ]

        found = await self._database.read(work)
        return sorted(found, key=lambda template: template.name.casefold())


def _buttons(types: object) -> tuple[str, ...]:
    """The words on a template's buttons, as the Content API has them in `types`."""
    found: list[str] = []
    for kind in types.values() if isinstance(types, dict) else ():
        actions = kind.get("actions") if isinstance(kind, dict) else None
        for action in actions if isinstance(actions, list) else ():
            if isinstance(action, dict) and action.get("title"):
                found.append(str(action["title"]))
    return tuple(found)


def _file(item: Mapping[str, Any]) -> CannedFile:
    return CannedFile(
        path=str(item.get("path") or ""),
        name=str(item.get("name") or ""),
        content_type=str(item.get("content_type") or "application/octet-stream"),
        size=int(item.get("size") or 0),
    )
