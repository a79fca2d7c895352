"""A photo: its place is kept from the first frame, a click opens the viewer."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPixmap

from console.domain.content import MediaItem
from console.domain.message import Message
from console.ui.language import translate
from console.ui.theme.type import Role
from console.ui.timeline.context import Block, Context, Hit, Target
from console.ui.timeline.renderers.faults import fault_of
from console.ui.timeline.renderers.text import blocks_of
from console.ui.times import size
from console.ui.widgets.painting import draw_pill, pill_width
from console.ui.words import file_name

WIDTH = 264.0
LEAST, MOST = 96.0, 320.0
GUESS = QSizeF(WIDTH, 176.0)  # before the picture's own proportions are known


@dataclass(frozen=True, slots=True)
class PictureBlock:
    """A framed picture. `edge` blocks sit closer to the bubble's rim than text."""

    size: QSizeF
    item: MediaItem
    note: str
    target: Hit
    ground: str
    failed: bool
    edge: bool = True

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        theme = context.theme
        rect = QRectF(at, self.size)
        path = QPainterPath()
        path.addRoundedRect(rect, 9, 9)
        picture = context.pictures.preview(self.item)
        if picture is not None:
            painter.save()
            painter.setClipPath(path)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(rect, picture, cover(picture, self.size))
            painter.restore()
        else:
            painter.fillPath(path, theme.color(self.ground))
            self._paint_placeholder(painter, rect, context)
        if self.note:
            self._paint_note(painter, rect, context)

    def hit(self, point: QPointF) -> Hit | None:
        return self.target if QRectF(QPointF(0, 0), self.size).contains(point) else None

    def _paint_placeholder(self, painter: QPainter, rect: QRectF, context: Context) -> None:
        theme = context.theme
        broken = context.pictures.is_broken(self.item)
        icon = "circle-alert" if broken or self.failed else "image"
        side = theme.px(28)
        lift = theme.px(10) if broken else 0
        spot = QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2 - lift, side, side)
        theme.draw_icon(painter, icon, "on_bubble", spot)
        if broken:
            painter.setPen(theme.color("on_bubble"))
            painter.setFont(theme.font(Role.SMALL))
            painter.drawText(
                QRectF(rect.x() + 8, spot.bottom() + 2, rect.width() - 16, theme.px(20)),
                int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine),
                translate("timeline", "This picture cannot be shown"),
            )

    def _paint_note(self, painter: QPainter, rect: QRectF, context: Context) -> None:
        theme = context.theme
        width = min(pill_width(theme, self.note, Role.STAMP, 7), rect.width() - 16)
        height = theme.px(18)
        painter.setOpacity(0.82)
        draw_pill(
            painter,
            theme,
            QRectF(rect.x() + 8, rect.bottom() - height - 8, width, height),
            self.note,
            "shade",
            "on_shade",
            Role.STAMP,
            5,
        )
        painter.setOpacity(1.0)


def measure(message: Message, width: float, context: Context) -> list[Block]:
    blocks: list[Block] = [
        picture(item, str(item.index), width, context) for item in message.content.media
    ]
    return blocks + blocks_of(message, message.content.text, width, context)


def picture(item: MediaItem, index: str, width: float, context: Context) -> PictureBlock:
    wide = min(width + 8, context.theme.px(WIDTH))
    known = context.pictures.size_of(item)
    if known is None or known.isEmpty():
        frame = QSizeF(wide, wide * GUESS.height() / GUESS.width())
    else:
        frame = _frame(known, wide)
    name = file_name(item.name, translate("words", "Photo"))
    note = f"{name} · {size(item.size)}" if item.size and item.name else ""
    if len(note) > 40:
        note = size(item.size or 0)
    ground = "quote_out" if context.outgoing else "quote_in"
    failed = bool(fault_of(item, context))
    return PictureBlock(frame, item, note, Hit(Target.MEDIA, index, name), ground, failed)


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
