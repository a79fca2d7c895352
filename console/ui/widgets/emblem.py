"""The program's mark."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget

from console.resources import RESOURCES

MARK = RESOURCES / "icons" / "mark" / "balas.svg"


class Emblem(QWidget):
    """The mark in a square of `size` px."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._renderer = QSvgRenderer(str(MARK))
        self.setFixedSize(size, size)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            self._renderer.render(painter, QRectF(self.rect()))


@lru_cache(maxsize=1)
def app_icon() -> QIcon:
    """The mark in the sizes that docks, bars and trays ask for; shared, so never change it."""
    renderer = QSvgRenderer(str(MARK))
    made = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        drawn = QPixmap(QSize(size, size))
        drawn.fill("#00000000")
        with QPainter(drawn) as painter:
            renderer.render(painter, QRectF(0, 0, size, size))
        made.addPixmap(drawn)
    return made
