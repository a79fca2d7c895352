"""Several pictures and videos as a grid; what does not fit is counted on the last one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from console.domain.content import MediaItem
from console.ui.theme.type import Role
from console.ui.timeline.context import Block, Context, Hit
from console.ui.widgets.painting import PLAIN, placed

WIDTH, GAP = 264.0, 3.0
SHOWN = 4

Tile = Callable[[MediaItem, Hit, QSizeF, Context], Block]


@dataclass(frozen=True, slots=True)
class AlbumBlock:
    """Tiles with their places; `more` is how many files have none."""

    size: QSizeF
    tiles: tuple[tuple[QPointF, Block], ...]
    more: int
    edge: bool = True
    turns: bool = True

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        whole, rect = QRectF(at, self.size), QRectF()
        for spot, block in self.tiles:
            rect = placed(painter, whole, QRectF(at + spot, block.size))
            block.paint(painter, rect.topLeft(), context)
        if not self.more:
            return
        theme = context.theme
        path = QPainterPath()
        path.addRoundedRect(rect, 6, 6)
        painter.setOpacity(0.62)
        painter.fillPath(path, theme.color("shade"))
        painter.setOpacity(1.0)
        painter.setPen(theme.color("on_shade"))
        painter.setFont(theme.font(Role.TITLE))
        painter.drawText(rect, int(PLAIN | Qt.AlignmentFlag.AlignCenter), f"+{self.more}")

    def hit(self, point: QPointF) -> Hit | None:
        for spot, block in self.tiles:
            found = block.hit(point - spot)
            if found is not None:
                return found
        return None


def album(
    files: Sequence[tuple[MediaItem, Hit]], width: float, context: Context, tile: Tile
) -> AlbumBlock:
    """A grid for two files or more, each with what a click on it means."""
    wide = min(width + 8, float(context.theme.px(WIDTH)))
    places = _places(min(SHOWN, len(files)), wide)
    tiles = tuple(
        (place.topLeft(), tile(item, target, place.size(), context))
        for place, (item, target) in zip(places, files, strict=False)
    )
    tall = max(place.bottom() for place in places)
    return AlbumBlock(QSizeF(wide, tall), tiles, max(0, len(files) - SHOWN))


def _places(count: int, wide: float) -> list[QRectF]:
    half = (wide - GAP) / 2
    if count <= 2:
        return [QRectF(0, 0, half, wide * 0.62), QRectF(half + GAP, 0, half, wide * 0.62)]
    if count == 3:
        large, small = wide * 0.64, wide * 0.36 - GAP
        tall = wide * 0.72
        each = (tall - GAP) / 2
        return [
            QRectF(0, 0, large, tall),
            QRectF(large + GAP, 0, small, each),
            QRectF(large + GAP, each + GAP, small, each),
        ]
    each = half * 0.82
    return [QRectF(x, y, half, each) for y in (0.0, each + GAP) for x in (0.0, half + GAP)]
