"""The customer's tap on a button or a list row of ours."""

from __future__ import annotations

from console.domain.content import Kind
from console.domain.message import Message
from console.ui.language import translate
from console.ui.theme.type import Role
from console.ui.timeline.blocks import icon_line
from console.ui.timeline.context import Block, Context
from console.ui.timeline.renderers.text import blocks_of
from console.ui.timeline.text import measure_text
from console.ui.words import KIND_ICONS


def measure(message: Message, width: float, context: Context) -> list[Block]:
    theme, content = context.theme, message.content
    kind = content.kind
    mark = (
        translate("timeline", "Chose from the list")
        if kind is Kind.LIST
        else translate("timeline", "Pressed a button")
    )
    blocks: list[Block] = [icon_line(theme, KIND_ICONS[kind], mark, width, "on_bubble")]
    picked = content.choice
    blocks += blocks_of(message, (picked.text if picked else "") or content.text, width, context)
    if picked is not None and picked.description:
        blocks.append(
            measure_text(picked.description, theme.font(Role.SMALL), width, ink="on_bubble")
        )
    return blocks
