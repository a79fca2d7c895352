"""The thread for those who hear it: each row as a sentence, and what arrives while they listen."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from console.domain.content import Kind
from console.domain.delivery import Direction
from console.domain.message import Message
from console.ui import words
from console.ui.language import translate
from console.ui.timeline.formatting import formatted
from console.ui.timeline.rows import MessageRow, NewRow, Row
from console.ui.times import clock

LONGEST = 2_000  # characters


def sentence(row: Row) -> str:
    """A row as it is read out: who, what, in answer to what, when, and how far it has come."""
    if isinstance(row, MessageRow):
        return spoken(row.message, count=len(row.album) or 1)
    return "" if isinstance(row, NewRow) else row.text


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
    if content.forwarded:
        parts.append(translate("timeline", "Forwarded"))
    if message.automatic:
        parts.append(translate("timeline", "Automatic"))
    parts.append(clock(message.timestamp))
    if message.is_failed:
        parts.append(f"{words.status(message.status)}: {words.reason(message).text}")
    elif message.direction is Direction.OUTBOUND and message.status is not None:
        parts.append(words.status(message.status))
    return ", ".join(part for part in parts if part)


def announce(speaker: QObject, text: str) -> None:
    """Have a screen reader say `text` now, if one listens."""
    if text and QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(speaker, text))


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
    elif content.kind is Kind.DOCUMENT and content.media:
        about = ", ".join(words.file_name(item.name) for item in content.media)
    return ", ".join(part for part in (name, about, text if text != about else "") if part)
