"""The thread's rows out of its messages: day lines, groups, the line of what is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.content import Kind
from console.domain.ids import MessageId, ProfileId
from console.domain.message import Message
from console.ui.events import sentence
from console.ui.times import clock, day_line

TOGETHER = timedelta(minutes=5)  # messages of one sender closer than this form a group


@dataclass(frozen=True, slots=True)
class DayRow:
    """The line between two days."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class NewRow:
    """The line above the first message that was unread when the thread was opened."""

    key: str
    count: int


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One bubble; `first` and `last` say where it stands in its group."""

    key: str
    message: Message
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class EventRow:
    """What happened to the conversation, as a quiet line."""

    key: str
    text: str


Row = DayRow | NewRow | MessageRow | EventRow


def rows_of(
    messages: Sequence[Message],
    now: datetime,
    new_from: MessageId | None = None,
    new_count: int = 0,
    me: ProfileId | None = None,
) -> list[Row]:
    """Rows for messages in order of time, oldest first."""
    rows: list[Row] = []
    for index, message in enumerate(messages):
        before = messages[index - 1] if index else None
        after = messages[index + 1] if index + 1 < len(messages) else None
        day = message.timestamp.astimezone().date()
        starts_day = before is None or before.timestamp.astimezone().date() != day
        is_new = message.id == new_from
        if starts_day:
            rows.append(DayRow(f"day:{day.isoformat()}", day_line(message.timestamp, now)))
        if is_new and new_count:
            rows.append(NewRow("new", new_count))
        if message.content.event is not None:
            by_me = me is not None and message.sent_by == me
            said = sentence(message.content.event, by_me=by_me, now=now)
            rows.append(EventRow(message.id, f"{said} · {clock(message.timestamp)}"))
            continue
        first = starts_day or is_new or before is None or not _together(before, message)
        last = after is None or after.id == new_from or not _together(message, after)
        rows.append(MessageRow(message.id, message, first, last))
    return rows


def _together(first: Message, second: Message) -> bool:
    return (
        first.direction is second.direction
        and (first.content.kind is Kind.NOTE) is (second.content.kind is Kind.NOTE)
        and first.content.event is None
        and second.content.event is None
        and first.sent_by == second.sent_by
        and first.automatic == second.automatic
        and not first.is_failed
        and second.timestamp - first.timestamp < TOGETHER
        and first.timestamp.astimezone().date() == second.timestamp.astimezone().date()
    )
