"""A conversation as the inbox list and the thread's header show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from console.domain.delivery import Direction, Status
from console.domain.ids import ContactId, ConversationId, InboxId, LabelId, ProfileId


class Channel(StrEnum):
    """The network of an inbox."""

    WHATSAPP = "whatsapp"
    SMS = "sms"


class ConversationStatus(StrEnum):
    """Every value of `conversations.status`."""

    OPEN = "open"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class Filter(StrEnum):
    """The inbox's views of the conversations."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    ALL = "all"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class Sort(StrEnum):
    """The orders of the inbox list."""

    NEWEST = "newest"  # latest activity first
    WAITING = "waiting"  # who has waited longest for an answer first; those not waiting last
    WINDOW = "window"  # the window that closes soonest first; closed and windowless last


@dataclass(frozen=True, slots=True)
class View:
    """What the inbox list shows: a filter, narrowed to an inbox and a label, in an order."""

    filter: Filter = Filter.MINE
    inbox_id: InboxId | None = None
    label_id: LabelId | None = None
    sort: Sort = Sort.NEWEST


@dataclass(frozen=True, slots=True)
class Label:
    """A label of the team. `color` is one of the names in the theme's label tokens, or empty."""

    id: LabelId
    name: str
    color: str = ""


@dataclass(frozen=True, slots=True)
class Inbox:
    """One sender of the business, as menus name it."""

    id: InboxId
    name: str
    channel: Channel
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """The last message in one line. `kind` is a value of `content.Kind`; `text` is plain."""

    kind: str
    text: str
    direction: Direction
    status: Status | None


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """One row of the inbox list. `unread` is this agent's own; `waiting_since` is shared.

    `failed` is set while the newest reply did not arrive: the words that came with the failure,
    or its status, or "asking" while it waits for the agent's word. `failed_code` is Twilio's number
    and `failed_rule` the short name of the server's own rule, where one of them is the reason.
    """

    id: ConversationId
    inbox_id: InboxId
    contact_id: ContactId | None
    name: str
    address: str
    channel: Channel
    status: ConversationStatus
    assignee_id: ProfileId | None
    assignee_name: str | None
    last_message_at: datetime | None
    last_inbound_at: datetime | None
    waiting_since: datetime | None
    unread: int
    preview: Preview | None
    draft: str | None
    failed: str | None
    failed_code: int | None = None
    failed_rule: str | None = None
    priority: str | None = None
    snoozed_until: datetime | None = None
    labels: tuple[Label, ...] = ()
    inbox_name: str = ""
    blocked: bool = False

    @property
    def asks(self) -> bool:
        """The newest reply did not fail: it waits for the agent to decide."""
        return self.failed == "asking" or self.failed_rule in (
            "customer_wrote",
            "colleague_replied",
        )

    @property
    def title(self) -> str:
        """The name, or the address without its channel prefix where nobody gave a name."""
        return self.name or self.address.removeprefix("whatsapp:")


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a view in its order, the first of them `start` rows below its top."""

    start: int
    rows: list[ConversationRow]
    total: int  # rows of the whole view


@dataclass(frozen=True, slots=True)
class Counters:
    """How many conversations each filter holds, and how many unread conversations are mine.

    `inboxes` and `labels` count the open ones of each.
    """

    mine: int
    unassigned: int
    all: int
    unread: int
    snoozed: int = 0
    resolved: int = 0
    inboxes: Mapping[InboxId, int] = field(default_factory=dict)
    labels: Mapping[LabelId, int] = field(default_factory=dict)
