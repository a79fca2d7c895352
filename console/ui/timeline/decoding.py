"""Pictures out of a stranger's bytes: few formats, told by content, within limits, off the loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from console.domain.media_rules import sniff

LARGEST = 640  # px: the longer side of a preview, enough for double density
# What is read at all, and the most pixels of each: a larger picture is a bomb or a poster. SVG and
# PDF, which could refer to other files, are never among them. A JPEG is scaled down while it is
# read; the others need room for every pixel first.
MOST_PIXELS = {
    "image/jpeg": 52_000_000,
    "image/png": 26_000_000,
    "image/webp": 26_000_000,
    "image/gif": 16_000_000,
    "image/bmp": 26_000_000,
}
MOST_SCANS = 200  # of a JPEG: more of them make a small file take minutes
MOST_SIDE = 30_000  # px

# Two at a time, so that a thread full of bombs takes the memory of two.
_WORKERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="balas-pictures")


async def decoded(data: bytes, longest: int | None = LARGEST) -> QImage | None:
    """As `decode`, on a worker thread."""
    return await asyncio.get_running_loop().run_in_executor(_WORKERS, decode, data, longest)


def decode(data: bytes, longest: int | None = LARGEST) -> QImage | None:
    """The first frame, turned as its EXIF says, scaled down to `longest`; None if unreadable.

    Only the formats above are tried, whatever the data claims to be.
    """
    opened = _opened(data)
    if opened is None:
        return None
    reader, _, most = opened
    size = reader.size()
    if not size.isValid() or _is_too_large(size, most):
        return None
    if longest and max(size.width(), size.height()) > longest:
        reader.setScaledSize(
            size.scaled(QSize(longest, longest), Qt.AspectRatioMode.KeepAspectRatio).expandedTo(
                QSize(1, 1)
            )
        )
    image = reader.read()
    if image.isNull():
        return None
    # As the screen wants it: nothing is left to convert on the loop.
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def excess(data: bytes) -> QSize | None:
    """The pixels of a picture that is not read because it is too large; None for any other.

    As its head claims them: nothing else of it is looked at.
    """
    opened = _opened(data)
    if opened is None:
        return None
    reader, _, most = opened
    size = reader.size()
    return size if size.isValid() and _is_too_large(size, most) else None


def _opened(data: bytes) -> tuple[QImageReader, QBuffer, int] | None:
    """A reader of the data's true format, what it reads from, and the most pixels of the format."""
    content_type = sniff(data)
    most = MOST_PIXELS.get(content_type)
    if most is None or (content_type == "image/jpeg" and data.count(b"\xff\xda") > MOST_SCANS):
        return None
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(content_type.partition("/")[2].encode()))
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    return reader, buffer, most


def _is_too_large(size: QSize, most: int) -> bool:
    wide, tall = size.width(), size.height()
    return max(wide, tall) > MOST_SIDE or wide * tall > most
