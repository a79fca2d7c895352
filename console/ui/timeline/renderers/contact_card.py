"""A contact that the customer shared."""

from __future__ import annotations

from console.domain.message import Message
from console.ui.language import translate
from console.ui.timeline.blocks import card
from console.ui.timeline.context import Block, Context, Hit, Target
from console.ui.timeline.renderers.text import blocks_of
from console.ui.words import file_name


def measure(message: Message, width: float, context: Context) -> list[Block]:
    blocks: list[Block] = []
    for item in message.content.media:
        name = file_name(item.name).removesuffix(".vcf") or translate("words", "Contact")
        target = Hit(Target.MEDIA, str(item.index), name)
        blocks.append(card(context, "contact", name, translate("words", "Contact"), width, target))
    return blocks + blocks_of(message, message.content.text, width, context)
