"""`python -m tests.ui.marks`: makes the icons of the packages from the program's one mark."""

from __future__ import annotations

import os
import struct

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QBuffer, QIODevice, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from console.resources import RESOURCES
from console.ui.widgets.emblem import MARK

FOLDER = RESOURCES / "packaging"
WINDOWS = (16, 24, 32, 48, 64, 128, 256)
# Apple's names of the sizes, those for double density included.
APPLE = {
    b"icp4": 16,
    b"icp5": 32,
    b"ic07": 128,
    b"ic08": 256,
    b"ic09": 512,
    b"ic10": 1024,
    b"ic11": 32,
    b"ic12": 64,
    b"ic13": 256,
    b"ic14": 512,
}
APPLE_MARGIN = 100 / 1024  # of the side: the room that macOS icons leave around their plate


def drawn(side: int, margin: float = 0.0) -> QImage:
    """The mark in a square of `side` px; `margin` is the part of the side left free around it."""
    image = QImage(side, side, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        free = side * margin
        QSvgRenderer(str(MARK)).render(
            painter, QRectF(free, free, side - 2 * free, side - 2 * free)
        )
    return image


def png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def ico() -> bytes:
    """Windows' container: a head, a table, and a PNG for each size."""
    pictures = [png(drawn(side)) for side in WINDOWS]
    at = 6 + 16 * len(pictures)
    table = b""
    for side, picture in zip(WINDOWS, pictures, strict=True):
        # A side of 256 is written as 0.
        table += struct.pack("<BBBBHHII", side % 256, side % 256, 0, 0, 1, 32, len(picture), at)
        at += len(picture)
    return struct.pack("<HHH", 0, 1, len(pictures)) + table + b"".join(pictures)


def icns() -> bytes:
    """Apple's container: each picture behind its name and its length."""
    body = b""
    for name, side in APPLE.items():
        picture = png(drawn(side, APPLE_MARGIN))
        body += name + struct.pack(">I", len(picture) + 8) + picture
    return b"icns" + struct.pack(">I", len(body) + 8) + body


def main() -> None:
    (FOLDER / "balas.svg").write_bytes(MARK.read_bytes())
    (FOLDER / "balas.png").write_bytes(png(drawn(512)))
    (FOLDER / "balas.ico").write_bytes(ico())
    (FOLDER / "balas.icns").write_bytes(icns())


if __name__ == "__main__":
    main()
