"""One renderer for each kind of content; the table ends in `unsupported`."""

from __future__ import annotations

from collections.abc import Callable

from console.domain.content import Kind
from console.domain.message import Message
from console.ui.timeline.context import Block, Context
from console.ui.timeline.renderers import (
    audio,
    choice,
    contact_card,
    document,
    faults,
    image,
    location,
    note,
    sticker,
    template,
    text,
    unsupported,
    video,
)

# Blocks for one message, top to bottom, none wider than the width given.
Renderer = Callable[[Message, float, Context], list[Block]]

RENDERERS: dict[Kind, Renderer] = {
    Kind.TEXT: text.measure,
    Kind.IMAGE: image.measure,
    Kind.VIDEO: video.measure,
    Kind.AUDIO: audio.measure,
    Kind.DOCUMENT: document.measure,
    Kind.STICKER: sticker.measure,
    Kind.LOCATION: location.measure,
    Kind.CONTACT_CARD: contact_card.measure,
    Kind.BUTTON: choice.measure,
    Kind.LIST: choice.measure,
    Kind.TEMPLATE: template.measure,
    Kind.UNSUPPORTED: unsupported.measure,
    Kind.NOTE: note.measure,
}


def measure(message: Message, width: float, context: Context) -> list[Block]:
    """The blocks of a message's content, and under them what is wrong with its files."""
    renderer = RENDERERS.get(message.content.kind, unsupported.measure)
    return renderer(message, width, context) + faults.measure(message, width, context)
