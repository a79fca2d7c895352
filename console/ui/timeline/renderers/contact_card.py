"""Contacts that were shared: the name, and each number, which a click copies."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from console.domain.content import MediaItem
from console.domain.message import Message
from console.domain.vcards import Card
from console.ui.language import translate
from console.ui.theme.type import Role
from console.ui.timeline.blocks import card
from console.ui.timeline.context import Block, Context, Hit, Target
from console.ui.timeline.renderers.text import blocks_of
from console.ui.widgets.painting import LEFT_TO_RIGHT, draw_line, placed
from console.ui.words import file_name, one_line

MOST_CARDS, MOST_LINES = 4, 4
ROW = 27
LEAST_DIGITS = 7  # what has fewer is a short code
GAP = 12  # px between the two signs


@dataclass(frozen=True, slots=True)
class EntryBlock:
    """A number or an address under a contact's name: to copy, and a number to write to."""

    size: QSizeF
    text: str
    kind: str
    target: Hit
    write: Hit | None = None
    side: float = 14.0  # of a sign
    turns: bool = True

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        theme = context.theme
        rect = QRectF(at, self.size)
        painter.setPen(QPen(theme.color("quote_out" if self.kind == "out" else "line"), 1))
        painter.drawLine(rect.topLeft(), rect.topRight())
        hovered = context.hovered == self.target
        side = self.side
        icon = QRectF(rect.right() - side - 2, rect.center().y() - side / 2, side, side)
        lit = "accent" if hovered else "on_bubble"
        theme.draw_icon(painter, "copy", lit, placed(painter, rect, icon))
        if self.write is not None:
            lit = "accent" if context.hovered == self.write else "on_bubble"
            icon.translate(-side - GAP, 0)
            theme.draw_icon(painter, "send", lit, placed(painter, rect, icon))
        painter.setPen(theme.color("on_accent_soft"))
        draw_line(
            painter,
            placed(painter, rect, rect.adjusted(2, 0, -2 * side - GAP - 12, 0)),
            f"{LEFT_TO_RIGHT}{self.text}",
            theme.font(Role.BASE_MEDIUM),
        )

    def hit(self, point: QPointF) -> Hit | None:
        if not QRectF(QPointF(0, 0), self.size).contains(point):
            return None
        from_end = self.size.width() - point.x()
        on_write = self.side + 8 < from_end < 2 * self.side + GAP + 8
        return self.write if self.write is not None and on_write else self.target


def measure(message: Message, width: float, context: Context) -> list[Block]:
    blocks: list[Block] = []
    for item in message.content.media:
        blocks += _file(item, width, context)
    return blocks + blocks_of(message, message.content.text, width, context)


def _file(item: MediaItem, width: float, context: Context) -> list[Block]:
    facts = context.pictures.facts(item)
    if facts is None or not facts.cards:
        name = file_name(item.name).removesuffix(".vcf") or translate("words", "Contact")
        target = Hit(Target.MEDIA, str(item.index), name)
        return [card(context, "contact", name, translate("words", "Contact"), width, target)]
    blocks: list[Block] = []
    for found in facts.cards[:MOST_CARDS]:
        blocks += _card(found, item, width, context)
    return blocks


def _card(found: Card, item: MediaItem, width: float, context: Context) -> list[Block]:
    theme = context.theme
    name = one_line(found.name, 80) or translate("words", "Contact")
    about = one_line(found.organisation, 80) or translate("words", "Contact")
    target = Hit(Target.MEDIA, str(item.index), name)
    head = card(context, "contact", name, about, width, target)
    entries = [number.text for number in found.numbers] + list(found.emails)
    metrics = QFontMetricsF(theme.font(Role.BASE_MEDIUM))
    wide = max(
        head.size.width(),
        *(metrics.horizontalAdvance(text) + theme.px(66) for text in entries[:MOST_LINES]),
        0.0,
    )
    rows: list[Block] = [
        EntryBlock(
            QSizeF(min(width, wide), float(theme.px(ROW))),
            text,
            "out" if context.outgoing else "in",
            Hit(Target.NUMBER, text, translate("timeline", "Copy")),
            _write(text),
            float(theme.px(14)),
        )
        for text in entries[:MOST_LINES]
    ]
    return [head, *rows]


def _write(text: str) -> Hit | None:
    """To begin a conversation with what looks like a number."""
    if "@" in text or sum(character.isdigit() for character in text) < LEAST_DIGITS:
        return None
    return Hit(Target.WRITE, text, translate("timeline", "Write to this number"))
