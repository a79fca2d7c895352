"""Line icons, drawn from SVG in any colour and kept for each colour, size and pixel ratio."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from console.resources import RESOURCES


@lru_cache(maxsize=256)
def source(name: str) -> str:
    """The SVG text of an icon; FileNotFoundError names one that is not shipped."""
    return (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=1024)
def pixmap(name: str, color: str, size: int, ratio: float, stroke: float = 1.75) -> QPixmap:
    """The icon in #RRGGBB at `size` device-independent pixels.

    `stroke` is the line's width on the 24 px grid that every icon is drawn on.
    """
    text = source(name).replace("currentColor", color)
    text = text.replace('stroke-width="2"', f'stroke-width="{stroke}"')
    renderer = QSvgRenderer(QByteArray(text.encode()))
    side = round(size * ratio)
    drawn = QPixmap(side, side)
    drawn.fill(Qt.GlobalColor.transparent)
    with QPainter(drawn) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        renderer.render(painter, QRectF(0, 0, side, side))
    drawn.setDevicePixelRatio(ratio)
    return drawn


def names() -> list[str]:
    """Every shipped icon."""
    return sorted(path.stem for path in (RESOURCES / "icons").glob("*.svg"))
