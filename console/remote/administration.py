"""People, inboxes and their rules, what the team shares and what is kept, as the server has it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from supabase import AsyncClient

from console.domain.administration import (
    Administration as Everything,
)
from console.domain.administration import (
    AuditEntry,
    AuditPage,
    AutoReply,
    Hours,
    InboxSettings,
    Person,
    Retention,
)
from console.domain.conversation import Label
from console.domain.desk import CannedFile, CannedReply
from console.domain.errors import EnvironmentFaultError
from console.domain.files import safe_name
from console.domain.ids import CannedReplyId, InboxId, LabelId, ProfileId
from console.domain.profile import Role
from console.remote import rows
from console.remote.asking import Asking, as_object
from console.remote.auth import Auth
from console.remote.storage import Files

PAGE = 50
_PIECE = 64 * 1024

Wire = Mapping[str, Any]


class Administration(Asking):
    """Every method raises RefusedError (our rules), SignedOutError, or EnvironmentFaultError."""

    def __init__(self, client: AsyncClient, auth: Auth, files: Files) -> None:
        super().__init__(client, auth)
        self._files = files

    async def read(self) -> Everything:
        return everything(as_object(await self.ask("administration", {})))

    async def save_person(
        self, id: ProfileId, changes: Mapping[str, Any], seen: Wire | None = None
    ) -> Person:
        wire = {"profile_id": id, "changes": dict(changes)}
        return await self._person("save_profile", wire, seen)

    async def set_available(self, id: ProfileId, *, available: bool) -> Person:
        return await self._person("set_available", {"profile_id": id, "available": available})

    async def set_capacity(self, id: ProfileId, capacity: int) -> Person:
        return await self._person("set_capacity", {"profile_id": id, "capacity": capacity})

    async def set_member(self, inbox_id: InboxId, id: ProfileId, *, present: bool) -> None:
        arguments = {"inbox_id": inbox_id, "profile_id": id, "present": present}
        await self.ask("set_member", arguments)

    async def save_inbox(
        self, id: InboxId, changes: Mapping[str, Any], seen: Wire | None = None
    ) -> InboxSettings:
        return await self._inbox("save_inbox", {"inbox_id": id, "changes": dict(changes)}, seen)

    async def set_rules(
        self, id: InboxId, rules: Mapping[str, Any], seen: Wire | None = None
    ) -> InboxSettings:
        wire = {"inbox_id": id, "rules": _rules(rules)}
        return await self._inbox("set_inbox_rules", wire, None if seen is None else _rules(seen))

    async def save_auto_reply(self, reply: AutoReply, seen: AutoReply | None = None) -> AutoReply:
        answer = await self.save(
            "save_auto_reply",
            _auto_reply_wire(reply),
            None if seen is None else _auto_reply_wire(seen),
            lambda wire: next(map(auto_reply, _list(wire.get("auto_replies"))), None),
        )
        return auto_reply(_first(answer, "auto_replies"))

    async def delete_auto_reply(self, id: str) -> None:
        await self.ask("delete_auto_reply", {"id": id})

    async def upload_canned(
        self, id: CannedReplyId, name: str, content_type: str, data: bytes
    ) -> CannedFile:
        """Under a name of its own: what lies there already stays."""

        async def pieces() -> AsyncIterator[bytes]:
            for start in range(0, len(data), _PIECE):
                yield data[start : start + _PIECE]

        path = f"canned/{id}/{uuid4().hex[:12]}/{safe_name(name)}"
        await self._files.upload(
            "attachments", path, pieces, len(data), content_type, lambda _: None
        )
        return CannedFile(path, name, content_type, len(data))

    async def save_canned(self, reply: CannedReply, seen: CannedReply | None = None) -> None:
        """Its files are uploaded already, under `canned/<id>/`."""
        await self.save(
            "save_canned_reply",
            _canned_wire(reply),
            None if seen is None else _canned_wire(seen),
            lambda wire: next(map(_canned, _list(wire.get("canned_replies"))), None),
        )

    async def delete_canned(self, id: CannedReplyId) -> None:
        await self.ask("delete_canned_reply", {"id": id})

    async def save_label(self, label: Label, seen: Label | None = None) -> None:
        await self.save(
            "save_label",
            asdict(label),
            None if seen is None else asdict(seen),
            lambda wire: next(map(_label, _list(wire.get("labels"))), None),
        )

    async def delete_label(self, id: LabelId) -> None:
        await self.ask("delete_label", {"id": id})

    async def save_retention(self, wanted: Retention, seen: Retention | None = None) -> Retention:
        before = None if seen is None else asdict(seen)
        return retention(await self.save("save_retention", asdict(wanted), before, retention))

    async def audit(self, before: int | None = None) -> AuditPage:
        wire = as_object(await self.ask("audit", {"before": before, "page_size": PAGE}))
        return AuditPage(
            tuple(_entry(row) for row in _list(wire.get("audit"))), bool(wire.get("more"))
        )

    async def _person(self, name: str, arguments: Wire, seen: Wire | None = None) -> Person:
        def read(wire: Wire) -> Person | None:
            return next(map(person, _list(wire.get("profiles"))), None)

        return person(_first(await self.save(name, arguments, seen, read), "profiles"))

    async def _inbox(self, name: str, arguments: Wire, seen: Wire | None) -> InboxSettings:
        def read(wire: Wire) -> InboxSettings | None:
            return next(map(inbox, _list(wire.get("inboxes"))), None)

        return inbox(_first(await self.save(name, arguments, seen, read), "inboxes"))


def everything(wire: Wire) -> Everything:
    """The answer of `administration`."""
    kept = wire.get("retention")
    return Everything(
        _role(wire.get("role")),
        tuple(person(row) for row in _list(wire.get("profiles"))),
        tuple(inbox(row) for row in _list(wire.get("inboxes"))),
        frozenset(
            (InboxId(str(row.get("inbox_id"))), ProfileId(str(row.get("profile_id"))))
            for row in _list(wire.get("inbox_members"))
        ),
        tuple(auto_reply(row) for row in _list(wire.get("auto_replies"))),
        retention(kept) if isinstance(kept, Mapping) else None,
    )


def person(row: Wire) -> Person:
    """A row of `profiles`, also without what only the whole answer counts."""
    return Person(
        ProfileId(str(row.get("id"))),
        str(row.get("display_name") or ""),
        _role(row.get("role")),
        bool(row.get("active", True)),
        bool(row.get("available")),
        rows.moment(row.get("absent_since")),
        _number(row.get("capacity")) or 0,
        str(row.get("locale") or "id"),
        _number(row.get("open")) or 0,
    )


def inbox(row: Wire) -> InboxSettings:
    """A row of `inboxes` with its rules."""
    return InboxSettings(
        InboxId(str(row.get("id"))),
        str(row.get("name") or ""),
        str(row.get("channel") or "whatsapp"),
        row.get("address"),
        bool(row.get("flagged")),
        row.get("messaging_service_sid"),
        _number(row.get("messages_per_second")),
        _number(row.get("replies_per_half_minute")),
        hours(row.get("hours")),
        bool(row.get("routing")),
        _number(row.get("auto_replies_per_hour")) or 0,
        _number(row.get("take_back_minutes")),
        _number(row.get("first_response_minutes")),
        _number(row.get("next_response_minutes")),
        _number(row.get("reminder_minutes")),
    )


def hours(wire: Any) -> Hours | None:
    """The hours of an inbox; None is always open. Spans that cannot be read are left out."""
    if not isinstance(wire, Mapping):
        return None
    week = wire.get("week")
    return Hours(
        str(wire.get("zone") or "UTC"),
        {
            str(day): tuple(
                (str(span[0]), str(span[1]))
                for span in spans
                if isinstance(span, Sequence) and len(span) == 2
            )
            for day, spans in (week if isinstance(week, Mapping) else {}).items()
            if isinstance(spans, list)
        },
        tuple(str(day) for day in wire.get("holidays") or ()),
    )


def hours_wire(value: Hours) -> dict[str, Any]:
    """As the database keeps them."""
    return {
        "zone": value.zone,
        "week": {day: [list(span) for span in spans] for day, spans in value.week.items()},
        "holidays": list(value.holidays),
    }


def auto_reply(row: Wire) -> AutoReply:
    """A row of `auto_replies`."""
    return AutoReply(
        str(row.get("id")),
        InboxId(str(row.get("inbox_id"))),
        str(row.get("kind") or "greeting"),
        str(row.get("body") or ""),
        str(row.get("keyword") or ""),
        bool(row.get("enabled", True)),
    )


def retention(wire: Wire) -> Retention:
    """Days for each kind."""
    kinds = ("messages", "media", "requests", "audit")
    return Retention(**{kind: _number(wire.get(kind)) for kind in kinds})


def _rules(values: Wire) -> dict[str, Any]:
    return {
        name: hours_wire(value) if isinstance(value, Hours) else value
        for name, value in values.items()
    }


def _auto_reply_wire(reply: AutoReply) -> dict[str, Any]:
    return {**asdict(reply), "keyword": reply.keyword or None}


def _canned_wire(reply: CannedReply) -> dict[str, Any]:
    return {
        "id": reply.id,
        "shortcut": reply.shortcut,
        "body": reply.body,
        "attachments": [asdict(file) for file in reply.files],
    }


def _canned(row: Wire) -> CannedReply:
    return CannedReply(
        CannedReplyId(str(row.get("id"))),
        str(row.get("shortcut") or ""),
        str(row.get("body") or ""),
        tuple(
            CannedFile(
                str(file.get("path") or ""),
                str(file.get("name") or ""),
                str(file.get("content_type") or ""),
                _number(file.get("size")) or 0,
            )
            for file in _list(row.get("attachments"))
        ),
    )


def _label(row: Wire) -> Label:
    return Label(
        LabelId(str(row.get("id"))), str(row.get("name") or ""), str(row.get("color") or "")
    )


def _entry(row: Wire) -> AuditEntry:
    data = row.get("data")
    return AuditEntry(
        int(row.get("id") or 0),
        rows.moment(row.get("at")) or datetime.fromtimestamp(0, UTC),
        str(row.get("actor_name") or ""),
        str(row.get("action") or ""),
        str(row.get("subject_type") or ""),
        str(row.get("subject_id") or ""),
        data if isinstance(data, Mapping) else {},
    )


def _first(wire: Wire, name: str) -> Wire:
    found = _list(wire.get(name))
    if not found:
        raise EnvironmentFaultError(
            "The server has trouble", "The answer does not say what became of it."
        )
    return found[0]


def _list(wire: Any) -> list[Wire]:
    return [row for row in wire if isinstance(row, Mapping)] if isinstance(wire, list) else []


def _number(wire: Any) -> int | None:
    return int(wire) if isinstance(wire, int | float) and not isinstance(wire, bool) else None


def _role(wire: Any) -> Role:
    return Role(wire) if wire in frozenset(Role) else Role.AGENT
