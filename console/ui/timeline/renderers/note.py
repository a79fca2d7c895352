"""A note: what the team says among itself, with the people it mentions."""

from __future__ import annotations

from console.domain.message import Message
from console.ui.isolates import apart
from console.ui.language import translate
from console.ui.theme.type import Role
from console.ui.timeline.blocks import paragraph
from console.ui.timeline.context import Block, Context
from console.ui.timeline.text import measure_text
from console.ui.words import one_line, short_name


def measure(message: Message, width: float, context: Context) -> list[Block]:
    theme = context.theme
    head = translate("timeline", "Internal note")
    if message.sender_name:
        head = f"{head} · {apart(one_line(short_name(message.sender_name), 40))}"
    title = measure_text(
        head, theme.font(Role.STAMP_STRONG), width, ink="warning", most_lines=1, leading=1.2
    )
    text = message.content.text.rstrip() or "…"
    return [title, paragraph(context, text, width, names=context.names)]
