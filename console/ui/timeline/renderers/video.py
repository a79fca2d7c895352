"""A video: a card that opens in the system's player."""

from __future__ import annotations

from console.domain.message import Message
from console.ui.language import translate
from console.ui.timeline.blocks import card
from console.ui.timeline.context import Block, Context, Hit, Target
from console.ui.timeline.renderers.text import blocks_of
from console.ui.times import size
from console.ui.words import file_name


def measure(message: Message, width: float, context: Context) -> list[Block]:
    blocks: list[Block] = []
    for item in message.content.media:
        name = file_name(item.name, translate("words", "Video"))
        facts = [
            translate("words", "Video"),
            size(item.size) if item.size else "",
        ]
        detail = " · ".join(part for part in facts if part)
        target = Hit(Target.MEDIA, str(item.index), name)
        blocks.append(card(context, "play", name, detail, width, target))
    return blocks + blocks_of(message, message.content.text, width, context)
