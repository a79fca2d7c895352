"""Pages of a PDF as pictures, drawn on a worker thread; nothing in the file is run or followed."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtPdf import QPdfDocument

PREVIEW = 240  # px of the longer side
READING = 2_200
MOST_BYTES = 64 * 1024 * 1024

# The library draws one page at a time anyway.
_WORKER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="balas-pages")


@dataclass(frozen=True, slots=True)
class Page:
    """One page drawn on white, and how many there are. `image` is None where it cannot be drawn."""

    count: int
    image: QImage | None
    locked: bool = False


async def page_of(data: bytes, index: int = 0, longest: int = PREVIEW) -> Page | None:
    """A page (from 0) whose longer side has `longest` px; None when this is no readable PDF."""
    return await asyncio.get_running_loop().run_in_executor(_WORKER, draw, data, index, longest)


def draw(data: bytes, index: int, longest: int) -> Page | None:
    """As `page_of`, here and now."""
    if len(data) > MOST_BYTES:
        return None
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document = QPdfDocument()
    document.load(buffer)
    try:
        if document.error() is QPdfDocument.Error.IncorrectPassword:
            return Page(0, None, locked=True)
        count = document.pageCount()
        if document.status() is not QPdfDocument.Status.Ready or not 0 <= index < count:
            return None
        size = document.pagePointSize(index)
        if not (0 < size.width() < 1e5 and 0 < size.height() < 1e5):
            return Page(count, None)
        drawn = document.render(index, _fitted(size, longest))
    finally:
        document.close()
    if drawn.isNull():
        return Page(count, None)
    paper = QImage(drawn.size(), QImage.Format.Format_ARGB32_Premultiplied)
    paper.fill(Qt.GlobalColor.white)
    with QPainter(paper) as painter:
        painter.drawImage(0, 0, drawn)
    return Page(count, paper)


def _fitted(size: QSizeF, longest: int) -> QSize:
    fitted = size.scaled(QSizeF(longest, longest), Qt.AspectRatioMode.KeepAspectRatio)
    return fitted.toSize().expandedTo(QSize(1, 1))
