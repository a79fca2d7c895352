"""Files for tests and pictures of the thread: a bill made on the spot, a recording, a video."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QRectF
from PySide6.QtGui import QColor, QPageSize, QPainter, QPdfWriter

from console.domain.content import MediaState
from console.ui.window import MainWindow
from tests.gallery.stage import quiet
from tests.waiting import eventually

MEDIA = Path(__file__).parent / "media"


def sample_file(name: str) -> bytes:
    """`suara.ogg`: 21 s of Opus; `video.mp4`: 3 s of H.264 and AAC. Tones and a gradient."""
    return (MEDIA / name).read_bytes()


@cache
def pdf(pages: int, title: str = "INVOICE") -> bytes:
    """An A4 document that looks like a bill."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setResolution(72)
    with QPainter(writer) as painter:
        for page in range(pages):
            if page:
                writer.newPage()
            painter.fillRect(QRectF(0, 0, 600, 90), QColor("#0B7A6B"))
            painter.setPen(QColor("#FFFFFF"))
            face = painter.font()
            face.setPointSizeF(30)
            face.setBold(True)
            painter.setFont(face)
            painter.drawText(QRectF(30, 20, 400, 60), title)
            for line in range(22):
                wide = 200 + (line * 97) % 290
                shade = "#BE2F28" if line == 0 else "#B8C2CA"
                painter.fillRect(QRectF(30, 130 + line * 26, wide, 9), QColor(shade))
    return bytes(buffer.data().data())


async def looked_into(window: MainWindow) -> None:
    """Wait until every file in view that is here has shown what it holds."""
    pictures = window.inbox.pictures
    window.grab()

    def still() -> bool:
        return not any(
            item.state is not MediaState.FAILED
            and key not in pictures._wanted
            and key not in pictures._absent
            for key, item in pictures._asked.items()
        )

    await quiet()
    await eventually(still)
    await quiet()
