"""The kind of a message, in a word; what there is to each stands in `content`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """The finer kind in `messages.metadata->>'kind'`."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT_CARD = "contact_card"
    BUTTON = "button"
    LIST = "list"
    TEMPLATE = "template"
    UNSUPPORTED = "unsupported"
    NOTE = "note"  # not a message: what only the team sees, in its place in the thread
    EVENT = "event"  # not a message: what happened to the conversation


def kind_of(message_type: str | None, metadata: Mapping[str, Any]) -> Kind:
    """The finer kind; a name that this version does not know is UNSUPPORTED, never an error."""
    name = metadata.get("kind") or message_type or Kind.TEXT
    try:
        return Kind(name)
    except ValueError:
        return Kind.UNSUPPORTED
