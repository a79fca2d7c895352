"""A sticker: a small picture without frame or caption."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter

from console.domain.content import MediaItem
from console.domain.message import Message
from console.ui.language import translate
from console.ui.timeline.context import Block, Context, Hit, Target

SIDE = 128.0


@dataclass(frozen=True, slots=True)
class StickerBlock:
    """The sticker itself, fitted into a square."""

    size: QSizeF
    item: MediaItem
    target: Hit
    edge: bool = True

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        picture = context.pictures.preview(self.item)
        rect = QRectF(at, self.size)
        if picture is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(context.theme.color("quote_in"))
            painter.drawRoundedRect(rect.adjusted(14, 14, -14, -14), 18, 18)
            side = context.theme.px(32)
            spot = QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side)
            broken = context.pictures.is_broken(self.item)
            icon = "circle-alert" if broken else "sticker"
            context.theme.draw_icon(painter, icon, "muted", spot)
            return
        fitted = QSizeF(picture.size()).scaled(self.size, Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(QPointF(0, 0), fitted)
        place.moveCenter(rect.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(place, picture, QRectF(picture.rect()))

    def hit(self, point: QPointF) -> Hit | None:
        return self.target if QRectF(QPointF(0, 0), self.size).contains(point) else None


def measure(message: Message, width: float, context: Context) -> list[Block]:
    side = min(width, context.theme.px(SIDE))
    return [
        StickerBlock(
            QSizeF(side, side),
            item,
            Hit(Target.MEDIA, str(item.index), translate("words", "Sticker")),
        )
        for item in message.content.media
    ]
