"""Plain text in several lines with some pieces marked, for painted cards."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QTextCharFormat, QTextLayout, QTextOption

from console.ui.isolates import isolate, units_of
from console.ui.widgets.painting import runs_from_right


def wrapped(
    text: str,
    face: QFont,
    width: float,
    spans: Sequence[tuple[int, int]] = (),
    ink: QColor | None = None,
    ground: QColor | None = None,
    most: int = 0,
) -> QTextLayout:
    """Lay `text` out in lines of `width`; at most `most` of them, where that is not 0.

    `spans` are (start, length) in characters, drawn in `ink` on `ground`.
    """
    shown = isolate(text.replace("\n", "\u2028"))
    layout = QTextLayout(shown.text, face)
    option = QTextOption()
    if runs_from_right(text):
        option.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute)
        option.setTextDirection(Qt.LayoutDirection.RightToLeft)
    else:
        option.setTextDirection(Qt.LayoutDirection.LeftToRight)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    formats = []
    for start, length in spans:
        piece = QTextLayout.FormatRange()
        piece.start = shown.painted(units_of(text[:start]))
        piece.length = shown.painted(units_of(text[: start + length])) - piece.start
        form = QTextCharFormat()
        if ink is not None:
            form.setForeground(ink)
        if ground is not None:
            form.setBackground(ground)
        piece.format = form
        formats.append(piece)
    layout.setFormats(formats)
    layout.beginLayout()
    y, count = 0.0, 0
    while (not most or count < most) and (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, y))
        y += line.height() + 1
        count += 1
    layout.endLayout()
    return layout


def height_of(layout: QTextLayout) -> float:
    return float(layout.boundingRect().height())


def draw(painter: QPainter, layout: QTextLayout, rect: QRectF, ink: QColor) -> None:
    painter.setPen(ink)
    layout.draw(painter, rect.topLeft())
