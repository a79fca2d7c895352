"""One line of a found text with its matches marked, whichever way the text runs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QPainter,
    QTextCharFormat,
    QTextLayout,
    QTextLine,
    QTextOption,
)

from console.ui.isolates import END, runs, units_of
from console.ui.theme.theme import Theme, color
from console.ui.widgets.painting import elided, is_mirrored, runs_from_right

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute


def draw_marked(
    painter: QPainter,
    theme: Theme,
    rect: QRectF,
    pieces: Sequence[tuple[str, bool]],
    face: QFont,
    ink: str,
    ground: str = "",
) -> None:
    """Draw the pieces one after the other in the painter's pen; those that are True are matches.

    A match is half bold in `ink`, on a rounded `ground` where that is named; both name tokens.
    """
    layout, line, spans = _laid_out(theme, _isolated(pieces), face, ink, rect.width())
    left = rect.x()
    if is_mirrored(painter):
        left = rect.right() - line.naturalTextWidth()
    top = rect.center().y() - line.height() / 2
    if ground:
        pen = painter.pen()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(ground))
        for start, length in spans:
            ends = start, start + length - 1
            # Both edges of a sign: where the direction turns, the next one stands elsewhere.
            edges = sorted(_x(line, unit, edge) for unit in ends for edge in QTextLine.Edge)
            tall = theme.px(17)
            mark = QRectF(left + edges[0], rect.center().y() - tall / 2, edges[-1] - edges[0], tall)
            painter.drawRoundedRect(mark, 3, 3)
        painter.setPen(pen)
    layout.draw(painter, QPointF(left, top))


def _isolated(pieces: Sequence[tuple[str, bool]]) -> Sequence[tuple[str, bool]]:
    """The pieces with the isolates that their whole line needs, none of them in a match's ends."""
    signs: dict[int, str] = {}
    for start, end, opening in runs("".join(piece for piece, _ in pieces)):
        signs[start] = signs.get(start, "") + opening
        signs[end] = signs.get(end, "") + END
    if not signs:
        return pieces
    made, at = [], 0
    for piece, is_match in pieces:
        cuts = sorted({at, *(place for place in signs if at <= place < at + len(piece))})
        for place, after in pairwise([*cuts, at + len(piece)]):
            made += [(signs.pop(place, ""), False), (piece[place - at : after - at], is_match)]
        at += len(piece)
    made += [(sign, False) for sign in signs.values()]
    return [(piece, is_match) for piece, is_match in made if piece]


def _laid_out(
    theme: Theme, pieces: Sequence[tuple[str, bool]], face: QFont, ink: str, width: float
) -> tuple[QTextLayout, QTextLine, list[tuple[int, int]]]:
    """The line, cut with an ellipsis, and the matches in it in UTF-16 units."""
    metrics, room = QFontMetricsF(face), width
    whole = "".join(piece for piece, _ in pieces)
    option = _option(bool(runs_from_right(whole)))
    while True:
        shown = elided(metrics, whole, room)
        formats, spans = _formats(theme, pieces, ink, units_of(shown))
        layout = QTextLayout(shown, face)
        layout.setTextOption(option)
        layout.setFormats(formats)
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(width)
        layout.endLayout()
        over = line.naturalTextWidth() - width
        if over <= 0 or room <= over:
            return layout, line, spans
        room -= over + 1  # the bold ones are wider than the metrics think


@cache
def _option(from_right: bool) -> QTextOption:
    """One line from the left, whichever way its text runs; shared, never to be changed."""
    option = QTextOption(_LEFT)
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    ways = Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft
    option.setTextDirection(ways[from_right])
    return option


@lru_cache(8)
def _match(ink: str) -> QTextCharFormat:
    """How a match in the colour #RRGGBB looks; shared, never to be changed."""
    made = QTextCharFormat()
    made.setFontWeight(QFont.Weight.DemiBold)
    made.setForeground(color(ink))
    return made


def _formats(
    theme: Theme, pieces: Sequence[tuple[str, bool]], ink: str, shown: int
) -> tuple[list[QTextLayout.FormatRange], list[tuple[int, int]]]:
    formats, spans, at = [], [], 0
    for piece, is_match in pieces:
        whole = units_of(piece)
        length = min(whole, shown - at)
        if is_match and length > 0:
            made = QTextLayout.FormatRange()
            made.start, made.length, made.format = at, length, _match(getattr(theme.tokens, ink))
            formats.append(made)
            spans.append((at, length))
        at += whole
    return formats, spans


def _x(line: QTextLine, unit: int, edge: QTextLine.Edge) -> float:
    found: Any = line.cursorToX(unit, edge)
    return float(found[0] if isinstance(found, tuple) else found)
