"""A voice note: play, a line that fills, the time."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter

from console.domain.content import MediaItem
from console.domain.message import Message
from console.ui.language import translate
from console.ui.theme.type import Role
from console.ui.timeline.context import Block, Context, Hit, Target
from console.ui.timeline.pictures import key_of
from console.ui.timeline.renderers.faults import fault_of
from console.ui.timeline.renderers.text import blocks_of
from console.ui.times import length, size
from console.ui.widgets.painting import draw_line


@dataclass(frozen=True, slots=True)
class AudioBlock:
    """The player of one recording."""

    size: QSizeF
    item: MediaItem
    target: Hit
    track: str
    failed: bool

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        theme, player, key = context.theme, context.player, key_of(self.item)
        side = float(theme.px(34))
        disc = QRectF(at.x(), at.y() + (self.size.height() - side) / 2, side, side)
        failed = self.failed
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("skeleton" if failed else "accent"))
        painter.drawEllipse(disc)
        icon = "circle-alert" if failed else ("pause" if player.is_playing(key) else "play")
        small = theme.px(16)
        nudge = 1 if icon == "play" else 0
        theme.draw_icon(
            painter,
            icon,
            "muted" if failed else "on_accent",
            QRectF(
                disc.center().x() - small / 2 + nudge, disc.center().y() - small / 2, small, small
            ),
        )
        left = disc.right() + 12
        width = at.x() + self.size.width() - left
        middle = at.y() + self.size.height() / 2
        whole, played = player.length(key), player.position(key)
        track = QRectF(left, middle - theme.px(6), width, 4)
        painter.setBrush(theme.color(self.track))
        painter.drawRoundedRect(track, 2, 2)
        part = played / whole if whole else 0.0
        painter.setBrush(theme.color("accent"))
        painter.drawRoundedRect(QRectF(track.x(), track.y(), width * part, 4), 2, 2)
        painter.drawEllipse(QPointF(track.x() + max(4.0, width * part), track.center().y()), 5, 5)
        painter.setPen(theme.color("on_bubble"))
        words = (
            f"{length(played)} / {length(whole)}"
            if whole
            else " · ".join(
                part
                for part in (
                    translate("words", "Voice message"),
                    size(self.item.size) if self.item.size else "",
                )
                if part
            )
        )
        draw_line(
            painter,
            QRectF(left, middle + theme.px(2), width, theme.px(16)),
            words,
            theme.font(Role.STAMP),
        )

    def hit(self, point: QPointF) -> Hit | None:
        return self.target if QRectF(QPointF(0, 0), self.size).contains(point) else None


def measure(message: Message, width: float, context: Context) -> list[Block]:
    theme = context.theme
    blocks: list[Block] = [
        AudioBlock(
            QSizeF(min(width, theme.px(240)), theme.px(42)),
            item,
            Hit(Target.PLAY, str(item.index), translate("timeline", "Play")),
            "quote_out" if context.outgoing else "line",
            bool(fault_of(item, context)),
        )
        for item in message.content.media
    ]
    return blocks + blocks_of(message, message.content.text, width, context)
