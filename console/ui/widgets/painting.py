"""Shapes and texts that painted rows share: pills, badges, one-line texts."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath

from console.ui.theme.theme import Theme
from console.ui.theme.type import Role

PLAIN = Qt.TextFlag.TextSingleLine


def draw_line(
    painter: QPainter,
    rect: QRectF,
    text: str,
    face: QFont,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> float:
    """One line of plain text, cut with an ellipsis; returns the width drawn."""
    metrics = QFontMetricsF(face)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.setFont(face)
    painter.drawText(rect, int(align | Qt.AlignmentFlag.AlignVCenter | PLAIN), shown)
    return min(metrics.horizontalAdvance(shown), rect.width())


def pill_width(theme: Theme, text: str, role: Role = Role.TINY, pad: float = 7) -> float:
    return QFontMetricsF(theme.font(role)).horizontalAdvance(text) + 2 * pad


def draw_pill(
    painter: QPainter,
    theme: Theme,
    rect: QRectF,
    text: str,
    ground: str,
    ink: str,
    role: Role = Role.TINY,
    radius: float = 5,
) -> None:
    """A small label on a coloured ground; `ground` and `ink` name tokens."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(ground))
    painter.drawRoundedRect(rect, radius, radius)
    painter.setPen(theme.color(ink))
    painter.setFont(theme.font(role))
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter | PLAIN), text)
    painter.restore()


def badge_text(count: int) -> str:
    return "99+" if count > 99 else str(count)


def draw_badge(
    painter: QPainter, theme: Theme, right: QPointF, count: int, ground: str, ink: str
) -> float:
    """A round counter whose right middle is `right`; returns its width."""
    text = badge_text(count)
    height = float(theme.px(18))
    width = max(height, pill_width(theme, text, Role.TINY, 5))
    rect = QRectF(right.x() - width, right.y() - height / 2, width, height)
    draw_pill(painter, theme, rect, text, ground, ink, Role.TINY, height / 2)
    return width


def rounded(
    rect: QRectF, top_left: float, top_right: float, bottom_right: float, bottom_left: float
) -> QPainterPath:
    """A rectangle with four radii, for bubbles with a tail corner."""
    path = QPainterPath()
    path.moveTo(rect.left() + top_left, rect.top())
    path.lineTo(rect.right() - top_right, rect.top())
    path.arcTo(rect.right() - 2 * top_right, rect.top(), 2 * top_right, 2 * top_right, 90, -90)
    path.lineTo(rect.right(), rect.bottom() - bottom_right)
    path.arcTo(
        rect.right() - 2 * bottom_right,
        rect.bottom() - 2 * bottom_right,
        2 * bottom_right,
        2 * bottom_right,
        0,
        -90,
    )
    path.lineTo(rect.left() + bottom_left, rect.bottom())
    path.arcTo(
        rect.left(), rect.bottom() - 2 * bottom_left, 2 * bottom_left, 2 * bottom_left, 270, -90
    )
    path.lineTo(rect.left(), rect.top() + top_left)
    path.arcTo(rect.left(), rect.top(), 2 * top_left, 2 * top_left, 180, -90)
    path.closeSubpath()
    return path
