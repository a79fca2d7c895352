"""Shapes and texts that painted rows share: pills, badges, one-line texts."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath
from PySide6.QtWidgets import QStyle

from console.ui.isolates import END, isolated
from console.ui.theme.theme import Theme
from console.ui.theme.type import Role

PLAIN = Qt.TextFlag.TextSingleLine
ISOLATES = ("\u2066", "\u2067", "\u2068")  # what stands behind one runs by itself
LEFT_TO_RIGHT = "\u200e"  # before a text that runs so whatever its first letter
FIRST_LETTER = 400  # characters among which it is looked for
VARIANTS = "\u009c"  # between shorter and shorter texts, of which Qt takes the first that fits
SLACK = 16  # characters that may look otherwise where a text is cut behind them
_UNSEEN = re.compile("[\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")  # marks
# As numbers: Python's flags take longer to combine than Qt to draw.
_LEFT_TO_RIGHT = int(PLAIN | Qt.TextFlag.TextForceLeftToRight)
_RIGHT_TO_LEFT = int(PLAIN | Qt.TextFlag.TextForceRightToLeft)
_CENTRE = int(Qt.AlignmentFlag.AlignCenter)


class Aside:
    """What a painter is set to within `with` is undone behind it, also where something raises."""

    __slots__ = ("_painter",)

    def __init__(self, painter: QPainter) -> None:
        self._painter = painter

    def __enter__(self) -> None:
        self._painter.save()

    def __exit__(self, *_: object) -> None:
        self._painter.restore()


def runs_from_right(text: str) -> bool | None:
    """Whether the first letter belongs to a script from right to left; None without letters.

    A name set apart in a sentence says nothing of the sentence, unless there is nothing else.
    """
    apart, inner = 0, None
    for character in text[:FIRST_LETTER]:
        if character < "\u0590":
            if not character.isalpha():
                continue
            way = False
        elif character in ISOLATES:
            apart += 1
            continue
        elif character == END:
            apart = max(0, apart - 1)
            continue
        else:
            kind = unicodedata.bidirectional(character)
            if kind not in ("R", "AL", "L"):
                continue
            way = kind != "L"
        if not apart:
            return way
        inner = way if inner is None else inner
    return inner


def is_mirrored(painter: QPainter) -> bool:
    return painter.layoutDirection() is Qt.LayoutDirection.RightToLeft


def placed(painter: QPainter, whole: QRectF, rect: QRectF) -> QRectF:
    """A part of `whole`, given from left to right, where it lies in the painter's direction."""
    if not is_mirrored(painter):
        return rect
    return QRectF(QPointF(whole.left() + whole.right() - rect.right(), rect.y()), rect.size())


def draw_line(
    painter: QPainter,
    rect: QRectF,
    text: str,
    face: QFont,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> float:
    """One line of plain text, cut with an ellipsis; returns the width drawn.

    Left is where the painter's direction begins. The words run as their first letter does;
    numbers, addresses and names after an @ keep their order.
    """
    metrics, room = QFontMetricsF(face), rect.width()
    if VARIANTS not in text:
        text = isolated(text)
    shown, wide = text, 0.0
    if len(text) <= most_shown(metrics, room):
        wide = metrics.horizontalAdvance(text)  # to ask for an ellipsis takes as long as to draw
    if not wide or wide > room or VARIANTS in text:
        shown = elided(metrics, text, room)
        wide = metrics.horizontalAdvance(shown)
    painter.setFont(face)
    painter.drawText(rect, _side(painter.layoutDirection(), align) | _flags(text), shown)
    return min(wide, room)


def elided(metrics: QFontMetricsF, text: str, room: float) -> str:
    """As Qt cuts a text at its end, but of a long one only what may be shown is measured."""
    most = most_shown(metrics, room)
    # Qt puts the marks of direction that it cuts off behind the ellipsis.
    if len(text) > most and VARIANTS not in text and not _UNSEEN.search(text, most - SLACK):
        shown = metrics.elidedText(text[:most], Qt.TextElideMode.ElideRight, room)
        if len(shown) < most - SLACK:
            return shown
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)


def most_shown(metrics: QFontMetricsF, room: float) -> int:
    """Characters; hardly any words are so narrow that more of them have room."""
    return int(1.5 * max(0.0, room) / max(1.0, metrics.averageCharWidth())) + SLACK


@cache
def _side(direction: Qt.LayoutDirection, align: Qt.AlignmentFlag) -> int:
    """Where a line stands that begins where `direction` does."""
    side = QStyle.visualAlignment(direction, align | Qt.AlignmentFlag.AlignVCenter)
    return int(side | Qt.AlignmentFlag.AlignAbsolute)


def draw_centred(painter: QPainter, rect: QRectF, text: str) -> None:
    """A few words or a number in the middle, in the painter's face."""
    painter.drawText(rect, _CENTRE | _flags(text), isolated(text))


def _flags(text: str) -> int:
    return _RIGHT_TO_LEFT if runs_from_right(text) else _LEFT_TO_RIGHT


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
    with Aside(painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(ground))
        painter.drawRoundedRect(rect, radius, radius)
        painter.setPen(theme.color(ink))
        painter.setFont(theme.font(role))
        draw_centred(painter, rect, text)


def badge_text(count: int) -> str:
    return "99+" if count > 99 else str(count)


def badge_width(theme: Theme, count: int) -> float:
    return max(float(theme.px(18)), pill_width(theme, badge_text(count), Role.TINY, 5))


def draw_badge(
    painter: QPainter,
    theme: Theme,
    right: QPointF,
    count: int,
    ground: str,
    ink: str,
    tall: float | None = None,
) -> None:
    """A round counter whose right middle is `right`, as tall as all of them unless told."""
    height, width = tall or float(theme.px(18)), badge_width(theme, count)
    rect = QRectF(right.x() - width, right.y() - height / 2, width, height)
    draw_pill(painter, theme, rect, badge_text(count), ground, ink, Role.TINY, height / 2)


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
