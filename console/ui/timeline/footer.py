"""The end of a bubble: sender, time and tick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QFontMetricsF, QPainter

from console.domain.content import Kind
from console.domain.delivery import Direction
from console.ui import words
from console.ui.language import translate
from console.ui.theme.type import Role
from console.ui.timeline.context import Context, Hit
from console.ui.timeline.ticks import TICKS
from console.ui.times import clock
from console.ui.widgets.painting import draw_line, placed

if TYPE_CHECKING:
    from console.domain.message import Message

ICON = 14


@dataclass(frozen=True, slots=True)
class Footer:
    """Painted at the bubble's lower right, on the text's last line where it fits."""

    size: QSizeF
    text: str
    icon: str
    ink: str
    tip: str
    lead: str = ""  # an icon before the words

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        theme = context.theme
        painter.setPen(theme.color("on_bubble"))
        rect = QRectF(at, self.size)
        side = theme.px(ICON)
        words_at = QRectF(rect)
        if self.lead:
            spot = QRectF(rect.x(), rect.y() + (rect.height() - side) / 2, side, side)
            theme.draw_icon(painter, self.lead, "on_bubble", placed(painter, rect, spot))
            words_at.setLeft(rect.x() + side + 4)
        draw_line(painter, placed(painter, rect, words_at), self.text, theme.font(Role.STAMP))
        if self.icon:
            spot = QRectF(rect.right() - side, rect.y() + (rect.height() - side) / 2, side, side)
            theme.draw_icon(painter, self.icon, self.ink, placed(painter, rect, spot))

    def hit(self, point: QPointF) -> Hit | None:
        return None


def measure(message: Message, context: Context) -> Footer:
    theme = context.theme
    parts = [clock(message.timestamp)]
    outgoing = message.direction is Direction.OUTBOUND
    if message.automatic:
        parts.insert(0, translate("timeline", "Automatic"))
    elif (
        outgoing
        and message.sender_name
        and message.sent_by != context.me
        and message.content.kind is not Kind.NOTE  # its head names the writer
    ):
        parts.insert(0, words.one_line(message.sender_name, 24))
    if message.upload is not None and message.upload < 1:
        parts = [
            translate("timeline", "Uploading {percent}%").format(
                percent=round(message.upload * 100)
            )
        ]
    icon, ink = "", ""
    if outgoing and message.status is not None:
        icon, ink = TICKS.get(message.status, ("", ""))
    text = " · ".join(parts)
    width = QFontMetricsF(theme.font(Role.STAMP)).horizontalAdvance(text) + 1
    lead = "bot" if message.automatic else ""
    width += (theme.px(ICON) + 4) * len([each for each in (icon, lead) if each])
    said = words.status(message.status)
    return Footer(QSizeF(width, theme.px(16)), text, icon, ink, said, lead)
