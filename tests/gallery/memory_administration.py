"""A server's administration in memory: a small team with two inboxes, and what was done in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from console.domain.administration import (
    Administration,
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
from console.domain.errors import ChangedSinceError, RefusedError
from console.domain.ids import CannedReplyId, InboxId, LabelId, ProfileId
from console.domain.profile import Role
from tests.gallery.memory_desk import NOW

WORKING = {day: (("08:00", "12:00"), ("13:00", "17:00")) for day in ("mon", "tue", "wed", "thu")}
HOURS = Hours(
    "Asia/Jakarta",
    {**WORKING, "fri": (("08:00", "11:30"), ("13:30", "17:00")), "sat": (("09:00", "13:00"),)},
    ("2025-12-25", "2026-01-01"),
)
PEOPLE = (
    Person(ProfileId("me"), "Dewi Wulandari", Role.ADMIN, available=True, capacity=20, open=7),
    Person(ProfileId("nita"), "Nita Kusuma", Role.SUPERVISOR, available=True, capacity=10, open=2),
    Person(
        ProfileId("raka"),
        "Raka Aditya",
        absent_since=NOW - timedelta(minutes=31),
        capacity=15,
        open=12,
    ),
    Person(ProfileId("yoga"), "Yoga Saputra", active=False, capacity=10),
)
INBOXES = (
    InboxSettings(
        InboxId("wa"),
        "Toko Sentosa",
        "whatsapp",
        "whatsapp:+6281100002222",
        messages_per_second=80,
        replies_per_half_minute=14,
        hours=HOURS,
        routing=True,
        first_response_minutes=15,
        next_response_minutes=30,
    ),
    InboxSettings(InboxId("sms"), "SMS Sentosa", "sms", "+6281100003333", True, None, 80, 14),
)
REPLIES = (
    AutoReply(
        "a1",
        InboxId("wa"),
        "greeting",
        "Halo {{contact.name}}, terima kasih sudah menghubungi {{inbox.name}}. Kami segera balas.",
    ),
    AutoReply("a2", InboxId("wa"), "away", "Kami tutup. Buka lagi {{hours.opens}}."),
    AutoReply("a3", InboxId("wa"), "keyword", "Katalog: sentosa.id/katalog", "katalog", False),
)
# As the database refuses it.
UNKNOWN_VARIABLE = RefusedError(
    "unknown_variable",
    "Not possible",
    "There is no such variable: {{nama}}.",
    fix="A text may hold {{contact.name}}, {{inbox.name}}, {{hours.today}}, {{hours.opens}}.",
)
PROMOTED = {"before": {"role": "agent"}, "after": {"role": "supervisor"}}
LOG: tuple[tuple[str, str, Mapping[str, Any], int], ...] = (
    ("Dewi Wulandari", "inbox_rules_set", {"routing": True}, 9),
    ("Dewi Wulandari", "profiles_changed", PROMOTED, 40),
    ("Nita Kusuma", "canned_reply_saved", {"shortcut": "resi", "body": "Halo {{name}}, …"}, 75),
    ("", "retention_applied", {"requests": 214}, 1300),
    ("Nita Kusuma", "label_deleted", {"name": "Promo Lebaran", "color": "amber"}, 1500),
)  # fmt: skip


class MemoryAdministration:
    """Keeps what it is told; `failure` is raised instead."""

    def __init__(self, role: Role = Role.ADMIN) -> None:
        self.failure: Exception | None = None
        self.calls: list[tuple[Any, ...]] = []
        # what others wrote that this machine does not know yet
        self.canned: dict[CannedReplyId, CannedReply | None] = {}
        self.labels: dict[LabelId, Label | None] = {}
        self.log = tuple(
            AuditEntry(
                100 - place,
                NOW - timedelta(minutes=ago),
                who,
                action,
                "profiles" if action.startswith("profiles") else "",
                "nita",
                data,
            )
            for place, (who, action, data, ago) in enumerate(LOG)
        )
        self.state = Administration(
            role,
            PEOPLE,
            INBOXES,
            frozenset(
                (InboxId(inbox), ProfileId(who))
                for inbox, who in (("wa", "me"), ("wa", "raka"), ("sms", "me"))
            ),
            REPLIES,
            Retention(messages=730) if role is Role.ADMIN else None,
        )

    def _call(self, *words: Any) -> None:
        self.calls.append(words)
        if self.failure is not None:
            raise self.failure

    async def read(self) -> Administration:
        if self.failure is not None:
            raise self.failure
        return self.state

    def _look(self, seen: object | None, now: object | None) -> None:
        """Refuse, as the server does, what was written without seeing what is there."""
        if seen is not None and seen != now:
            raise ChangedSinceError(now)

    async def save_person(
        self, id: ProfileId, changes: Mapping[str, Any], seen: Mapping[str, Any] | None = None
    ) -> Person:
        self._call("save_person", id, dict(changes))
        now = next(person for person in self.state.people if person.id == id)
        fields = {"display_name": now.name, "role": now.role, "active": now.active}
        if seen is not None and any(fields[name] != value for name, value in seen.items()):
            raise ChangedSinceError(now)
        named = {"display_name": "name"}
        values = {named.get(name, name): value for name, value in changes.items()}
        if "role" in values:
            values["role"] = Role(values["role"])
        return self._person(id, **values)

    async def set_available(self, id: ProfileId, *, available: bool) -> Person:
        self._call("set_available", id, available)
        return self._person(id, available=available)

    async def set_capacity(self, id: ProfileId, capacity: int) -> Person:
        self._call("set_capacity", id, capacity)
        return self._person(id, capacity=capacity)

    async def set_member(self, inbox_id: InboxId, id: ProfileId, *, present: bool) -> None:
        self._call("set_member", inbox_id, id, present)
        self.state = self.state.with_member(inbox_id, id, present=present)

    async def save_inbox(
        self, id: InboxId, changes: Mapping[str, Any], seen: Mapping[str, Any] | None = None
    ) -> InboxSettings:
        self._call("save_inbox", id, dict(changes))
        return self._inbox(id, seen, **changes)

    async def set_rules(
        self, id: InboxId, rules: Mapping[str, Any], seen: Mapping[str, Any] | None = None
    ) -> InboxSettings:
        self._call("set_rules", id, dict(rules))
        return self._inbox(id, seen, **rules)

    async def save_auto_reply(self, reply: AutoReply, seen: AutoReply | None = None) -> AutoReply:
        self._call("save_auto_reply", reply)
        self._look(seen, next((o for o in self.state.auto_replies if o.id == reply.id), None))
        self.state = self.state.with_auto_reply(reply)
        return reply

    async def delete_auto_reply(self, id: str) -> None:
        self._call("delete_auto_reply", id)
        self.state = self.state.without_auto_reply(id)

    async def upload_canned(
        self, id: CannedReplyId, name: str, content_type: str, data: bytes
    ) -> CannedFile:
        self._call("upload_canned", id, name, content_type, len(data))
        return CannedFile(f"canned/{id}/1/{name}", name, content_type, len(data))

    async def save_canned(self, reply: CannedReply, seen: CannedReply | None = None) -> None:
        self._call("save_canned", reply)
        self._look(seen, self.canned.get(reply.id, seen))

    async def delete_canned(self, id: CannedReplyId) -> None:
        self._call("delete_canned", id)

    async def save_label(self, label: Label, seen: Label | None = None) -> None:
        self._call("save_label", label)
        self._look(seen, self.labels.get(label.id, seen))

    async def delete_label(self, id: LabelId) -> None:
        self._call("delete_label", id)

    async def save_retention(self, wanted: Retention, seen: Retention | None = None) -> Retention:
        self._call("save_retention", wanted)
        self._look(seen, self.state.retention)
        self.state = replace(self.state, retention=wanted)
        return wanted

    async def audit(self, before: int | None = None) -> AuditPage:
        self._call("audit", before)
        left = [entry for entry in self.log if before is None or entry.id < before]
        return AuditPage(tuple(left[:4]), len(left) > 4)

    def _person(self, id: ProfileId, **values: Any) -> Person:
        old = next(person for person in self.state.people if person.id == id)
        self.state = self.state.with_person(replace(old, **values))
        return replace(old, **values)

    def _inbox(self, id: InboxId, seen: Mapping[str, Any] | None, **values: Any) -> InboxSettings:
        old = next(inbox for inbox in self.state.inboxes if inbox.id == id)
        if any(getattr(old, name) != value for name, value in (seen or {}).items()):
            raise ChangedSinceError(old)
        self.state = self.state.with_inbox(replace(old, **values))
        return replace(old, **values)
