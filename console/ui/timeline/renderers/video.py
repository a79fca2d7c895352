"""A video: its first picture, how long it is; a click plays it in the viewer."""

from __future__ import annotations

from PySide6.QtCore import QSizeF

from console.domain.content import MediaItem
from console.domain.message import Message
from console.ui.language import translate
from console.ui.timeline.context import Block, Context
from console.ui.timeline.renderers import image
from console.ui.timeline.renderers.text import blocks_of
from console.ui.times import length, size


def measure(message: Message, width: float, context: Context) -> list[Block]:
    if context.album or len(message.content.media) > 1:
        return image.measure(message, width, context)
    blocks: list[Block] = [video(item, width, context) for item in message.content.media]
    return blocks + blocks_of(message, message.content.text, width, context)


def video(item: MediaItem, width: float, context: Context, frame: QSizeF | None = None) -> Block:
    """A tile with its poster; `frame` where its size is given."""
    facts = context.pictures.facts(item)
    told = length(round(facts.seconds)) if facts is not None and facts.seconds else ""
    note = " · ".join(part for part in (told, size(item.size) if item.size else "") if part)
    name = translate("words", "Video")
    return image.picture(item, width, context, note=note or name, icon="play", frame=frame)
