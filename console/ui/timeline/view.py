"""The thread on screen: paints visible rows, keeps its place, says what was clicked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from console.domain.ids import MessageId
from console.domain.message import Message
from console.ui import words
from console.ui.language import translate
from console.ui.theme.tokens import BUBBLE_RADIUS
from console.ui.theme.type import Role
from console.ui.timeline.context import Context, Hit, Target
from console.ui.timeline.layouts import Layouts
from console.ui.timeline.pictures import key_of
from console.ui.timeline.rows import DayRow, MessageRow, NewRow, Row
from console.ui.times import clock
from console.ui.widgets.painting import draw_pill, pill_width

NEAR = 600  # px from an end at which the next page is asked for
AT_END = 6
SKELETON = ((0.42, 44), (0.55, 66), (-0.48, 44), (0.3, 40), (-0.6, 84), (0.5, 44))


class TimelineView(QAbstractScrollArea):
    """Give it rows; it keeps the reader's place whatever changes above or below."""

    older_wanted = Signal()
    newer_wanted = Signal()
    end_left = Signal()
    end_reached = Signal()
    targeted = Signal(object, object)  # Message, Hit
    menu_wanted = Signal(object, object, QPoint)  # Message, Hit | None, global position

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._layouts = Layouts(context)
        self._loading = True
        self._loading_older = False
        self._was_at_end = True
        self._settling = False
        self._current: str | None = None
        self._pressed: tuple[MessageId, Hit] | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName(translate("timeline", "Conversation"))
        self.verticalScrollBar().setSingleStep(40)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        context.theme.changed.connect(self._on_style_changed)
        context.pictures.loaded.connect(self._on_picture_loaded)
        context.player.changed.connect(self.viewport().update)

    def show_loading(self) -> None:
        """Skeleton bubbles: for a thread that this machine has never seen."""
        self._layouts.arrange((), self._width())
        self._loading = True
        self._current = None
        self._refit(at_end=True)

    def show_rows(self, rows: Sequence[Row], *, at_end: bool = False) -> None:
        """Show `rows`. The place is kept, or the end when it was in view or `at_end` asks."""
        first = self._loading
        self._loading = False
        self._rearrange(rows, at_end=at_end or first)

    def show_loading_older(self, on: bool) -> None:
        self._loading_older = on
        self.viewport().update()

    def remeasure(self, message_id: MessageId) -> None:
        """Something that one bubble shows has changed beside its message."""
        self._layouts.forget(message_id)
        self._rearrange(self._layouts.rows)

    def is_at_end(self) -> bool:
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - AT_END

    def scroll_to_end(self) -> None:
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def scroll_to(self, key: str) -> bool:
        """Bring a row into the upper third; False when it is not loaded."""
        index = self._layouts.index_of(key)
        if index is None:
            return False
        self._current = key
        top = self._layouts.tops[index] - self.viewport().height() / 3
        self.verticalScrollBar().setValue(round(top))
        self.viewport().update()
        return True

    def rows(self) -> Sequence[Row]:
        return self._layouts.rows

    def bubble_rect(self, message_id: MessageId) -> QRectF | None:
        """Where a bubble lies in the viewport; None when it is not loaded."""
        index = self._layouts.index_of(message_id)
        row = self._layouts.rows[index] if index is not None else None
        if index is None or not isinstance(row, MessageRow):
            return None
        return self._layouts.layout(row).bubble.translated(self._origin(index, row))

    def hit_at(self, point: QPointF) -> tuple[Message, Hit | None] | None:
        """The message under a point of the viewport, and what of it."""
        if not self._layouts.rows:
            return None
        index = self._layouts.index_at(point.y() - self._shift())
        row = self._layouts.rows[index]
        if not isinstance(row, MessageRow):
            return None
        return row.message, self._layouts.layout(row).hit(point - self._origin(index, row))

    def _width(self) -> float:
        return float(self.viewport().width())

    def _shift(self) -> float:
        """From a row's place to the viewport: short threads stand at the bottom."""
        spare = max(0.0, self.viewport().height() - self._layouts.total)
        return spare - self.verticalScrollBar().value()

    def _origin(self, index: int, row: MessageRow) -> QPointF:
        layout = self._layouts.layout(row)
        aside = self._width() - layout.width if layout.outgoing else 0.0
        return QPointF(aside, self._layouts.tops[index] + self._shift())

    def _rearrange(self, rows: Sequence[Row], *, at_end: bool = False) -> None:
        stick = at_end or self._was_at_end
        anchors = [] if stick else self._anchors()
        self._layouts.arrange(rows, self._width())
        self._refit(at_end=stick)
        for key, offset in anchors:
            index = self._layouts.index_of(key)
            if index is not None:
                self.verticalScrollBar().setValue(round(self._layouts.tops[index] - offset))
                break
        self._ask_for_more()

    def _anchors(self) -> list[tuple[str, float]]:
        """Visible rows and how far each is from the top: the first survivor holds the place."""
        value = self.verticalScrollBar().value()
        start = self._layouts.index_at(value)
        return [
            (row.key, self._layouts.tops[start + step] - value)
            for step, row in enumerate(self._layouts.rows[start : start + 30])
            if isinstance(row, MessageRow)
        ]

    def _refit(self, *, at_end: bool) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        self._settling = True
        bar.setPageStep(height)
        bar.setRange(0, max(0, round(self._layouts.total - height)))
        if at_end:
            bar.setValue(bar.maximum())
        self._settling = False
        self._was_at_end = self.is_at_end()
        self.viewport().update()

    def _ask_for_more(self) -> None:
        bar = self.verticalScrollBar()
        if self._loading or not self._layouts.rows:
            return
        if bar.value() < NEAR:
            self.older_wanted.emit()
        if bar.maximum() - bar.value() < NEAR:
            self.newer_wanted.emit()

    def _on_scrolled(self) -> None:
        self.viewport().update()
        if self._settling:
            return
        at_end = self.is_at_end()
        if at_end != self._was_at_end:
            self._was_at_end = at_end
            (self.end_reached if at_end else self.end_left).emit()
        self._ask_for_more()

    def _on_style_changed(self) -> None:
        self._rearrange(self._layouts.rows)

    def _on_picture_loaded(self, key: str) -> None:
        touched = False
        for row in self._layouts.rows:
            if isinstance(row, MessageRow) and any(
                key_of(item) == key for item in row.message.content.media
            ):
                self._layouts.forget(row.message.id)
                touched = True
        if touched:
            self._rearrange(self._layouts.rows)

    def _hover(self, point: QPointF) -> None:
        found = self.hit_at(point)
        hit = found[1] if found else None
        if hit != self._context.hovered:
            self._context.hovered = hit
            self.viewport().setCursor(
                Qt.CursorShape.PointingHandCursor if hit else Qt.CursorShape.ArrowCursor
            )
            self.viewport().update()

    def _walk(self, step: int) -> None:
        keys = [row.key for row in self._layouts.rows if isinstance(row, MessageRow)]
        if not keys:
            return
        place = keys.index(self._current) + step if self._current in keys else len(keys) - 1
        self._current = keys[min(len(keys) - 1, max(0, place))]
        index = self._layouts.index_of(self._current) or 0
        bar, height = self.verticalScrollBar(), self.viewport().height()
        if self._layouts.tops[index] < bar.value():
            bar.setValue(round(self._layouts.tops[index]))
        elif self._layouts.bottom(index) > bar.value() + height:
            bar.setValue(round(self._layouts.bottom(index) - height + 8))
        row = self._layouts.rows[index]
        if isinstance(row, MessageRow):
            self.setAccessibleDescription(words.spoken(row.message, clock(row.message.timestamp)))
        self.viewport().update()

    def _current_message(self) -> Message | None:
        index = self._layouts.index_of(self._current) if self._current else None
        row = self._layouts.rows[index] if index is not None else None
        return row.message if isinstance(row, MessageRow) else None

    # painting

    def _paint_rows(self, painter: QPainter, area: QRectF) -> None:
        layouts, shift = self._layouts, self._shift()
        index = layouts.index_at(area.top() - shift)
        while index < len(layouts.rows) and layouts.tops[index] + shift <= area.bottom():
            row = layouts.rows[index]
            if isinstance(row, MessageRow):
                origin = self._origin(index, row)
                layouts.layout(row).paint(painter, origin, self._context)
                if row.key == self._current and self.hasFocus():
                    self._paint_ring(painter, layouts.layout(row).bubble.translated(origin))
            else:
                self._paint_line(painter, row, layouts.tops[index] + shift)
            index += 1

    def _paint_ring(self, painter: QPainter, rect: QRectF) -> None:
        painter.setPen(QPen(self._context.theme.color("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect.adjusted(-3, -3, 3, 3), BUBBLE_RADIUS + 2, BUBBLE_RADIUS + 2)

    def _paint_line(self, painter: QPainter, row: DayRow | NewRow, y: float) -> None:
        theme = self._context.theme
        height = theme.px(22)
        middle = y + theme.px(42) / 2 + 4
        ground, ink = "thread", "muted"
        if isinstance(row, NewRow):
            text = translate("timeline", "%n new message(s)", "", row.count)
            ground, ink = "accent_soft", "on_accent_soft"
        else:
            text = row.text
        width = pill_width(theme, text, Role.STAMP_STRONG, 12)
        rect = QRectF((self._width() - width) / 2, middle - height / 2, width, height)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawLine(QPointF(22, middle), QPointF(rect.left() - 8, middle))
        painter.drawLine(QPointF(rect.right() + 8, middle), QPointF(self._width() - 22, middle))
        draw_pill(painter, theme, rect, text, ground, ink, Role.STAMP_STRONG, height / 2)

    def _paint_skeleton(self, painter: QPainter) -> None:
        theme, width = self._context.theme, self._width()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("skeleton"))
        y = float(self.viewport().height()) - 20
        for part, height in reversed(SKELETON):
            wide = abs(part) * width * 0.8
            x = 22.0 if part > 0 else width - 22 - wide
            y -= height
            painter.drawRoundedRect(QRectF(x, y, wide, height), BUBBLE_RADIUS, BUBBLE_RADIUS)
            y -= 12

    def _paint_older(self, painter: QPainter) -> None:
        theme = self._context.theme
        text = translate("timeline", "Loading older messages…")
        width = pill_width(theme, text, Role.STAMP_STRONG, 12)
        rect = QRectF((self._width() - width) / 2, 8, width, theme.px(24))
        draw_pill(painter, theme, rect, text, "surface", "muted", Role.STAMP_STRONG, 12)

    # Qt

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover(QPointF(-1, -1))
        elif event.type() == QEvent.Type.ToolTip:
            self._show_tip(event.pos(), event.globalPos())  # type: ignore[attr-defined]
            return True
        return super().viewportEvent(event)

    def _show_tip(self, point: QPoint, place: QPoint) -> None:
        found = self.hit_at(QPointF(point))
        text = ""
        if found is not None:
            message, hit = found
            index = self._layouts.index_of(message.id)
            row = self._layouts.rows[index] if index is not None else None
            if hit is not None and hit.target in (Target.LINK, Target.PLACE, Target.PLAY):
                text = hit.tip
            elif index is not None and isinstance(row, MessageRow):
                layout = self._layouts.layout(row)
                if layout.tip_rect.contains(QPointF(point) - self._origin(index, row)):
                    text = layout.tip and words.progress(message, self._context.now())
        QToolTip.showText(place, text, self.viewport())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), self._context.theme.color("thread"))
        if self._loading:
            self._paint_skeleton(painter)
        elif self._layouts.rows:
            self._paint_rows(painter, QRectF(event.rect()))
        if self._loading_older:
            self._paint_older(painter)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._rearrange(self._layouts.rows)
        else:
            self._refit(at_end=self._was_at_end)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.hit_at(event.position())
        self._pressed = None
        if event.button() == Qt.MouseButton.LeftButton and found and found[1]:
            self._pressed = (found[0].id, found[1])

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        found = self.hit_at(event.position())
        pressed, self._pressed = self._pressed, None
        if found and found[1] and pressed == (found[0].id, found[1]):
            self.targeted.emit(found[0], found[1])

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            message = self._current_message()
            rect = self.bubble_rect(message.id) if message else None
            if message is not None and rect is not None:
                place = self.viewport().mapToGlobal(rect.center().toPoint())
                self.menu_wanted.emit(message, None, place)
            return
        found = self.hit_at(QPointF(self.viewport().mapFromGlobal(event.globalPos())))
        if found is not None:
            self.menu_wanted.emit(found[0], found[1], event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._walk(-1 if key == Qt.Key.Key_Up else 1)
        elif key == Qt.Key.Key_Home:
            bar.setValue(0)
        elif key == Qt.Key.Key_End:
            self.scroll_to_end()
        elif key == Qt.Key.Key_PageUp:
            bar.triggerAction(bar.SliderAction.SliderPageStepSub)
        elif key == Qt.Key.Key_PageDown:
            bar.triggerAction(bar.SliderAction.SliderPageStepAdd)
        elif event.matches(QKeySequence.StandardKey.Copy):
            message = self._current_message()
            if message is not None:
                QGuiApplication.clipboard().setText(message.content.text)
        else:
            super().keyPressEvent(event)
