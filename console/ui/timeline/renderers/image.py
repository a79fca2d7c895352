"""A photo: its place is kept from the first frame, a click opens the viewer; several as a grid."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPixmap

from console.domain.content import MediaItem
from console.domain.message import Message
from console.ui.language import translate
from console.ui.theme.type import Role
from console.ui.timeline.context import Block, Context, Hit, Target
from console.ui.timeline.renderers.album import album
from console.ui.timeline.renderers.faults import fault_of
from console.ui.timeline.renderers.text import blocks_of
from console.ui.times import pixels, size
from console.ui.widgets.painting import Aside, draw_line, draw_pill, pill_width, placed
from console.ui.words import file_name

WIDTH = 264.0
LEAST, MOST = 96.0, 320.0
GUESS = QSizeF(WIDTH, 176.0)  # before the picture's own proportions are known
DISC = 44


@dataclass(frozen=True, slots=True)
class PictureBlock:
    """A framed picture. `edge` blocks sit closer to the bubble's rim than text.

    `icon` lies on a disc in its middle: play, where it moves.
    """

    size: QSizeF
    item: MediaItem
    note: str
    icon: str
    target: Hit
    ground: str
    failed: bool
    radius: float = 9
    edge: bool = True

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        theme = context.theme
        rect = QRectF(at, self.size)
        path = QPainterPath()
        path.addRoundedRect(rect, self.radius, self.radius)
        shown = context.pictures.preview(self.item)
        if shown is not None:
            with Aside(painter):
                painter.setClipPath(path)
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawPixmap(rect, shown, cover(shown, self.size))
        else:
            painter.fillPath(path, theme.color(self.ground))
            if not self.icon or self.failed or context.pictures.is_broken(self.item):
                self._paint_placeholder(painter, rect, context)
        if self.icon and not self.failed:
            self._paint_disc(painter, rect, context)
        if self.note:
            self._paint_note(painter, rect, context)

    def hit(self, point: QPointF) -> Hit | None:
        return self.target if QRectF(QPointF(0, 0), self.size).contains(point) else None

    def _paint_disc(self, painter: QPainter, rect: QRectF, context: Context) -> None:
        theme = context.theme
        side = min(float(theme.px(DISC)), rect.height() * 0.6)
        disc = QRectF(0, 0, side, side)
        disc.moveCenter(rect.center())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("shade"))
        painter.setOpacity(0.72)
        painter.drawEllipse(disc)
        painter.setOpacity(1.0)
        icon, nudge = self.icon, 1.5
        if context.pictures.is_absent(self.item):
            icon, nudge = "download", 0.0
        elif context.pictures.is_coming(self.item):
            icon, nudge = "hourglass", 0.0
        spot = QRectF(0, 0, side * 0.46, side * 0.46)
        spot.moveCenter(disc.center() + QPointF(nudge, 0))
        theme.draw_icon(painter, icon, "on_shade", spot)

    def _paint_placeholder(self, painter: QPainter, rect: QRectF, context: Context) -> None:
        theme = context.theme
        broken = context.pictures.is_broken(self.item)
        icon = "circle-alert" if broken or self.failed else "image"
        side = theme.px(28)
        said = broken and rect.width() > theme.px(170) and not self.icon
        words = self._fault(context) if said else []
        lift = theme.px(10) * len(words)
        spot = QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2 - lift, side, side)
        theme.draw_icon(painter, icon, "on_bubble", spot)
        painter.setPen(theme.color("on_bubble"))
        face = theme.font(Role.SMALL)
        line = QRectF(rect.x() + 8, spot.bottom() + 2, rect.width() - 16, theme.px(20))
        for text in words:
            draw_line(painter, line, text, face, Qt.AlignmentFlag.AlignHCenter)
            line.translate(0, theme.px(18))

    def _fault(self, context: Context) -> list[str]:
        facts = context.pictures.facts(self.item)
        if facts is None or facts.too_large is None:
            return [translate("timeline", "This picture cannot be shown")]
        return [translate("timeline", "Too large to show"), pixels(*facts.too_large)]

    def _paint_note(self, painter: QPainter, rect: QRectF, context: Context) -> None:
        theme = context.theme
        width = min(pill_width(theme, self.note, Role.STAMP, 7), rect.width() - 16)
        height = theme.px(18)
        painter.setOpacity(0.82)
        spot = QRectF(rect.x() + 8, rect.bottom() - height - 8, width, height)
        draw_pill(
            painter,
            theme,
            placed(painter, rect, spot),
            self.note,
            "shade",
            "on_shade",
            Role.STAMP,
            5,
        )
        painter.setOpacity(1.0)


def measure(message: Message, width: float, context: Context) -> list[Block]:
    files = message.content.media
    tiles = [
        (item, Hit(Target.MEDIA, str(item.index), file_name(item.name), owner))
        for owner in context.album or (message,)
        for item in owner.content.media
    ]
    if len(tiles) > 1:
        blocks: list[Block] = [album(tiles, width, context, tile)]
    else:
        blocks = [photo(item, width, context) for item in files]
    return blocks + blocks_of(message, message.content.text, width, context)


def photo(item: MediaItem, width: float, context: Context) -> PictureBlock:
    """A picture by itself, with its name where that fits."""
    name = file_name(item.name, translate("words", "Photo"))
    note = f"{name} · {size(item.size)}" if item.size and item.name else ""
    if len(note) > 40:
        note = size(item.size or 0)
    return picture(item, width, context, note=note)


def picture(
    item: MediaItem,
    width: float,
    context: Context,
    *,
    note: str = "",
    icon: str = "",
    frame: QSizeF | None = None,
) -> PictureBlock:
    """The block of a picture or of a video's first one; `frame` where its size is given."""
    wide = min(width + 8, context.theme.px(WIDTH))
    known = context.pictures.size_of(item)
    if frame is None:
        frame = QSizeF(wide, wide * GUESS.height() / GUESS.width())
        if known is not None and not known.isEmpty():
            frame = _frame(known, wide)
    name = file_name(item.name, translate("words", "Photo"))
    ground = "quote_out" if context.outgoing else "quote_in"
    failed = bool(fault_of(item, context))
    target = Hit(Target.MEDIA, str(item.index), name)
    return PictureBlock(frame, item, note, icon, target, ground, failed)


def tile(item: MediaItem, target: Hit, frame: QSizeF, context: Context) -> PictureBlock:
    """One place of a grid."""
    icon = "play" if item.content_type.startswith("video/") else ""
    ground = "quote_out" if context.outgoing else "quote_in"
    failed = bool(fault_of(item, context))
    return PictureBlock(frame, item, "", icon, target, ground, failed, radius=6)


def _frame(known: QSize, wide: float) -> QSizeF:
    if known.width() >= known.height():
        return QSizeF(wide, min(MOST, max(LEAST, wide * known.height() / known.width())))
    tall = min(MOST, wide * known.height() / known.width())
    return QSizeF(max(wide * 0.6, tall * known.width() / known.height()), tall)


def cover(picture: QPixmap, frame: QSizeF) -> QRectF:
    """The middle part of `picture` that fills `frame` without stretching."""
    whole = QSizeF(picture.size())
    part = frame.scaled(whole, Qt.AspectRatioMode.KeepAspectRatio)
    return QRectF(
        (whole.width() - part.width()) / 2,
        (whole.height() - part.height()) / 2,
        part.width(),
        part.height(),
    )
