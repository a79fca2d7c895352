"""A voice note: play, its loudness as bars that fill and can be dragged, time, speed."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from console.domain.content import MediaItem
from console.domain.message import Message
from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.timeline.context import Block, Context, Hit, Target
from console.ui.timeline.pictures import key_of
from console.ui.timeline.renderers.faults import fault_of
from console.ui.timeline.renderers.text import blocks_of
from console.ui.times import length, number, size
from console.ui.widgets.painting import draw_line, draw_pill

WIDTH, HEIGHT, DISC = 262, 38, 34
BAR, GAP = 3.0, 2.0  # px of a bar and between two
CHIP = 30
QUIET = 0.12  # a bar's height before anything was heard


@dataclass(frozen=True, slots=True)
class AudioBlock:
    """The player of one recording. The parts count from the block's left."""

    size: QSizeF
    item: MediaItem
    index: str
    wave: QRectF
    chip: QRectF
    seconds: float
    peaks: tuple[float, ...]
    facts: str
    track: str
    failed: bool

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        # A recording runs from left to right for everybody, as on every player.
        way = painter.layoutDirection()
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self._paint(painter, at, context)
        painter.setLayoutDirection(way)

    def _paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        theme, player, key = context.theme, context.player, key_of(self.item)
        self._paint_disc(painter, at, context)
        whole = player.length(key) or self.seconds
        played = player.position(key)
        part = played / whole if whole else 0.0
        self._paint_bars(painter, at, theme, part)
        painter.setPen(theme.color("on_bubble"))
        text = length(played or round(whole)) if whole else self.facts
        left = self.wave.right() + 8
        room = (self.chip.left() - 6 if whole else self.size.width()) - left
        place = QRectF(at.x() + left, at.y(), room, self.size.height())
        draw_line(painter, place, text, theme.font(Role.STAMP))
        if whole:
            said = f"{number(player.rate)}×"
            chip = self.chip.translated(at)
            draw_pill(painter, theme, chip, said, self.track, "on_bubble", Role.TINY, 6)

    def hit(self, point: QPointF) -> Hit | None:
        if not QRectF(QPointF(0, 0), self.size).contains(point):
            return None
        if self.seconds and self.wave.adjusted(-3, -4, 3, 4).contains(point):
            part = min(1.0, max(0.0, (point.x() - self.wave.left()) / self.wave.width()))
            return Hit(Target.SEEK, f"{self.index}:{part:.3f}")
        if self.seconds and self.chip.adjusted(-3, -6, 3, 6).contains(point):
            return Hit(Target.SPEED, self.index, translate("timeline", "Speed"))
        if point.x() <= self.wave.left():
            return Hit(Target.PLAY, self.index, translate("timeline", "Play"))
        return None if self.seconds else Hit(Target.PLAY, self.index)

    def _paint_disc(self, painter: QPainter, at: QPointF, context: Context) -> None:
        theme = context.theme
        side = float(theme.px(DISC))
        disc = QRectF(at.x(), at.y() + (self.size.height() - side) / 2, side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(self.track if self.failed else "accent"))
        painter.drawEllipse(disc)
        icon, nudge = "play", 1
        if self.failed:
            icon, nudge = "circle-alert", 0
        elif context.player.is_playing(key_of(self.item)):
            icon, nudge = "pause", 0
        small = theme.px(16)
        spot = QRectF(0, 0, small, small)
        spot.moveCenter(disc.center() + QPointF(nudge, 0))
        theme.draw_icon(painter, icon, "on_bubble" if self.failed else "on_accent", spot)

    def _paint_bars(self, painter: QPainter, at: QPointF, theme: Theme, part: float) -> None:
        wave = self.wave.translated(at)
        count = max(1, int((wave.width() + GAP) // (BAR + GAP)))
        heights = [_peak(self.peaks, place, count) for place in range(count)]
        edge = wave.left() + wave.width() * part
        painter.setPen(Qt.PenStyle.NoPen)
        for ink, played in (("accent", True), ("on_bubble", False)):
            painter.setBrush(theme.color(ink))
            painter.setOpacity(1.0 if played else 0.45)
            for place, tall in enumerate(heights):
                x = wave.left() + place * (BAR + GAP)
                if (x + BAR / 2 <= edge) is not played or (played and part <= 0):
                    continue
                high = max(BAR, tall * wave.height())
                bar = QRectF(x, wave.center().y() - high / 2, BAR, high)
                painter.drawRoundedRect(bar, BAR / 2, BAR / 2)
        painter.setOpacity(1.0)


def measure(message: Message, width: float, context: Context) -> list[Block]:
    blocks: list[Block] = [recording(item, width, context) for item in message.content.media]
    return blocks + blocks_of(message, message.content.text, width, context)


def recording(item: MediaItem, width: float, context: Context) -> AudioBlock:
    theme = context.theme
    facts = context.pictures.facts(item)
    wide, tall = min(width, float(theme.px(WIDTH))), float(theme.px(HEIGHT))
    known = size(item.size) if item.size else ""
    said = " · ".join(part for part in (translate("words", "Voice message"), known) if part)
    seconds = facts.seconds if facts is not None else 0.0
    metrics = QFontMetricsF(theme.font(Role.STAMP))
    beside = metrics.horizontalAdvance("00:00" if seconds else said) + 10
    chip = QRectF(wide - theme.px(CHIP), (tall - theme.px(18)) / 2, theme.px(CHIP), theme.px(18))
    left = theme.px(DISC) + 12.0
    right = max(left + 40, (chip.left() if seconds else wide) - beside - 8)
    return AudioBlock(
        size=QSizeF(wide, tall),
        item=item,
        index=str(item.index),
        wave=QRectF(left, tall * 0.17, right - left, tall * 0.66),
        chip=chip,
        seconds=seconds,
        peaks=facts.peaks if facts is not None else (),
        facts=said,
        track="quote_out" if context.outgoing else "quote_in",
        failed=bool(fault_of(item, context)) or (facts is not None and not facts.readable),
    )


def _peak(peaks: tuple[float, ...], place: int, count: int) -> float:
    """The height of one of `count` bars."""
    if not peaks:
        return QUIET
    start = place * len(peaks) // count
    return max(peaks[start : max(start + 1, (place + 1) * len(peaks) // count)])
