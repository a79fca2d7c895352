"""What changed in the local store, announced after the commit: kinds and ids, never rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from console.domain.ids import ConversationId


class Link(StrEnum):
    """The line to the server, as the window shows it."""

    ONLINE = "online"
    CONNECTING = "connecting"
    OFFLINE = "offline"
    SIGNED_OUT = "signed_out"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The server would not do what the agent wanted; what they saw was undone.

    `act` is assign, status (snooze, resolve, reopen) or label; `code` the rule's short name. With
    `act` note the note is kept, but those whom `text` names were not mentioned. An assign with the
    code `taken` was to take what a colleague, named by `text`, has got meanwhile.
    """

    conversation_id: ConversationId
    act: str
    code: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Changes:
    """One commit's announcement. Empty sets mean: nothing of that kind changed.

    `arrived` names conversations with a new inbound message that came live (not by the first
    pull), for notifications. `sending` means: whether replies leave at all. `team` means: labels,
    canned replies, templates, inboxes or people. `refusals` are to be told. `everything` asks each
    view to load anew.
    """

    conversations: frozenset[ConversationId] = field(default_factory=frozenset)
    threads: frozenset[ConversationId] = field(default_factory=frozenset)
    arrived: frozenset[ConversationId] = field(default_factory=frozenset)
    media: frozenset[str] = field(default_factory=frozenset)
    outbox: bool = False
    drafts: bool = False
    sending: bool = False
    team: bool = False
    refusals: tuple[Refusal, ...] = ()
    link: Link | None = None
    everything: bool = False
