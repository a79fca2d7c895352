"""A paragraph of plain text: lines laid out once, links marked, painted anywhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QPainter,
    QTextCharFormat,
    QTextLayout,
    QTextLine,
    QTextOption,
)

from console.ui.theme.type import pixels
from console.ui.timeline.context import Context, Hit, Target
from console.ui.timeline.formatting import Span, Style, formatted
from console.ui.timeline.links import Link, links_in

LEADING = 1.42  # line height in font sizes
INDENT = 11.0  # px of a quotation
LINE_SEPARATOR = "\u2028"
MONOSPACE = ["Cascadia Mono", "SF Mono", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace"]
_MENTION = re.compile(r"(?<![\w@])@\w[\w.-]*")


@dataclass(frozen=True, slots=True, eq=False)
class TextBlock:
    """Laid-out text. `last_width` is the last line's, where a footer may follow on."""

    size: QSizeF
    last_width: float
    line_height: float
    layout: QTextLayout
    links: tuple[Link, ...]
    text: str
    ink: str
    bars: tuple[QRectF, ...] = ()  # beside what is quoted

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        self._paint_bars(painter, at, context)
        painter.setPen(context.theme.color(self.ink))
        self.layout.draw(painter, at, self._marks(context))

    def _paint_bars(self, painter: QPainter, at: QPointF, context: Context) -> None:
        for bar in self.bars:
            painter.fillRect(bar.translated(at), context.theme.color("accent"))

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
        self._paint_bars(painter, at, context)
        painter.setPen(theme.color(self.ink))
        self.layout.draw(painter, at, [*self._marks(context), made])

    def unit_at(self, point: QPointF) -> int:
        """The UTF-16 unit before which a caret at `point` would stand."""
        count = self.layout.lineCount()
        if count == 0 or point.y() < 0:
            return 0
        place = min(count - 1, int(point.y() // self.line_height))
        if point.y() >= self.size.height():
            return self.units
        return int(self.layout.lineAt(place).xToCursor(point.x()))

    @property
    def units(self) -> int:
        """UTF-16 units in the text."""
        return _units(self.text)

    def piece(self, start: int, end: int) -> str:
        """The text between two units, with its own line ends."""
        raw = self.text.encode("utf-16-le", "surrogatepass")[start * 2 : end * 2]
        return raw.decode("utf-16-le", "ignore").replace(LINE_SEPARATOR, "\n")

    def word_at(self, unit: int) -> tuple[int, int]:
        """The word around a unit."""
        place = min(_characters(self.text, unit), max(0, len(self.text) - 1))
        start = end = place
        while start > 0 and self.text[start - 1].isalnum():
            start -= 1
        while end < len(self.text) and self.text[end].isalnum():
            end += 1
        return _units(self.text[:start]), _units(self.text[: max(end, start)])

    def hit(self, point: QPointF) -> Hit | None:
        for index in range(self.layout.lineCount() if self.links else 0):
            line = self.layout.lineAt(index)
            rect = line.naturalTextRect()
            row = QRectF(rect.x(), line.y(), rect.width(), self.line_height)
            if row.contains(point):
                unit = line.xToCursor(point.x(), QTextLine.CursorPosition.CursorOnCharacter)
                place = _characters(self.text, unit)
                for link in self.links:
                    if link.start <= place < link.start + link.length:
                        return Hit(Target.LINK, link.url, link.host)
        return None

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
    mark_mentions: bool = False,
) -> TextBlock:
    """Break `text` into lines no wider than `width`; more than `most_lines` are cut.

    `rich` reads WhatsApp's formatting; `mark_mentions` colours names after an @.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text, spans = formatted(text) if rich else (text, ())
    text = text.replace("\n", LINE_SEPARATOR)
    links = tuple(links_in(text)) if link_color is not None else ()
    rtl = _is_right_to_left(text)
    size = QFontMetricsF(face)
    line_height = round(pixels(face) * leading)
    layout = QTextLayout(text, face)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    if rtl:
        option.setTextDirection(Qt.LayoutDirection.RightToLeft)
    layout.setTextOption(option)
    formats = [_styled(text, span, face) for span in spans]
    for link in links:
        made = _range(text, link.start, link.length)
        made.format.setForeground(link_color)  # type: ignore[arg-type]
        formats.append(made)
    for found in _MENTION.finditer(text) if mark_mentions else ():
        made = _range(text, found.start(), found.end() - found.start())
        made.format.setForeground(link_color)  # type: ignore[arg-type]
        made.format.setFontWeight(QFont.Weight.DemiBold)
        formats.append(made)
    if formats:
        layout.setFormats(formats)
    quoted = [
        (_units(text[: span.start]), _units(text[: span.start + span.length]))
        for span in spans
        if span.style is Style.QUOTE
    ]
    widths = _break(layout, width, line_height, size, most_lines, () if rtl else quoted)
    natural = max(widths, default=0.0)
    if rtl and len(widths) > 0:
        # Right-aligned lines hang on the line's width: break again within the width needed.
        widths = _break(layout, natural + 1, line_height, size, most_lines)
        natural += 1
    return TextBlock(
        size=QSizeF(natural, line_height * max(1, len(widths))),
        last_width=natural if rtl else (widths[-1] if widths else 0.0),
        line_height=line_height,
        layout=layout,
        links=links,
        text=text,
        ink=ink,
        bars=tuple(
            QRectF(0, place * line_height + 1, 3, line_height - 2)
            for place in range(len(widths) if quoted and not rtl else 0)
            if layout.lineAt(place).x() > 0
        ),
    )


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


def _break(
    layout: QTextLayout,
    width: float,
    line_height: float,
    metrics: QFontMetricsF,
    most_lines: int | None,
    quoted: Sequence[tuple[int, int]] = (),
) -> list[float]:
    """Where the lines end. Those of a quotation, from unit to unit, stand further in."""
    widths: list[float] = []
    lift = (line_height - metrics.ascent() - metrics.descent()) / 2
    layout.beginLayout()
    while most_lines is None or len(widths) < most_lines:
        line = layout.createLine()
        if not line.isValid():
            break
        start = line.textStart()
        inward = INDENT if any(first <= start < last for first, last in quoted) else 0.0
        line.setLineWidth(width - inward)
        # A line with an emoji is taller than the others: keep every baseline on the grid.
        top = len(widths) * line_height + lift + metrics.ascent() - line.ascent()
        line.setPosition(QPointF(inward, top))
        widths.append(line.naturalTextWidth() + inward)
    layout.endLayout()
    return widths


def _range(
    text: str, start: int, length: int, *, underline: bool = False
) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start = _units(text[:start])
    made.length = _units(text[start : start + length])
    made.format = QTextCharFormat()
    if underline:
        made.format.setFontUnderline(True)
    return made


def _styled(text: str, span: Span, face: QFont) -> QTextLayout.FormatRange:
    made = _range(text, span.start, span.length)
    match span.style:
        case Style.BOLD:
            made.format.setFontWeight(QFont.Weight.DemiBold)
        case Style.ITALIC:
            made.format.setFontItalic(True)
        case Style.STRIKE:
            made.format.setFontStrikeOut(True)
        case Style.MONO:
            made.format.setFontFamilies(MONOSPACE)
            made.format.setFontFixedPitch(True)
        case Style.QUOTE:
            pass  # it has its bar
    return made


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _characters(text: str, units: int) -> int:
    """Characters in the first `units` UTF-16 units, in which Qt counts."""
    return len(text.encode("utf-16-le", "surrogatepass")[: units * 2].decode("utf-16-le", "ignore"))


def _is_right_to_left(text: str) -> bool:
    for character in text[:400]:
        kind = unicodedata.bidirectional(character)
        if kind in ("R", "AL"):
            return True
        if kind == "L":
            return False
    return False
