"""Contact sheets: every picture of one variant, small, on one page."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

COLUMNS = 6
WIDE, TALL = 400, 300  # px of one picture's place
CAPTION = 26
GAP = 16


def contact_sheet(pictures: list[tuple[str, Path]], dark: bool) -> QImage:
    """Pictures with their names, in order; each as large as its place allows, never enlarged."""
    rows = -(-len(pictures) // COLUMNS)
    size = QSize(
        COLUMNS * (WIDE + GAP) + GAP,
        rows * (TALL + CAPTION + GAP) + GAP,
    )
    sheet = QImage(size, QImage.Format.Format_RGB32)
    sheet.fill(QColor("#0B0F10" if dark else "#DDE1E4"))
    with QPainter(sheet) as painter:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        face = QFont("Inter")
        face.setPixelSize(14)
        painter.setFont(face)
        painter.setPen(QColor("#E8ECEE" if dark else "#15191E"))
        for place, (name, path) in enumerate(pictures):
            row, column = divmod(place, COLUMNS)
            x, y = GAP + column * (WIDE + GAP), GAP + row * (TALL + CAPTION + GAP)
            picture = QImage(str(path))
            scaled = picture.size().scaled(QSize(WIDE, TALL), Qt.AspectRatioMode.KeepAspectRatio)
            shown = picture.size() if picture.size().width() < scaled.width() else scaled
            at = QRectF(
                x + (WIDE - shown.width()) / 2, y + (TALL - shown.height()) / 2, shown.width(),
                shown.height(),
            )  # fmt: skip
            painter.drawImage(at, picture)
            caption = QRectF(x, y + TALL, WIDE, CAPTION)
            painter.drawText(caption, int(Qt.AlignmentFlag.AlignCenter), name)
    return sheet
