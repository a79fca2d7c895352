"""A text of one or several paragraphs: laid out once, links marked, painted anywhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QFont, QPainter, QTextCharFormat, QTextLayout, QTextLine

from console.ui.isolates import units_of
from console.ui.theme.type import pixels
from console.ui.timeline.context import Context, Hit, Target
from console.ui.timeline.formatting import Span, Style, formatted
from console.ui.timeline.links import Link, links_in
from console.ui.timeline.paragraphs import LINE_SEPARATOR, Piece, pieces_of

LEADING = 1.42  # line height in font sizes
MONOSPACE = ["Cascadia Mono", "SF Mono", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace"]
_AT = re.compile(r"(?<![\w@])@")
_NAME = re.compile(r"\w+(?:[.-]\w+)*")


@dataclass(frozen=True, slots=True, eq=False)
class TextBlock:
    """Laid-out text: paragraphs from the right hang on its right edge, the others on its left."""

    size: QSizeF
    line_height: float
    pieces: tuple[Piece, ...]
    links: tuple[Link, ...]
    text: str
    ink: str

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        self._paint(painter, at, context, self._marks(context))

    def paint_selected(
        self, painter: QPainter, at: QPointF, context: Context, start: int, end: int
    ) -> None:
        """As `paint`, with the UTF-16 units from `start` to `end` marked as selected."""
        theme = context.theme
        made = QTextLayout.FormatRange()
        made.start, made.length = start, end - start
        made.format = QTextCharFormat()
        made.format.setBackground(theme.color("accent"))
        made.format.setForeground(theme.color("on_accent"))
        self._paint(painter, at, context, [*self._marks(context), made])

    def _paint(
        self,
        painter: QPainter,
        at: QPointF,
        context: Context,
        marks: list[QTextLayout.FormatRange],
    ) -> None:
        for piece in self.pieces:
            spot = at + self._spot(piece)
            for bar in piece.bars:
                painter.fillRect(bar.translated(spot), context.theme.color("accent"))
            painter.setPen(context.theme.color(self.ink))
            piece.layout.draw(painter, spot, piece.own(marks))

    def stretched(self, width: float) -> TextBlock:
        """In a wider place: what runs from the right begins at its right edge."""
        return replace(self, size=QSizeF(width, self.size.height()))

    @property
    def ends_from_right(self) -> bool:
        """The last line runs from right to left."""
        return bool(self.pieces) and self.pieces[-1].from_right

    @property
    def is_one_line(self) -> bool:
        return self.size.height() <= self.line_height

    @property
    def last_width(self) -> float:
        """The last line's, where a footer may follow on."""
        return self.pieces[-1].widths[-1] if self.pieces and self.pieces[-1].widths else 0.0

    def unit_at(self, point: QPointF) -> int:
        """The UTF-16 unit before which a caret at `point` would stand."""
        if point.y() < 0 or not self.pieces:
            return 0
        if point.y() >= self.size.height():
            return self.units
        piece = next(piece for piece in reversed(self.pieces) if piece.top <= point.y())
        count = piece.layout.lineCount()
        if not count:
            return piece.start
        spot = point - self._spot(piece)
        place = min(count - 1, int(spot.y() // self.line_height))
        return piece.bare(int(piece.layout.lineAt(place).xToCursor(spot.x())))

    @property
    def units(self) -> int:
        """UTF-16 units in the text."""
        return units_of(self.text)

    def piece(self, start: int, end: int) -> str:
        """The text between two units, with its own line ends."""
        raw = self.text.encode("utf-16-le", "surrogatepass")[start * 2 : end * 2]
        return raw.decode("utf-16-le", "ignore").replace(LINE_SEPARATOR, "\n")

    def word_at(self, unit: int) -> tuple[int, int]:
        """The word around a unit."""
        place = min(_characters(self.text, unit), max(0, len(self.text) - 1))
        start = end = place
        while start > 0 and _is_in_word(self.text[start - 1]):
            start -= 1
        while end < len(self.text) and _is_in_word(self.text[end]):
            end += 1
        return units_of(self.text[:start]), units_of(self.text[: max(end, start)])

    def hit(self, point: QPointF) -> Hit | None:
        for piece in self.pieces if self.links else ():
            spot = point - self._spot(piece)
            for index in range(piece.layout.lineCount()):
                line = piece.layout.lineAt(index)
                rect = line.naturalTextRect()
                row = QRectF(rect.x(), line.y(), rect.width(), self.line_height)
                if row.contains(spot):
                    unit = line.xToCursor(spot.x(), QTextLine.CursorPosition.CursorOnCharacter)
                    place = _characters(self.text, piece.bare(unit))
                    for link in self.links:
                        if link.start <= place < link.start + link.length:
                            return Hit(Target.LINK, link.url, link.host)
        return None

    def _spot(self, piece: Piece) -> QPointF:
        return QPointF(piece.x(self.size.width()), piece.top)

    def _marks(self, context: Context) -> list[QTextLayout.FormatRange]:
        if not self.links or context.hovered is None or context.hovered.target is not Target.LINK:
            return []
        return [
            _range(self.text, link.start, link.length, underline=True)
            for link in self.links
            if link.url == context.hovered.value
        ]


def measure_text(
    text: str,
    face: QFont,
    width: float,
    *,
    ink: str = "text",
    link_color: object = None,
    most_lines: int | None = None,
    leading: float = LEADING,
    rich: bool = False,
    names: Sequence[str] | None = None,
    at_right: bool = False,
) -> TextBlock:
    """Break `text` into lines no wider than `width`; more than `most_lines` are cut.

    `rich` reads WhatsApp's formatting. With `names`, the longest first, one of them after an @ is
    coloured, or the word that stands there. Each paragraph runs as its first letter does, and lies
    so unless all hang `at_right`.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text, spans = formatted(text) if rich else (text, ())
    text = text.replace("\n", LINE_SEPARATOR)
    links = tuple(links_in(text)) if link_color is not None else ()
    formats = [made for span in spans for made in _styled(text, span)]
    for link in links:
        made = _range(text, link.start, link.length)
        made.format.setForeground(link_color)  # type: ignore[arg-type]
        formats.append(made)
    for start, length in () if names is None else _mentions(text, names):
        made = _range(text, start, length)
        made.format.setForeground(link_color)  # type: ignore[arg-type]
        made.format.setFontWeight(QFont.Weight.DemiBold)
        formats.append(made)
    line_height = round(pixels(face) * leading)
    pieces = pieces_of(
        text,
        face,
        width,
        line_height,
        formats=formats,
        quoted=[
            (units_of(text[: span.start]), units_of(text[: span.start + span.length]))
            for span in spans
            if span.style is Style.QUOTE
        ],
        most_lines=most_lines,
        at_right=at_right,
    )
    lines = sum(max(1, len(piece.widths)) for piece in pieces)
    return TextBlock(
        size=QSizeF(max((piece.width for piece in pieces), default=0.0), line_height * lines),
        line_height=line_height,
        pieces=pieces,
        links=links,
        text=text,
        ink=ink,
    )


def _mentions(text: str, names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where somebody is named, and how long that is, the @ included."""
    for sign in _AT.finditer(text):
        at = sign.end()
        known = (name for name in names if text.startswith(name, at))
        whole = next((n for n in known if not text[at + len(n) : at + len(n) + 1].isalnum()), "")
        word = _NAME.match(text, at)
        if whole or word:
            yield sign.start(), 1 + len(whole or (word.group() if word else ""))


def is_emoji_only(text: str) -> bool:
    """Three emoji at most and nothing else: such a message is shown large."""
    bare = text.strip()
    if not bare or len(bare) > 24:
        return False
    pictures = 0
    for character in bare:
        code = ord(character)
        if (
            code in (0x200D, 0xFE0F, 0x20E3)
            or 0x1F3FB <= code <= 0x1F3FF
            or 0xE0020 <= code <= 0xE007F
        ):
            continue
        if unicodedata.category(character) != "So" or code < 0x2190:
            return False
        pictures += 1
    return 0 < pictures <= 3 or (pictures <= 8 and "\u200d" in bare)


def _range(
    text: str, start: int, length: int, *, underline: bool = False
) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start = units_of(text[:start])
    made.length = units_of(text[start : start + length])
    made.format = QTextCharFormat()
    if underline:
        made.format.setFontUnderline(True)
    return made


def _styled(text: str, span: Span) -> list[QTextLayout.FormatRange]:
    if span.style is Style.ITALIC:
        return _slanted(text, span)
    made = _range(text, span.start, span.length)
    match span.style:
        case Style.BOLD:
            made.format.setFontWeight(QFont.Weight.DemiBold)
        case Style.STRIKE:
            made.format.setFontStrikeOut(True)
        case Style.MONO:
            made.format.setFontFamilies(MONOSPACE)
            made.format.setFontFixedPitch(True)
        case Style.QUOTE:
            pass  # it has its bar
    return [made]


def _slanted(text: str, span: Span) -> list[QTextLayout.FormatRange]:
    """The letters that have an italic. Of a font for the others Qt may take an italic in which
    they are missing, and paint boxes.
    """
    formats, start = [], span.start
    for leans, letters in groupby(text[start : start + span.length], _leans):
        length = len(list(letters))
        if leans:
            made = _range(text, start, length)
            made.format.setFontItalic(True)
            formats.append(made)
        start += length
    return formats


def _leans(character: str) -> bool:
    """Latin, Greek and Cyrillic letters, digits and punctuation."""
    code = ord(character)
    return code < 0x0530 or 0x1E00 <= code < 0x2E80 or 0xA640 <= code < 0xA800


def _characters(text: str, units: int) -> int:
    """Characters in the first `units` UTF-16 units, in which Qt counts."""
    return len(text.encode("utf-16-le", "surrogatepass")[: units * 2].decode("utf-16-le", "ignore"))


def _is_in_word(character: str) -> bool:
    """Letters, digits, and the signs over and under letters."""
    return character.isalnum() or unicodedata.category(character)[0] == "M"
