"""What administrators and supervisors set: people, inboxes with their rules, replies, retention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from console.domain.ids import InboxId, ProfileId
from console.domain.profile import Role

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the team as administrators see them; `open` are their open conversations."""

    id: ProfileId
    name: str
    role: Role = Role.AGENT
    active: bool = True
    available: bool = False
    absent_since: datetime | None = None
    capacity: int = 0
    locale: str = "id"
    open: int = 0


@dataclass(frozen=True, slots=True)
class Hours:
    """When people answer. A day has spans like ("08:00", "17:00"); one that is not named is closed.

    A span that ends before it begins ends on the next day. `holidays` are days as 2026-12-25.
    """

    zone: str = "Asia/Jakarta"
    week: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    holidays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InboxSettings:
    """An inbox with all its rules; minutes where a time is meant, None for never."""

    id: InboxId
    name: str
    channel: str = "whatsapp"
    address: str | None = None
    flagged: bool = False
    messaging_service_sid: str | None = None
    messages_per_second: int | None = None
    replies_per_half_minute: int | None = None
    hours: Hours | None = None
    routing: bool = False
    auto_replies_per_hour: int = 4
    take_back_minutes: int | None = 10
    first_response_minutes: int | None = None
    next_response_minutes: int | None = None
    reminder_minutes: int | None = 120


@dataclass(frozen=True, slots=True)
class AutoReply:
    """What an inbox says by itself. `kind`: greeting, away or keyword, with `keyword`."""

    id: str
    inbox_id: InboxId
    kind: str
    body: str
    keyword: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days each kind is kept; None is for ever."""

    messages: int | None = None
    media: int | None = None
    requests: int | None = 90
    audit: int | None = None


# The fewest days that the server takes for each kind.
LEAST_DAYS: Mapping[str, int] = {"messages": 30, "media": 7, "requests": 7, "audit": 180}
MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something that was done. `actor` is empty where nobody was signed in: the server itself."""

    id: int
    at: datetime
    actor: str
    action: str
    subject_type: str = ""
    subject_id: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Newest first."""

    entries: tuple[AuditEntry, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class Administration:
    """Everything the screens of the administration show; `retention` for administrators only."""

    role: Role
    people: tuple[Person, ...] = ()
    inboxes: tuple[InboxSettings, ...] = ()
    members: frozenset[tuple[InboxId, ProfileId]] = frozenset()
    auto_replies: tuple[AutoReply, ...] = ()
    retention: Retention | None = None

    @property
    def is_admin(self) -> bool:
        """Whether people, inboxes, retention and the audit log are theirs to change."""
        return self.role is Role.ADMIN

    def with_person(self, person: Person) -> Self:
        """The same with somebody changed; what only the whole answer counts stays."""
        return replace(
            self,
            people=tuple(
                replace(person, open=old.open) if old.id == person.id else old
                for old in self.people
            ),
        )

    def with_inbox(self, inbox: InboxSettings) -> Self:
        """The same with an inbox changed."""
        found = tuple(inbox if old.id == inbox.id else old for old in self.inboxes)
        return replace(self, inboxes=found)

    def with_member(self, inbox_id: InboxId, person_id: ProfileId, *, present: bool) -> Self:
        """The same with somebody in an inbox, or out of it."""
        pair = {(inbox_id, person_id)}
        return replace(self, members=self.members | pair if present else self.members - pair)

    def with_auto_reply(self, reply: AutoReply) -> Self:
        """The same with an automatic reply changed, or a new one at the end."""
        known = any(old.id == reply.id for old in self.auto_replies)
        found = tuple(reply if old.id == reply.id else old for old in self.auto_replies)
        return replace(self, auto_replies=found if known else (*found, reply))

    def without_auto_reply(self, id: str) -> Self:
        """The same without it."""
        return replace(
            self, auto_replies=tuple(reply for reply in self.auto_replies if reply.id != id)
        )
