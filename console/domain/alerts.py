"""When to call an agent: what happened, what they want to hear of, and how it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum

from console.domain.content import Kind as Content
from console.domain.conversation import ConversationRow
from console.domain.ids import ConversationId, ProfileId
from console.domain.message import Message
from console.domain.window import window_of

REPEAT = timedelta(minutes=2)
REPEATS = 5  # an assignment that nobody looks at is told so often more
REMIND = timedelta(hours=1)  # before a window closes on a customer who waits


class What(StrEnum):
    """What an alert is about."""

    MESSAGE = "message"
    ASSIGNED = "assigned"
    MENTIONED = "mentioned"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What this agent wants. Quiet hours go over midnight where `quiet_from` is the later one."""

    on: bool = True
    content: bool = True
    sound: bool = True
    quiet_from: time | None = None
    quiet_until: time | None = None
    muted: frozenset[ConversationId] = field(default_factory=frozenset)
    shielded: bool = False

    def is_quiet(self, local: time) -> bool:
        """Whether `local`, the time on this agent's clock, lies in the quiet hours."""
        start, end = self.quiet_from, self.quiet_until
        if start is None or end is None or start == end:
            return False
        if start < end:
            return start <= local < end
        return local >= start or local < end


@dataclass(frozen=True, slots=True)
class Scene:
    """How things stand here: what is in front of this agent's eyes, and the time on their clock."""

    me: ProfileId | None
    local: time
    on_screen: frozenset[ConversationId] = field(default_factory=frozenset)
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Telling:
    """How an alert is told. `content` is false where neither who nor what may be seen."""

    shown: bool
    sound: bool
    content: bool


SILENCE = Telling(shown=False, sound=False, content=False)


def telling(what: What, row: ConversationRow, wishes: Wishes, scene: Scene) -> Telling:
    """Whether and how to tell; never of what is on screen, or of what is a colleague's.

    A muted conversation, and what a blocked customer writes, is silent but for what is asked of
    this agent by name.
    """
    if not wishes.on or row.id in scene.on_screen:
        return SILENCE
    is_anybodys = row.assignee_id is None or row.assignee_id == scene.me
    is_silent = row.blocked or row.id in wishes.muted or not is_anybodys
    if what in (What.MESSAGE, What.CLOSING) and is_silent:
        return SILENCE
    if wishes.is_quiet(scene.local):
        return SILENCE
    content = wishes.content and not wishes.shielded and not scene.locked
    return Telling(shown=True, sound=wishes.sound, content=content)


def asked_of(me: ProfileId, messages: Sequence[Message], since: datetime) -> Message | None:
    """The newest thing of a thread that a colleague asked of `me` by name, after `since`.

    An assignment that was not this agent's own doing, or a note that mentions them.
    """
    for message in reversed(messages):
        if message.timestamp <= since:
            return None
        if message.sent_by == me:
            continue
        event = message.content.event
        if event is not None and event.kind == "assigned":
            return message if event.data.get("assignee_id") == me else None
        if message.content.kind is Content.NOTE and me in message.content.mentions:
            return message
    return None


def closes_soon(row: ConversationRow, now: datetime) -> bool:
    """Whether the window closes within `REMIND` on somebody who still waits."""
    left = window_of(row.channel, row.last_inbound_at, now).left
    return row.waiting_since is not None and left is not None and timedelta(0) < left <= REMIND


def reminds(messages: Sequence[Message], since: datetime) -> bool:
    """Whether the server told after `since` that the thread's window closes soon.

    How long before is the inbox's own setting there.
    """
    events = (m.content.event for m in messages if m.timestamp > since)
    return any(event is not None and event.kind == "window_closing" for event in events)


@dataclass(slots=True)
class Repeating:
    """Assignments that were told and not looked at yet: told again, a few times."""

    _due: dict[ConversationId, tuple[datetime, int]] = field(default_factory=dict)

    def begin(self, conversation_id: ConversationId, now: datetime) -> None:
        """It was told just now."""
        self._due[conversation_id] = (now + REPEAT, REPEATS)

    def seen(self, conversation_id: ConversationId) -> None:
        """The agent has it before their eyes, or it is no longer theirs."""
        self._due.pop(conversation_id, None)

    def due(self, now: datetime, *, quiet: bool) -> list[ConversationId]:
        """Those to tell again now. In quiet hours they wait, and are told after them."""
        if quiet:
            return []
        found = []
        for id, (moment, left) in list(self._due.items()):
            if moment <= now:
                found.append(id)
                if left > 1:
                    self._due[id] = (now + REPEAT, left - 1)
                else:
                    del self._due[id]
        return found

    @property
    def is_empty(self) -> bool:
        return not self._due


@dataclass(slots=True)
class Reminded:
    """Windows of which this agent was reminded: once each."""

    _told: dict[ConversationId, datetime | None] = field(default_factory=dict)

    def is_new(self, row: ConversationRow) -> bool:
        """Whether this window was not told of; from here on it was."""
        if self._told.get(row.id, None) == row.last_inbound_at and row.id in self._told:
            return False
        self._told[row.id] = row.last_inbound_at
        return True


def moment_of_day(text: str) -> time | None:
    """ "22:00" as a time; None for what is none, or for nothing."""
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        return None
