"""Blocks that several renderers stack: gaps, icon lines, files' cards, action links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from console.ui.theme.theme import Theme
from console.ui.theme.type import Role, pixels
from console.ui.timeline.context import Context, Hit
from console.ui.timeline.text import LEADING, TextBlock, measure_text
from console.ui.widgets.painting import draw_line, placed


@dataclass(frozen=True, slots=True)
class IconLine:
    """A small icon and one line of text, e.g. "Forwarded"."""

    size: QSizeF
    icon: str
    text: str
    ink: str
    role: Role
    is_cut: bool = False  # there was not room for the words

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        side = context.theme.px(13)
        top = at.y() + (self.size.height() - side) / 2
        whole = QRectF(at, self.size)
        spot = placed(painter, whole, QRectF(at.x(), top, side, side))
        context.theme.draw_icon(painter, self.icon, self.ink, spot)
        painter.setPen(context.theme.color(self.ink))
        rect = placed(painter, whole, whole.adjusted(side + 5, 0, 0, 0))
        draw_line(painter, rect, self.text, context.theme.font(self.role))

    def hit(self, point: QPointF) -> Hit | None:
        return None


def icon_line(
    theme: Theme, icon: str, text: str, width: float, ink: str, role: Role = Role.SMALL
) -> IconLine:
    face = theme.font(role)
    wanted = QFontMetricsF(face).horizontalAdvance(text) + theme.px(13) + 6
    height = round(pixels(face) * LEADING) + 2
    return IconLine(QSizeF(min(wanted, width), height), icon, text, ink, role, wanted > width)


@dataclass(frozen=True, slots=True)
class CardBlock:
    """An emblem with a name and a line of facts beside it: files, contacts, places."""

    size: QSizeF
    icon: str
    title: str
    detail: str
    target: Hit | None
    detail_ink: str = "on_bubble"
    ground: str = ""

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        theme = context.theme
        side = theme.px(40)
        whole = QRectF(at, self.size)
        spot = QRectF(at.x(), at.y() + (self.size.height() - side) / 2, side, side)
        spot = placed(painter, whole, spot)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(self.ground or "quote_in"))
        painter.drawRoundedRect(spot, 10, 10)
        small = theme.px(20)
        theme.draw_icon(
            painter,
            self.icon,
            "on_accent_soft",
            QRectF(spot.center().x() - small / 2, spot.center().y() - small / 2, small, small),
        )
        draw_two_lines(
            painter,
            theme,
            placed(painter, whole, whole.adjusted(side + 10, 0, 0, 0)),
            self.title,
            self.detail,
            self.detail_ink,
        )

    def hit(self, point: QPointF) -> Hit | None:
        inside = QRectF(QPointF(0, 0), self.size).contains(point)
        return self.target if inside else None


def draw_two_lines(
    painter: QPainter, theme: Theme, rect: QRectF, title: str, detail: str, ink: str
) -> None:
    """A strong line above a quiet one, the pair centred in `rect`."""
    first, second = float(theme.px(19)), float(theme.px(17))
    top = rect.y() + (rect.height() - first - second) / 2
    painter.setPen(theme.color("text"))
    draw_line(
        painter,
        QRectF(rect.x(), top, rect.width(), first),
        title,
        theme.font(Role.BASE_STRONG),
    )
    painter.setPen(theme.color(ink))
    draw_line(
        painter,
        QRectF(rect.x(), top + first, rect.width(), second),
        detail,
        theme.font(Role.STAMP),
    )


def card(
    context: Context, icon: str, title: str, detail: str, width: float, target: Hit | None
) -> CardBlock:
    theme = context.theme
    wide = max(
        QFontMetricsF(theme.font(Role.BASE_STRONG)).horizontalAdvance(title),
        QFontMetricsF(theme.font(Role.STAMP)).horizontalAdvance(detail),
    )
    side = theme.px(40)
    return CardBlock(
        size=QSizeF(min(width, max(wide + side + 12, theme.px(190))), side + 6),
        icon=icon,
        title=title,
        detail=detail,
        target=target,
        ground="quote_out" if context.outgoing else "quote_in",
    )


@dataclass(frozen=True, slots=True)
class ActionsBlock:
    """Links side by side, e.g. "Try again  Details"."""

    size: QSizeF
    actions: tuple[tuple[QRectF, str, Hit], ...]
    ink: str
    role: Role = Role.SMALL_STRONG
    turns: bool = True  # its places are mirrored with the desk

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        face = context.theme.font(self.role)
        face = type(face)(face)
        face.setUnderline(True)
        painter.setPen(context.theme.color(self.ink))
        whole = QRectF(at, self.size)
        for rect, text, _ in self.actions:
            draw_line(painter, placed(painter, whole, rect.translated(at)), text, face)

    def hit(self, point: QPointF) -> Hit | None:
        for rect, _, found in self.actions:
            if rect.adjusted(-4, -3, 4, 3).contains(point):
                return found
        return None


def actions(theme: Theme, entries: list[tuple[str, Hit]], ink: str) -> ActionsBlock:
    metrics = QFontMetricsF(theme.font(Role.SMALL_STRONG))
    height = float(theme.px(18))
    made, x = [], 0.0
    for text, found in entries:
        width = metrics.horizontalAdvance(text)
        made.append((QRectF(x, 0, width + 1, height), text, found))
        x += width + 10
    return ActionsBlock(QSizeF(max(0.0, x - 9), height), tuple(made), ink)


def paragraph(
    context: Context,
    text: str,
    width: float,
    *,
    large: bool = False,
    names: Sequence[str] | None = None,
) -> TextBlock:
    """A bubble's own text with its links."""
    theme = context.theme
    if large:
        return measure_text(text, theme.font(Role.EMOJI), width, leading=1.25)
    return measure_text(
        text,
        theme.font(Role.BUBBLE),
        width,
        link_color=theme.color("on_accent_soft"),
        rich=True,
        names=names,
    )
