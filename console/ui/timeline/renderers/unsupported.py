"""What this version cannot show: said plainly, with whatever text and files came along."""

from __future__ import annotations

from console.domain.message import Message
from console.ui.language import translate
from console.ui.theme.type import Role
from console.ui.timeline.blocks import icon_line
from console.ui.timeline.context import Block, Context
from console.ui.timeline.renderers.document import document
from console.ui.timeline.renderers.text import blocks_of
from console.ui.timeline.text import measure_text


def measure(message: Message, width: float, context: Context) -> list[Block]:
    said = translate("timeline", "Balas cannot show this kind of message yet")
    line = icon_line(context.theme, "circle-help", said, width, "on_bubble")
    blocks: list[Block] = [line]
    if line.is_cut:
        blocks = [measure_text(said, context.theme.font(Role.SMALL), width, ink="on_bubble")]
    blocks += [document(item, width, context) for item in message.content.media]
    return blocks + blocks_of(message, message.content.text, width, context)
