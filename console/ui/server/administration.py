"""What is asked of the server to run the team: people, inboxes, what is shared, what is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from console.domain.administration import (
    Administration as Everything,
)
from console.domain.administration import (
    AuditPage,
    AutoReply,
    InboxSettings,
    Person,
    Retention,
)
from console.domain.conversation import Label
from console.domain.desk import CannedFile, CannedReply
from console.domain.ids import CannedReplyId, InboxId, LabelId, ProfileId


class Administration(Protocol):
    """Supervisors change what the team shares and the rules, administrators everything.

    What takes `seen`, what the form showed, raises ChangedSinceError where that is otherwise by
    now, with what is there in the call's own type.
    """

    async def read(self) -> Everything:
        """All of it in one answer; refused with `not_allowed` for agents."""

    async def save_person(
        self, id: ProfileId, changes: Mapping[str, Any], seen: Mapping[str, Any] | None = None
    ) -> Person:
        """Any of display_name, role, active, capacity; `last_admin` where nobody would be left."""

    async def set_available(self, id: ProfileId, *, available: bool) -> Person: ...

    async def set_capacity(self, id: ProfileId, capacity: int) -> Person: ...

    async def set_member(self, inbox_id: InboxId, id: ProfileId, *, present: bool) -> None: ...

    async def save_inbox(
        self, id: InboxId, changes: Mapping[str, Any], seen: Mapping[str, Any] | None = None
    ) -> InboxSettings:
        """Any of name, flagged, messaging_service_sid, messages_per_second,
        replies_per_half_minute."""

    async def set_rules(
        self, id: InboxId, rules: Mapping[str, Any], seen: Mapping[str, Any] | None = None
    ) -> InboxSettings:
        """Any of hours, routing and the minutes, by the names of `InboxSettings`."""

    async def save_auto_reply(
        self, reply: AutoReply, seen: AutoReply | None = None
    ) -> AutoReply: ...

    async def delete_auto_reply(self, id: str) -> None: ...

    async def upload_canned(
        self, id: CannedReplyId, name: str, content_type: str, data: bytes
    ) -> CannedFile:
        """Put a file where a canned reply's files lie; saving the reply makes it one of them."""

    async def save_canned(self, reply: CannedReply, seen: CannedReply | None = None) -> None: ...

    async def delete_canned(self, id: CannedReplyId) -> None: ...

    async def save_label(self, label: Label, seen: Label | None = None) -> None: ...

    async def delete_label(self, id: LabelId) -> None: ...

    async def save_retention(
        self, wanted: Retention, seen: Retention | None = None
    ) -> Retention: ...

    async def audit(self, before: int | None = None) -> AuditPage:
        """The entries before that one, newest first."""
