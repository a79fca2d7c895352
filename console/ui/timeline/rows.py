"""The thread's rows out of its messages: day lines, groups, the line of what is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from console.domain.content import Kind
from console.domain.ids import MessageId, ProfileId
from console.domain.message import Message
from console.ui.events import sentence
from console.ui.times import clock, day_line

TOGETHER = timedelta(minutes=5)  # messages of one sender closer than this form a group
ALBUM = timedelta(minutes=1)  # pictures closer than this form an album
MOST_IN_ALBUM = 30


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
    """One bubble; `first` and `last` say where it stands in its group.

    Pictures that came one right after the other make one bubble: `album` has their messages,
    oldest first, and `message` is the newest with the text that came with any of them.
    """

    key: str
    message: Message
    first: bool
    last: bool
    album: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class EventRow:
    """What happened to the conversation, as a quiet line."""

    key: str
    text: str


Row = DayRow | NewRow | MessageRow | EventRow


class RowMaker:
    """Makes a thread's rows whenever it was read. Those that stay as they were are kept."""

    def __init__(self) -> None:
        self._about: tuple[object, ...] = ()
        self._known: dict[MessageId, _Bubble] = {}  # by their first messages

    def rows(
        self,
        messages: Sequence[Message],
        now: datetime,
        new_from: MessageId | None = None,
        new_count: int = 0,
        me: ProfileId | None = None,
    ) -> list[Row]:
        """Rows for messages in order of time, oldest first."""
        today = now.astimezone()
        about = today.date(), today.utcoffset(), new_from, new_count, me
        known = self._known if about == self._about else {}
        self._about, self._known = about, {}
        rows: list[Row] = []
        index = 0
        while index < len(messages):
            first = messages[index]
            bubble = known.get(first.id)
            if bubble is None or bubble.near != _near(messages, index, bubble.count):
                bubble = _bubble(messages, index, now, new_from, new_count, me)
            self._known[first.id] = bubble
            rows += bubble.rows
            index += bubble.count
        return rows


def rows_of(
    messages: Sequence[Message],
    now: datetime,
    new_from: MessageId | None = None,
    new_count: int = 0,
    me: ProfileId | None = None,
) -> list[Row]:
    """The rows of messages that are looked at once."""
    return RowMaker().rows(messages, now, new_from, new_count, me)


@dataclass(frozen=True, slots=True)
class _Bubble:
    """The rows that `count` messages make, with the lines above; `near` is all they depend on."""

    count: int
    near: tuple[Message | None, ...]
    rows: tuple[Row, ...]


def _near(messages: Sequence[Message], index: int, count: int) -> tuple[Message | None, ...]:
    """Some messages with the one before and the one after."""
    end = index + count
    before = messages[index - 1] if index else None
    return before, *messages[index:end], messages[end] if end < len(messages) else None


def _bubble(
    messages: Sequence[Message],
    index: int,
    now: datetime,
    new_from: MessageId | None,
    new_count: int,
    me: ProfileId | None,
) -> _Bubble:
    album = _album(messages, index, new_from)
    near = before, *_, after = _near(messages, index, len(album))
    message = _joined(album)
    rows: list[Row] = []
    is_new = album[0].id == new_from
    day = message.timestamp.astimezone().date()
    starts_day = before is None or before.timestamp.astimezone().date() != day
    if starts_day:
        rows.append(DayRow(f"day:{day.isoformat()}", day_line(message.timestamp, now)))
    if is_new and new_count:
        rows.append(NewRow("new", new_count))
    if message.content.event is not None:
        by_me = me is not None and message.sent_by == me
        said = sentence(message.content.event, by_me=by_me, now=now)
        rows.append(EventRow(message.id, f"{said} · {clock(message.timestamp)}"))
    else:
        first = starts_day or is_new or before is None or not _together(before, album[0])
        last = after is None or after.id == new_from or not _together(message, after)
        rows.append(MessageRow(message.id, message, first, last, album if len(album) > 1 else ()))
    return _Bubble(len(album), near, tuple(rows))


def _album(
    messages: Sequence[Message], start: int, new_from: MessageId | None
) -> tuple[Message, ...]:
    """The messages from `start` on that make one bubble: mostly one."""
    found = [messages[start]]
    text = found[0].content.text
    while _is_picture(found[-1]) and start + len(found) < len(messages):
        following = messages[start + len(found)]
        if (
            len(found) >= MOST_IN_ALBUM
            or following.id == new_from
            or not _is_picture(following)
            or following.timestamp - found[-1].timestamp >= ALBUM
            or not _together(found[-1], following)
            or following.content.forwarded is not found[-1].content.forwarded
            or (text and following.content.text)
        ):
            break
        text = text or following.content.text
        found.append(following)
    return tuple(found)


def _is_picture(message: Message) -> bool:
    """A picture or video with nothing about it that a grid could not show."""
    return (
        message.content.kind in (Kind.IMAGE, Kind.VIDEO)
        and bool(message.content.media)
        and message.quote is None
        and message.content.referral is None
        and message.content.quoted_sid is None
        and not message.is_failed
        and not message.waiting
        and message.upload is None
        and message.last_try is None
    )


def _joined(album: tuple[Message, ...]) -> Message:
    text = next((m.content.text for m in album if m.content.text), "")
    last = album[-1]
    if text == last.content.text:
        return last
    return replace(last, content=replace(last.content, text=text))


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
