"""A template that was sent: its name above what the customer saw, its buttons below."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from console.domain.message import Message
from console.ui.language import translate
from console.ui.theme.type import Role
from console.ui.timeline.blocks import icon_line
from console.ui.timeline.context import Block, Context, Hit
from console.ui.timeline.renderers.text import blocks_of
from console.ui.widgets.painting import draw_line
from console.ui.words import one_line

MOST, ROW = 10, 30


@dataclass(frozen=True, slots=True)
class ButtonsBlock:
    """What the customer could tap, one under the other; nothing to click here."""

    size: QSizeF
    words: tuple[str, ...]

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        theme = context.theme
        tall = theme.px(ROW)
        for place, text in enumerate(self.words):
            rect = QRectF(at.x(), at.y() + place * tall, self.size.width(), tall)
            painter.setPen(QPen(theme.color("quote_out"), 1))
            painter.drawLine(rect.topLeft(), rect.topRight())
            painter.setPen(theme.color("on_accent_soft"))
            face = theme.font(Role.BASE_MEDIUM)
            draw_line(painter, rect, text, face, Qt.AlignmentFlag.AlignHCenter)

    def hit(self, point: QPointF) -> Hit | None:
        return None


def measure(message: Message, width: float, context: Context) -> list[Block]:
    name = one_line(message.content.template_name or "", 60)
    mark = translate("words", "Template")
    mark = f"{mark} · {name}" if name else mark
    blocks: list[Block] = [icon_line(context.theme, "layout-template", mark, width, "on_bubble")]
    blocks += blocks_of(message, message.content.text, width, context)
    offered = context.buttons.get(message.content.template_name or "", ())[:MOST]
    if offered:
        theme = context.theme
        words = tuple(one_line(text, 60) for text in offered)
        metrics = QFontMetricsF(theme.font(Role.BASE_MEDIUM))
        wide = max(
            *(metrics.horizontalAdvance(text) + 24 for text in words),
            *(block.size.width() for block in blocks),
        )
        tall = float(theme.px(ROW) * len(words))
        blocks.append(ButtonsBlock(QSizeF(min(width, wide), tall), words))
    return blocks
