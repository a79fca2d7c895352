"""One message as a bubble: content and marks stacked, footer tucked in, the rest below."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from console.domain.content import Kind
from console.domain.delivery import Direction
from console.domain.ids import MessageId
from console.domain.message import Message
from console.ui.language import translate
from console.ui.theme.tokens import BUBBLE_RADIUS, TAIL_RADIUS
from console.ui.theme.type import Role
from console.ui.timeline import below, footer, renderers
from console.ui.timeline.below import LedgerBlock
from console.ui.timeline.context import Block, Context, Hit
from console.ui.timeline.renderers import marks
from console.ui.timeline.renderers.marks import QuoteBlock
from console.ui.timeline.text import TextBlock, measure_text
from console.ui.widgets.painting import rounded

SIDE = 22  # px from the view's edge
PAD = 11
EDGE = 7  # pictures sit closer to the rim
TOP, BOTTOM = 8, 7
BETWEEN = 6
WIDEST = 480  # px of content at 100 % text
BEFORE_LEDGER, UNDER = 5, 5  # px between a bubble's links, its ledger and the next bubble
BESIDE = 14  # px between a text and the footer on its last line
PART = 0.68  # of the view's width at most


@dataclass(frozen=True, slots=True, eq=False)
class BubbleLayout:
    """Everything to paint one message. Points count from the row's upper left."""

    key: MessageId
    height: float
    width: float  # of the view it was measured for
    bubble: QRectF
    at_right: bool  # it moves with the view's right edge
    mirrored: bool
    frame: QPainterPath  # the bubble with its tail
    ground: str
    bare: bool
    parts: tuple[tuple[Block, QPointF], ...]
    tip_rect: QRectF
    tip: str
    outlined: bool = False  # nobody wrote it

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        if not self.bare:
            self._paint_frame(painter, at, context)
        chosen = context.selected.get(self.key) if context.selected else None
        for place, (block, spot) in enumerate(self.parts):
            if chosen and place in chosen and isinstance(block, TextBlock):
                block.paint_selected(painter, at + spot, context, *chosen[place])
            else:
                block.paint(painter, at + spot, context)

    def texts(self) -> list[tuple[int, TextBlock, QPointF]]:
        """The texts of the bubble itself, top to bottom, with their places among its parts."""
        return [
            (place, block, spot)
            for place, (block, spot) in enumerate(self.parts)
            if isinstance(block, TextBlock) and self.bubble.contains(spot + QPointF(1, 1))
        ]

    def hit(self, point: QPointF) -> Hit | None:
        for block, spot in self.parts:
            inside = point - spot
            if self.mirrored and getattr(block, "turns", False):
                inside.setX(block.size.width() - inside.x())
            found = block.hit(inside)
            if found is not None:
                return found
        return None

    def _paint_frame(self, painter: QPainter, at: QPointF, context: Context) -> None:
        theme = context.theme
        painter.translate(at)
        painter.setPen(Qt.PenStyle.NoPen)
        if not theme.tokens.dark:
            # The only shadow of the thread: half a pixel that lifts a bubble off the ground.
            painter.setBrush(theme.color("line"))
            painter.translate(0, 0.8)
            painter.drawPath(self.frame)
            painter.translate(0, -0.8)
        if self.ground == "note":
            painter.setPen(QPen(theme.color("note_line"), 1, Qt.PenStyle.DashLine))
        elif self.outlined:
            painter.setPen(QPen(theme.color("accent"), 1))
        painter.setBrush(theme.color(self.ground))
        painter.drawPath(self.frame)
        painter.translate(-at)


def measure(
    message: Message, width: float, context: Context, *, tail: bool, gap: float
) -> BubbleLayout:
    """Lay out a message in a view of `width`; `gap` is left above it."""
    outgoing = message.direction is Direction.OUTBOUND
    at_right = outgoing is not context.mirrored
    context.outgoing = outgoing
    room = room_of(width, context.theme.scale)[0] - 2 * PAD
    blocks = marks.measure(message, room, context) + renderers.measure(message, room, context)
    if not blocks:
        blocks = renderers.unsupported.measure(message, room, context)
    bare = message.content.kind is Kind.STICKER and len(blocks) == 1
    end = footer.measure(message, context)
    inner = max(block.size.width() - 2 * _nearer(block) for block in blocks)
    last = blocks[-1]
    aside = BESIDE + end.size.width()
    beside = isinstance(last, TextBlock) and last.last_width + aside <= room
    against = False
    if beside and isinstance(last, TextBlock):
        # A line that runs against the desk ends where the footer does not stand.
        against = last.ends_from_right is not context.mirrored
        beside = not against or (len(blocks) == 1 and last.is_one_line)
    if beside and isinstance(last, TextBlock):
        inner = max(inner, last.last_width + aside)
    inner = max(inner, end.size.width())
    frame_width = inner + 2 * PAD
    x = width - SIDE - frame_width if at_right else float(SIDE)
    y = gap + (EDGE if _nearer(blocks[0]) else TOP)
    parts: list[tuple[Block, QPointF]] = []
    for block in blocks:
        if isinstance(block, QuoteBlock):
            block = replace(block, size=QSizeF(inner, block.size.height()))
        elif isinstance(block, TextBlock):
            block = block.stretched(inner - aside if beside and against else inner)
        left = PAD - _nearer(block)
        if context.mirrored:
            left = frame_width - left - block.size.width()
        parts.append((block, QPointF(x + left, y)))
        y += block.size.height() + BETWEEN
    y -= BETWEEN
    if beside:
        end_top = y - end.size.height() + 3
        bottom = y + BOTTOM
    else:
        end_top = y + 4
        bottom = end_top + end.size.height() + BOTTOM - 2
    end_at = QPointF(x + PAD + (0 if context.mirrored else inner - end.size.width()), end_top)
    parts.append((end, end_at))
    bubble = QRectF(x, gap, frame_width, bottom - gap)
    height = _place_below(message, width, bubble, parts, context)
    return BubbleLayout(
        key=message.id,
        outlined=message.automatic,
        height=height,
        width=width,
        bubble=bubble,
        at_right=at_right,
        mirrored=context.mirrored,
        frame=_frame(bubble, tail=tail, at_right=at_right),
        ground=_ground(message),
        bare=bare,
        parts=tuple(parts),
        tip_rect=QRectF(end_at, end.size),
        tip=end.tip,
    )


def stand_in(
    message: Message, width: float, context: Context, *, tail: bool, gap: float
) -> BubbleLayout:
    """For a message that cannot be measured or painted; looks at nothing of it but its side."""
    outgoing = message.direction is Direction.OUTBOUND
    at_right = outgoing is not context.mirrored
    said = translate("timeline", "Balas cannot show this message. The error has been written down.")
    room = room_of(width, context.theme.scale)[0] - 2 * PAD
    block = measure_text(said, context.theme.font(Role.SMALL), room, ink="on_bubble")
    wide, tall = block.size.width() + 2 * PAD, block.size.height() + TOP + BOTTOM
    bubble = QRectF(width - SIDE - wide if at_right else SIDE, gap, wide, tall)
    return BubbleLayout(
        key=message.id,
        height=float(ceil(bubble.bottom() + 1)),
        width=width,
        bubble=bubble,
        at_right=at_right,
        mirrored=context.mirrored,
        frame=_frame(bubble, tail=tail, at_right=at_right),
        ground="bubble_out" if outgoing else "bubble_in",
        bare=False,
        parts=((block, bubble.topLeft() + QPointF(PAD, TOP)),),
        tip_rect=QRectF(),
        tip="",
    )


def with_tail(layout: BubbleLayout, *, tail: bool) -> BubbleLayout:
    """The same with its tail or without: a group went on below it, or ends there now."""
    frame = _frame(layout.bubble, tail=tail, at_right=layout.at_right)
    return replace(layout, frame=frame)


def _frame(rect: QRectF, *, tail: bool, at_right: bool) -> QPainterPath:
    right = left = float(BUBBLE_RADIUS)
    if tail and at_right:
        right = TAIL_RADIUS
    elif tail:
        left = TAIL_RADIUS
    return rounded(rect, BUBBLE_RADIUS, BUBBLE_RADIUS, right, left)


def _ground(message: Message) -> str:
    if message.content.kind is Kind.NOTE:
        return "note"
    said = message.direction is Direction.OUTBOUND and not message.automatic
    return "bubble_out" if said else "bubble_in"  # what nobody wrote is not coloured as ours


def room_of(width: float, scale: int) -> tuple[float, float]:
    """The widths that a layout depends on: of the content, and of what stands below it.

    Views of different widths that agree in these share layouts, so that dragging a wide
    window's edge measures nothing.
    """
    widest = WIDEST * scale / 100
    return min(widest, width * PART), min(widest, width - 2 * SIDE)


def _nearer(block: Block) -> float:
    """How far a block reaches into the bubble's padding."""
    return PAD - EDGE if getattr(block, "edge", False) else 0


def _place_below(
    message: Message,
    width: float,
    bubble: QRectF,
    parts: list[tuple[Block, QPointF]],
    context: Context,
) -> float:
    """Add what stands under the bubble; returns the row's height."""
    room = room_of(width, context.theme.scale)[1]
    blocks = below.measure(message, room, context)
    y = bubble.bottom() + 4
    for block in blocks:
        y += BEFORE_LEDGER if isinstance(block, LedgerBlock) else 0
        x = SIDE if context.mirrored else width - SIDE - block.size.width()
        parts.append((block, QPointF(x, y)))
        y += block.size.height() + 2
    return float(ceil(max(bubble.bottom() + 1, y - 2 + (UNDER if blocks else 0))))
