"""The thread for those who hear it: each row as a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from console.domain.content import Kind, MediaState
from console.domain.delivery import Direction
from console.domain.message import Message
from console.ui import failures, words
from console.ui.language import translate
from console.ui.timeline.formatting import formatted
from console.ui.timeline.rows import DayRow, EventRow, MessageRow, NewRow, Row
from console.ui.times import clock

LONGEST = 2_000  # characters


def sentence(rows: Sequence[Row], place: int) -> str:
    """A row as it is read out: who, what, in answer to what, when, and how far it has come.

    The first of a day, and the first that is new, say that before.
    """
    row = rows[place]
    said = [spoken(row.message, count=len(row.album) or 1) if isinstance(row, MessageRow) else ""]
    if isinstance(row, EventRow):
        said = [row.text]
    for line in reversed(rows[:place]):
        if isinstance(line, DayRow):
            said.insert(0, line.text)
        elif isinstance(line, NewRow):
            said.insert(0, translate("timeline", "%n new message(s)", "", line.count))
        else:
            break
    return ". ".join(said)


def spoken(message: Message, *, count: int = 1) -> str:
    """A message in one sentence; `count` pictures of an album are told together."""
    content = message.content
    who = words.sender(message)
    if content.kind is Kind.NOTE:
        who = translate("accessible", "Internal note by {name}").format(name=who)
    parts = [f"{who}: {_said(message, count)}"]
    if message.quote is not None:
        quoted = words.one_line(message.quote.text, 80)
        parts.append(translate("accessible", "in answer to: {text}").format(text=quoted))
    if content.referral is not None:
        parts.append(translate("timeline", "From an advertisement"))
        parts.append(words.one_line(content.referral.headline or ""))
    if content.forwarded:
        parts.append(translate("timeline", "Forwarded"))
    if message.automatic:
        parts.append(translate("timeline", "Automatic"))
    failed = [item for item in content.media if item.state is MediaState.FAILED]
    parts += [failures.file_fault(item.error).rstrip(".") for item in failed]
    parts.append(clock(message.timestamp))
    if message.is_failed:
        parts.append(f"{words.status(message.status)}: {failures.reason(message).text}")
    elif message.direction is Direction.OUTBOUND and message.status is not None:
        parts.append(words.status(message.status))
    if message.local:
        parts.append(words.waiting(message.waiting).rstrip("."))
    return ", ".join(part for part in parts if part)


def _said(message: Message, count: int) -> str:
    content = message.content
    text = words.one_line(formatted(content.text)[0], LONGEST)
    if content.kind in (Kind.TEXT, Kind.NOTE):
        return text
    name = words.kind(content.kind)
    if count > 1:
        name = f"{count} × {name}"
    place, choice = content.location, content.choice
    about = ""
    if place is not None:
        about = words.one_line(place.label or place.address or "")
    elif choice is not None:
        about = words.one_line(choice.text)
    elif content.kind in (Kind.DOCUMENT, Kind.CONTACT_CARD) and content.media:
        about = ", ".join(words.file_name(item.name) for item in content.media)
    return ", ".join(part for part in (name, about, text if text != about else "") if part)
