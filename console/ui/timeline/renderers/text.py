"""Text, folded when it is very long; emoji alone are large."""

from __future__ import annotations

from console.domain.message import Message
from console.ui.language import translate
from console.ui.timeline.blocks import actions, paragraph
from console.ui.timeline.context import Block, Context, Hit, Target
from console.ui.timeline.text import is_emoji_only

FOLD_CHARACTERS = 1800
FOLD_LINES = 30
MOST_CHARACTERS = 20_000  # laid out at once; copying still gives everything


def measure(message: Message, width: float, context: Context) -> list[Block]:
    return blocks_of(message, message.content.text, width, context)


def blocks_of(message: Message, text: str, width: float, context: Context) -> list[Block]:
    """The blocks of a text or caption; nothing for an empty one."""
    text = text.rstrip()
    if not text:
        return []
    if is_emoji_only(text):
        return [paragraph(context, text, width, large=True)]
    shown = _fold(text)
    if len(shown) == len(text) or message.id in context.unfolded:
        return [paragraph(context, text[:MOST_CHARACTERS], width)]
    more = actions(
        context.theme,
        [(translate("timeline", "Read more"), Hit(Target.EXPAND))],
        "on_accent_soft",
    )
    return [paragraph(context, shown + "…", width), more]


def _fold(text: str) -> str:
    lines = text.split("\n", FOLD_LINES)
    shown = "\n".join(lines[:FOLD_LINES]) if len(lines) > FOLD_LINES else text
    return shown[:FOLD_CHARACTERS] if len(shown) > FOLD_CHARACTERS else shown
