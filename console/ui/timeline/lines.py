"""What the thread paints besides bubbles: lines between days, the focus ring, signs of waiting."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import BUBBLE_RADIUS
from console.ui.theme.type import Role
from console.ui.timeline.rows import DayRow, EventRow, NewRow
from console.ui.widgets.painting import Aside, draw_line, draw_pill, is_mirrored, pill_width

EVENT_HEIGHT = 26
# Widths as parts of the view, to the left or (negative) to the right; heights in px.
SKELETON = ((0.42, 44), (0.55, 66), (-0.48, 44), (0.3, 40), (-0.6, 84), (0.5, 44))


def paint_line(
    painter: QPainter, theme: Theme, row: DayRow | NewRow | EventRow, room: QRectF
) -> None:
    """The line between two days, above what is new, or of what happened."""
    y = room.y()
    if isinstance(row, EventRow):
        rect = QRectF(room.x() + 40, y, room.width() - 80, theme.px(EVENT_HEIGHT))
        painter.setPen(theme.color("muted"))
        draw_line(painter, rect, row.text, theme.font(Role.STAMP), Qt.AlignmentFlag.AlignHCenter)
        return
    height = theme.px(22)
    middle = y + theme.px(42) / 2 + 4
    ground, ink = "thread", "muted"
    if isinstance(row, NewRow):
        text = translate("timeline", "%n new message(s)", "", row.count)
        ground, ink = "accent_soft", "on_accent_soft"
    else:
        text = row.text
    wide = pill_width(theme, text, Role.STAMP_STRONG, 12)
    rect = QRectF(room.center().x() - wide / 2, middle - height / 2, wide, height)
    painter.setPen(QPen(theme.color("line"), 1))
    painter.drawLine(QPointF(room.left() + 22, middle), QPointF(rect.left() - 8, middle))
    painter.drawLine(QPointF(rect.right() + 8, middle), QPointF(room.right() - 22, middle))
    draw_pill(painter, theme, rect, text, ground, ink, Role.STAMP_STRONG, height / 2)


def paint_ring(painter: QPainter, theme: Theme, bubble: QRectF) -> None:
    """The bubble that the keyboard stands on."""
    painter.setPen(QPen(theme.color("accent"), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(bubble.adjusted(-3, -3, 3, 3), BUBBLE_RADIUS + 2, BUBBLE_RADIUS + 2)


def paint_glow(painter: QPainter, theme: Theme, frame: QPainterPath, level: float) -> None:
    """The bubble that was jumped to; `level` is 0..1."""
    with Aside(painter):
        painter.setOpacity(0.28 * level)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent"))
        painter.drawPath(frame)


def paint_skeleton(painter: QPainter, theme: Theme, width: float, height: float) -> None:
    """Bubbles to be, in a thread that this machine has never seen."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("skeleton"))
    y = height - 20
    for part, tall in reversed(SKELETON):
        wide = abs(part) * width * 0.8
        x = 22.0 if (part > 0) is not is_mirrored(painter) else width - 22 - wide
        y -= tall
        painter.drawRoundedRect(QRectF(x, y, wide, tall), BUBBLE_RADIUS, BUBBLE_RADIUS)
        y -= 12


def paint_older(painter: QPainter, theme: Theme, width: float, *, offline: bool) -> None:
    """Older messages are on their way, or wait for the line."""
    text = (
        translate("timeline", "Older messages come when the line is back")
        if offline
        else translate("timeline", "Loading older messages…")
    )
    wide = pill_width(theme, text, Role.STAMP_STRONG, 12)
    rect = QRectF((width - wide) / 2, 8, wide, theme.px(24))
    draw_pill(painter, theme, rect, text, "surface", "muted", Role.STAMP_STRONG, 12)
