"""The lines of a text on their grid: paragraphs that run the same way are laid out together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QTextLayout, QTextOption

from console.ui.isolates import FROM_RIGHT, Isolated, isolate, units_of
from console.ui.widgets.painting import runs_from_right

INDENT = 11.0  # px of a quotation
LINE_SEPARATOR = "\u2028"
MOST_TURNS = 200  # changes of direction that are followed; what comes after runs like the last


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Neighbouring paragraphs of one direction.

    `start` and `units` count UTF-16 units of the whole text, `top` px from its upper edge. What
    runs from the right hangs on the block's right edge. `layout` has isolates that the text has
    not: ask for its units by `bare` and `own`.
    """

    layout: QTextLayout
    isolated: Isolated
    start: int
    units: int
    top: float
    widths: tuple[float, ...]  # of the lines
    width: float
    from_right: bool
    bars: tuple[QRectF, ...]  # beside what is quoted, from the piece's upper left

    def x(self, width: float) -> float:
        """How far from the left it stands in a block of this width."""
        return width - self.width if self.from_right else 0.0

    def own(self, ranges: Sequence[QTextLayout.FormatRange]) -> list[QTextLayout.FormatRange]:
        """The parts of ranges over the whole text that lie in this piece, counted from it."""
        return _within(ranges, self.start, self.units, self.isolated)

    def bare(self, unit: int) -> int:
        """The unit of the whole text that stands at one of the layout's."""
        return self.start + self.isolated.bare(unit)


def pieces_of(
    text: str,
    face: QFont,
    width: float,
    line_height: float,
    *,
    formats: Sequence[QTextLayout.FormatRange] = (),
    quoted: Sequence[tuple[int, int]] = (),
    most_lines: int | None = None,
    at_right: bool = False,
) -> tuple[Piece, ...]:
    """Break a text, its lines ended by LINE_SEPARATOR, into lines no wider than `width`.

    `quoted` is from unit to unit; `at_right` hangs all of it on the right edge.
    """
    pieces: list[Piece] = []
    start, top = 0, 0.0
    runs = _runs(text)
    for part, lies_right, way in runs:
        side = lies_right or at_right
        left = None if most_lines is None else most_lines - round(top / line_height)
        if left is not None and left <= 0:
            break
        units = units_of(part)
        shown = isolate(part, lines=True)
        layout = _layout(shown.text, face, side, way)
        bare = Piece(layout, shown, start, units, top, (), 0.0, side, ())
        inward = [(first - start, last - start) for first, last in quoted]
        own = formats if len(runs) == 1 and not shown.places else bare.own(formats)
        made = _broken(bare, face, width, line_height, left, own, inward)
        pieces.append(made)
        start += units + 1
        top += line_height * max(1, len(made.widths))
    return tuple(pieces)


def _within(
    ranges: Sequence[QTextLayout.FormatRange], start: int, units: int, shown: Isolated
) -> list[QTextLayout.FormatRange]:
    found = []
    for whole in ranges:
        first = max(whole.start, start)
        last = min(whole.start + whole.length, start + units)
        if first < last:
            part = QTextLayout.FormatRange()
            part.start, end = shown.painted(first - start), shown.painted(last - start)
            part.length, part.format = end - part.start, whole.format
            found.append(part)
    return found


def _runs(text: str) -> list[tuple[str, bool, bool]]:
    """The text in pieces that lie and run the same way; the separators between them are left out.

    With each whether it lies on the right, and whether it runs from the right. What has no letters
    lies like the paragraph before, but numbers run from the left for everybody.
    """
    if not FROM_RIGHT.search(text):
        return [(text, False, False)]
    lines = text.split(LINE_SEPARATOR)
    ways = [runs_from_right(line) for line in lines]
    side = way = next((known for known in ways if known is not None), False)
    told, turns = [], 0
    for line, known in zip(lines, ways, strict=True):
        wanted = side, way
        if known is not None:
            wanted = known, known
        elif any(character.isdigit() for character in line):
            wanted = side, False
        if wanted != (side, way) and turns < MOST_TURNS:
            (side, way), turns = wanted, turns + 1
        told.append((line, (side, way)))
    return [
        (LINE_SEPARATOR.join(line for line, _ in group), *ways_of)
        for ways_of, group in groupby(told, key=lambda entry: entry[1])
    ]


def _layout(text: str, face: QFont, from_right: bool, turned: bool) -> QTextLayout:
    layout = QTextLayout(text, face)
    layout.setTextOption(_option(from_right, turned))
    return layout


@cache
def _option(from_right: bool, turned: bool) -> QTextOption:
    side = Qt.AlignmentFlag.AlignRight if from_right else Qt.AlignmentFlag.AlignLeft
    option = QTextOption(side | Qt.AlignmentFlag.AlignAbsolute)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    # Said each time: left to itself Qt takes the window's direction for a text without letters.
    option.setTextDirection(
        Qt.LayoutDirection.RightToLeft if turned else Qt.LayoutDirection.LeftToRight
    )
    return option


def _broken(
    piece: Piece,
    face: QFont,
    width: float,
    line_height: float,
    most_lines: int | None,
    formats: Sequence[QTextLayout.FormatRange],
    quoted: Sequence[tuple[int, int]],
) -> Piece:
    layout, metrics = piece.layout, QFontMetricsF(face)
    if formats:
        layout.setFormats(list(formats))
    painted = piece.isolated.painted
    quoted = [(painted(first), painted(last)) for first, last in quoted]
    lines = _break(layout, width, line_height, metrics, most_lines, quoted, piece.from_right)
    widths = tuple(wide for wide, _ in lines)
    natural = max(widths, default=0.0)
    if piece.from_right and widths:
        # Lines from the right hang on the line's width: break again within the width needed.
        natural += 1
        lines = _break(layout, natural, line_height, metrics, most_lines, quoted, True)
    bars = tuple(
        QRectF(natural - 3 if piece.from_right else 0, y + 1, 3, line_height - 2)
        for y, inset in ((place * line_height, inset) for place, (_, inset) in enumerate(lines))
        if inset
    )
    return replace(piece, widths=widths, width=natural, bars=bars)


def _break(
    layout: QTextLayout,
    width: float,
    line_height: float,
    metrics: QFontMetricsF,
    most_lines: int | None,
    quoted: Sequence[tuple[int, int]],
    from_right: bool,
) -> list[tuple[float, float]]:
    """Set the lines; returns how wide each is, and how far it stands in as a quotation's does."""
    lines: list[tuple[float, float]] = []
    lift = (line_height - metrics.ascent() - metrics.descent()) / 2
    layout.beginLayout()
    while most_lines is None or len(lines) < most_lines:
        line = layout.createLine()
        if not line.isValid():
            break
        start = line.textStart()
        inward = INDENT if any(first <= start < last for first, last in quoted) else 0.0
        line.setLineWidth(width - inward)
        # A line with an emoji is taller than the others: keep every baseline on the grid.
        top = len(lines) * line_height + lift + metrics.ascent() - line.ascent()
        line.setPosition(QPointF(0 if from_right else inward, top))
        lines.append((line.naturalTextWidth() + inward, inward))
    layout.endLayout()
    return lines
