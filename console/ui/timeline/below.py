"""What stands under a bubble: why it waits or failed, what to do, and the attempt ledger."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

from console.domain.content import Kind
from console.domain.delivery import Direction, Status
from console.domain.message import Attempt, Message
from console.ui import failures, words
from console.ui.language import translate
from console.ui.theme.type import Role
from console.ui.timeline.blocks import actions
from console.ui.timeline.context import Block, Context, Hit, Target
from console.ui.timeline.text import TextBlock, measure_text
from console.ui.times import clock_seconds
from console.ui.widgets.painting import placed

PAD = 13
# Hours for which "sent, not delivered" stands under the bubble; later the tick's tooltip is enough.
WORTH_SAYING = range(1, 72)


@dataclass(frozen=True, slots=True, eq=False)
class LedgerBlock:
    """A card with one line for each attempt and the one thing to do."""

    size: QSizeF
    head: TextBlock
    lines: tuple[tuple[TextBlock, TextBlock], ...]
    fix: TextBlock | None
    column: float

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        theme = context.theme
        painter.setPen(theme.color("line"))
        painter.setBrush(theme.color("surface"))
        painter.drawRoundedRect(QRectF(at, self.size).adjusted(0.5, 0.5, -0.5, -0.5), 12, 12)
        whole = QRectF(at, self.size)

        def paint_text(text: TextBlock, x: float, y: float) -> None:
            spot = placed(painter, whole, QRectF(QPointF(x, y), text.size))
            text.paint(painter, spot.topLeft(), context)

        x, y = at.x() + PAD, at.y() + PAD - 2
        paint_text(self.head, x, y)
        y += self.head.size.height() + 5
        for time, said in self.lines:
            paint_text(time, x, y)
            paint_text(said, x + self.column, y)
            y += max(time.size.height(), said.size.height()) + 4
        if self.fix is not None:
            y += 3
            bar = QRectF(x, y - 1, 3, self.fix.size.height() + 2)
            painter.fillRect(placed(painter, whole, bar), theme.color("warning"))
            paint_text(self.fix, x + 12, y)

    def hit(self, point: QPointF) -> Hit | None:
        return None


def measure(message: Message, width: float, context: Context) -> list[Block]:
    """The blocks under an own bubble; none while all is well."""
    if message.direction is not Direction.OUTBOUND:
        return []
    blocks: list[Block] = []
    if message.waiting == "asking":
        asked = words.conflict(message.rule)
        blocks.append(_said(asked, width, context, "warning"))
        entries = [
            (translate("timeline", "Edit"), Hit(Target.TAKE_BACK)),
            (translate("timeline", "Discard"), Hit(Target.DISCARD)),
        ]
        if message.rule != "window_closed":
            entries.insert(0, (translate("timeline", "Send anyway"), Hit(Target.RELEASE)))
        blocks.append(actions(context.theme, entries, "warning"))
    elif message.waiting in ("held", "uploading"):
        blocks.append(_undo(context))
    elif message.is_failed:
        why = failures.reason(message)
        blocks.append(_said(why.text, width, context, "danger"))
        entries = [
            (translate("timeline", "Try again"), Hit(Target.RETRY)),
            (_details_word(message, context), Hit(Target.DETAILS)),
        ]
        if message.local:
            entries.insert(1, (translate("timeline", "Discard"), Hit(Target.DISCARD)))
        blocks.append(actions(context.theme, entries, "danger"))
    elif message.status is Status.UNCERTAIN:
        asked = translate("timeline", "Twilio cannot say whether this was sent. Was it?")
        blocks.append(_said(asked, width, context, "warning"))
        entries = [
            (translate("timeline", "Yes, it was sent"), Hit(Target.WAS_SENT)),
            (translate("timeline", "No"), Hit(Target.WAS_NOT_SENT)),
            (_details_word(message, context), Hit(Target.DETAILS)),
        ]
        blocks.append(actions(context.theme, entries, "warning"))
    elif message.local and words.waiting(message.waiting):
        blocks.append(_said(words.waiting(message.waiting), width, context, "muted"))
        if message.content.kind is not Kind.NOTE:
            blocks.append(_undo(context))
    elif message.last_try is not None:
        blocks.append(_said(failures.held(message.last_try), width, context, "muted"))
        entries = [(_details_word(message, context), Hit(Target.DETAILS))]
        blocks.append(actions(context.theme, entries, "muted"))
    elif words.undelivered_hours(message, context.now()) in WORTH_SAYING:
        blocks.append(_said(words.progress(message, context.now()), width, context, "muted"))
    if message.id in context.open_ledgers:
        blocks.append(_ledger(message, width, context))
    return blocks


def _said(text: str, width: float, context: Context, ink: str) -> TextBlock:
    """Words under a bubble, whose lines end where its edge does."""
    small = context.theme.font(Role.SMALL)
    return measure_text(text, small, width, ink=ink, at_right=not context.mirrored)


def _undo(context: Context) -> Block:
    """What has not left becomes a draft again."""
    return actions(context.theme, [(translate("timeline", "Undo"), Hit(Target.TAKE_BACK))], "muted")


def _details_word(message: Message, context: Context) -> str:
    if message.id in context.open_ledgers:
        return translate("timeline", "Hide details")
    return translate("timeline", "Details")


def _ledger(message: Message, width: float, context: Context) -> LedgerBlock:
    theme = context.theme
    base = theme.font(Role.SMALL)
    inner = width - 2 * PAD
    head = measure_text(
        translate("timeline", "Delivery history"), theme.font(Role.SMALL_STRONG), inner
    )
    column = float(theme.px(72))
    lines = tuple(
        (
            measure_text(time, base, column, ink="muted"),
            measure_text(said, base, inner - column),
        )
        for time, said in _entries(message, context.attempts.get(message.id, ()))
    )
    fix = None
    if message.is_failed:
        advice = translate("timeline", "What can be done: {fix}").format(
            fix=_within(failures.reason(message).fix)
        )
        fix = measure_text(advice, base, inner - 12)
    height = PAD - 2 + head.size.height() + 5
    height += sum(max(t.size.height(), s.size.height()) + 4 for t, s in lines)
    height += (fix.size.height() + 4 if fix else 0) + PAD - 4
    return LedgerBlock(QSizeF(width, height), head, lines, fix, column)


def _within(text: str) -> str:
    """A sentence as the rest of another one."""
    return text[:1].lower() + text[1:]


def _entries(message: Message, attempts: tuple[Attempt, ...]) -> list[tuple[str, str]]:
    lines = [(clock_seconds(message.timestamp), translate("timeline", "Written here"))]
    lines += [(clock_seconds(entry.started_at), failures.attempt(entry)) for entry in attempts]
    if message.is_failed and not any(entry.error_code for entry in attempts):
        said = words.status(message.status)
        if message.error_code:
            said += f" · {message.error_code}"
        lines.append(("", f"{said} · {failures.reason(message).text}"))
    return lines
