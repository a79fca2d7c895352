"""A template that was sent, with its name above what the customer saw."""

from __future__ import annotations

from console.domain.message import Message
from console.ui.language import translate
from console.ui.timeline.blocks import icon_line
from console.ui.timeline.context import Block, Context
from console.ui.timeline.renderers.text import blocks_of
from console.ui.words import one_line


def measure(message: Message, width: float, context: Context) -> list[Block]:
    name = one_line(message.content.template_name or "", 60)
    mark = translate("words", "Template")
    mark = f"{mark} · {name}" if name else mark
    blocks: list[Block] = [icon_line(context.theme, "layout-template", mark, width, "on_bubble")]
    return blocks + blocks_of(message, message.content.text, width, context)
