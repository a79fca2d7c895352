"""A shared place: a drawn map with its pin, name and position; a click opens it in the browser."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from console.domain.content import Location
from console.domain.message import Message
from console.ui.language import translate
from console.ui.timeline.blocks import draw_two_lines
from console.ui.timeline.context import Block, Context, Hit, Target
from console.ui.timeline.renderers.text import blocks_of
from console.ui.widgets.painting import Aside
from console.ui.words import one_line

MAP = "https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=17/{lat}/{lon}"
WIDTH, DRAWN, LINES = 264.0, 112, 44
STREET = 0.0022  # degrees between two streets of the drawing, about 250 m


def map_url(place: Location) -> str:
    return MAP.format(lat=f"{place.latitude:.6f}", lon=f"{place.longitude:.6f}")


@dataclass(frozen=True, slots=True)
class PlaceBlock:
    """The drawing is no map: nothing is fetched. It only differs from place to place."""

    size: QSizeF
    place: Location
    title: str
    detail: str
    target: Hit
    ground: str
    edge: bool = True

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        theme = context.theme
        drawn = QRectF(at.x(), at.y(), self.size.width(), theme.px(DRAWN))
        path = QPainterPath()
        path.addRoundedRect(drawn, 9, 9)
        with Aside(painter):
            painter.setClipPath(path)
            painter.fillRect(drawn, theme.color(self.ground))
            self._paint_streets(painter, drawn, context)
        centre = drawn.center()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent"))
        painter.setOpacity(0.18)
        painter.drawEllipse(centre, theme.px(26), theme.px(26))
        painter.setOpacity(1.0)
        painter.drawEllipse(centre, theme.px(15), theme.px(15))
        side = theme.px(17)
        spot = QRectF(0, 0, side, side)
        spot.moveCenter(centre)
        theme.draw_icon(painter, "map-pin", "on_accent", spot)
        lines = QRectF(
            at.x() + 4, drawn.bottom() + 3, self.size.width() - 8, float(theme.px(LINES))
        )
        draw_two_lines(painter, theme, lines, self.title, self.detail, "on_bubble")

    def hit(self, point: QPointF) -> Hit | None:
        return self.target if QRectF(QPointF(0, 0), self.size).contains(point) else None

    def _paint_streets(self, painter: QPainter, rect: QRectF, context: Context) -> None:
        """Streets, a river and a park that move with the position and turn with it."""
        theme = context.theme
        x = self.place.longitude * cos(radians(self.place.latitude)) / STREET
        y = self.place.latitude / STREET
        seed = int(abs(x) * 7 + abs(y) * 13)
        painter.translate(rect.center())
        painter.rotate(-24 + seed % 41)
        step = theme.px(44)
        reach = rect.width()
        left = -reach - (x % 1) * step
        top = -reach + (y % 1) * step
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("label_green"))
        park = QRectF(left + reach + step * (seed % 3), top + reach - step, step * 1.6, step * 0.9)
        painter.drawRoundedRect(park, 6, 6)
        painter.setPen(QPen(theme.color("label_blue"), theme.px(13)))
        river = top + reach + step * (1.5 + seed % 2)
        painter.drawLine(QPointF(-reach, river - step), QPointF(reach, river + step * 0.7))
        for place in range(int(2 * reach / step) + 2):
            wide = theme.px(7 if (place + seed) % 3 == 0 else 4)
            painter.setPen(QPen(theme.color("surface"), wide))
            along, across = left + place * step, top + place * step * 0.8
            painter.drawLine(QPointF(along, -reach), QPointF(along, reach))
            painter.drawLine(QPointF(-reach, across), QPointF(reach, across))


def measure(message: Message, width: float, context: Context) -> list[Block]:
    place = message.content.location
    blocks: list[Block] = []
    if place is not None:
        theme = context.theme
        position = f"{place.latitude:.5f}, {place.longitude:.5f}"
        wide = min(width + 8, float(theme.px(WIDTH)))
        blocks.append(
            PlaceBlock(
                size=QSizeF(wide, theme.px(DRAWN) + 3.0 + theme.px(LINES)),
                place=place,
                title=one_line(place.label or "") or translate("words", "Location"),
                detail=one_line(place.address or "") or position,
                target=Hit(Target.PLACE, map_url(place), translate("timeline", "Open the map")),
                ground="quote_out" if context.outgoing else "quote_in",
            )
        )
    text = message.content.text
    if place is not None and text.strip() in (place.label or "", place.address or ""):
        text = ""
    return blocks + blocks_of(message, text, width, context)
