"""Marks around a message's content: forwarded, from an advertisement, in answer to."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath

from console.domain.content import Referral
from console.domain.message import Message, Quote
from console.ui.language import translate
from console.ui.theme.type import Role
from console.ui.timeline.blocks import icon_line
from console.ui.timeline.context import Block, Context, Hit, Target
from console.ui.timeline.links import host_of
from console.ui.widgets.painting import Aside, draw_line, placed
from console.ui.words import one_line, phone


@dataclass(frozen=True, slots=True)
class QuoteBlock:
    """Two lines with a bar: who said it and what. Stretches with its bubble."""

    size: QSizeF
    title: str
    text: str
    outgoing: bool
    target: Hit | None

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        theme = context.theme
        rect = QRectF(at, self.size)
        path = QPainterPath()
        path.addRoundedRect(rect, 6, 6)
        with Aside(painter):
            painter.setClipPath(path)
            painter.fillRect(rect, theme.color("quote_out" if self.outgoing else "quote_in"))
            bar = QRectF(rect.x(), rect.y(), 3, rect.height())
            painter.fillRect(placed(painter, rect, bar), theme.color("accent"))
        inner = placed(painter, rect, rect.adjusted(12, 4, -10, -4))
        half = inner.height() / 2
        painter.setPen(theme.color("on_accent_soft"))
        draw_line(
            painter,
            QRectF(inner.x(), inner.y(), inner.width(), half),
            self.title,
            theme.font(Role.SMALL_STRONG),
        )
        painter.setPen(theme.color("on_bubble"))
        draw_line(
            painter,
            QRectF(inner.x(), inner.y() + half, inner.width(), half),
            self.text,
            theme.font(Role.SMALL),
        )

    def hit(self, point: QPointF) -> Hit | None:
        return self.target if QRectF(QPointF(0, 0), self.size).contains(point) else None


def measure(message: Message, width: float, context: Context) -> list[Block]:
    """The marks above the content, top to bottom."""
    theme, content = context.theme, message.content
    blocks: list[Block] = []
    if content.forwarded:
        words = translate("timeline", "Forwarded")
        blocks.append(icon_line(theme, "forward", words, width, "on_bubble"))
    if content.referral is not None:
        blocks.append(_referral(content.referral, width, context))
    if message.quote is not None:
        blocks.append(_quote(message.quote, width, context))
    elif content.quoted_sid:
        blocks.append(
            _lines(
                translate("timeline", "In answer to"),
                translate("timeline", "a message that is not here"),
                width,
                context,
                None,
            )
        )
    return blocks


def _quote(quote: Quote, width: float, context: Context) -> QuoteBlock:
    target = Hit(Target.QUOTE, quote.message_id) if quote.message_id else None
    who = one_line(phone(quote.sender), 80)
    return _lines(who, one_line(quote.text, 160), width, context, target)


def _referral(ad: Referral, width: float, context: Context) -> QuoteBlock:
    words = " · ".join(
        part for part in (one_line(ad.headline or "", 80), one_line(ad.body or "", 120)) if part
    )
    url = ad.source_url if ad.source_url and host_of(ad.source_url) else None
    return _lines(
        translate("timeline", "From an advertisement"),
        words or (host_of(url) or "" if url else ""),
        width,
        context,
        Hit(Target.LINK, url, host_of(url) or "") if url else None,
    )


def _lines(title: str, text: str, width: float, context: Context, target: Hit | None) -> QuoteBlock:
    theme = context.theme
    wide = max(
        QFontMetricsF(theme.font(Role.SMALL_STRONG)).horizontalAdvance(title),
        QFontMetricsF(theme.font(Role.SMALL)).horizontalAdvance(text),
    )
    wanted = min(width, wide + 26)
    return QuoteBlock(QSizeF(wanted, theme.px(43)), title, text, context.outgoing, target)
