"""The thread on screen as one uses it: clicks, keys, text chosen across bubbles."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QPoint,
    QPointF,
    QRectF,
    Qt,
    QTimer,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
)
from PySide6.QtWidgets import QApplication, QStyle, QToolTip, QWidget

from console.domain.ids import MessageId
from console.domain.message import Message
from console.ui import words
from console.ui.announcing import announce, is_heard
from console.ui.timeline.accessible import spoken
from console.ui.timeline.context import Context, Hit, Target
from console.ui.timeline.rows import DayRow, EventRow, MessageRow, Row
from console.ui.timeline.selection import Place, Selection
from console.ui.timeline.surface import Surface

DRAG = 30  # ms between two moves of the thread under a hand that chooses beyond its edge
FASTEST = 60  # px of one of them
GLOW = 1400  # ms for which a row that was jumped to stands out


class TimelineView(Surface):
    """Says what was clicked (`targeted`) and whose menu is wanted."""

    targeted = Signal(object, object)  # Message, Hit
    opened = Signal(object)  # Message that the keyboard stands on
    date_wanted = Signal()  # a day line was clicked
    quote_wanted = Signal(object)  # Message: two clicks beside its bubble, or Q on it
    menu_wanted = Signal(object, object, QPoint)  # Message, Hit | None, global position

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._pressed: tuple[MessageId, Hit] | None = None
        self._pressed_at: QPointF | None = None
        self.selection = Selection(self._layouts)
        self._pointed_at: QPointF | None = None  # where in the viewport the mouse is
        self._dragged_to = QPointF()
        self._drag = QTimer(self)  # runs while a text is chosen beyond the view's edge
        self._drag.setInterval(DRAG)
        self._drag.timeout.connect(self._on_drag)
        self._glow = QVariantAnimation(self)
        self._glow.setStartValue(1.0)
        self._glow.setEndValue(0.0)
        self._glow.setDuration(GLOW)
        self._glow.valueChanged.connect(self._on_glow)

    def flash(self, key: str) -> None:
        """Let a row stand out for a moment: the one that was looked for."""
        self._context.flashed = (key, 1.0)
        self._glow.stop()
        self._glow.start()

    def clear_selection(self) -> bool:
        """Choose no text; False when none was chosen."""
        was = self.selection.clear()
        self._context.selected = {}
        self.viewport().update()
        return was

    def copied_text(self) -> str:
        """What Ctrl+C takes: the chosen text, else the message the keyboard stands on."""
        if not self.selection.is_empty:
            return self.selection.text(words.sender, self._context.now())
        message = self._current_message()
        return message.content.text if message is not None else ""

    def _hover(self, point: QPointF) -> None:
        found = self.hit_at(point)
        hit = found[1] if found else None
        shape = Qt.CursorShape.ArrowCursor
        if hit is not None:
            shape = Qt.CursorShape.PointingHandCursor
        elif found is not None and self._is_text(point):
            shape = Qt.CursorShape.IBeamCursor
        if shape != self.viewport().cursor().shape():
            self.viewport().setCursor(shape)
        if hit != self._context.hovered:
            self._context.hovered = hit
            self.viewport().update()

    def _hover_again(self) -> None:
        """Rows moved below a mouse that lies still."""
        if self._pointed_at is not None and self._pressed_at is None:
            self._hover(self._pointed_at)

    def _on_scrolled(self) -> None:
        super()._on_scrolled()
        self._hover_again()

    def _is_text(self, point: QPointF) -> bool:
        """Whether a point of the viewport lies on text that can be chosen."""
        index = self._layouts.index_at(point.y() - self._shift())
        row = self._layouts.rows[index]
        if not isinstance(row, MessageRow):
            return False
        inside = point - self._origin(index, row)
        return any(
            QRectF(spot, block.size).contains(inside)
            for _, block, spot in self._layouts.layout(row).texts()
        )

    def _walk(self, step: int) -> None:
        rows = self._layouts.rows
        places = [at for at, row in enumerate(rows) if isinstance(row, MessageRow | EventRow)]
        if not places:
            return
        here = self.place_of(self._current) if self._current else None
        if here is None:
            index = places[-1]
        elif step > 0:  # also from the line above what is new, where one begins to read
            index = next((at for at in places if at > here), places[-1])
        else:
            index = next((at for at in reversed(places) if at < here), places[0])
        self._current = rows[index].key
        self._measure_one(index)
        bar, height = self.verticalScrollBar(), self.viewport().height()
        if self._layouts.tops[index] < bar.value():
            bar.setValue(round(self._layouts.tops[index]))
        elif self._layouts.bottom(index) > bar.value() + height:
            bar.setValue(round(self._layouts.bottom(index) - height + 8))
        self.heard.stand_on(self._current)
        self.viewport().update()

    def show_rows(self, rows: Sequence[Row], *, at_end: bool = False) -> None:
        """Show `rows`; what was not sent after all is said to those who do not see it turn red."""
        if is_heard():
            before = self._layouts.rows
            sent = {row.key for row in before if isinstance(row, MessageRow) and _is_well(row)}
            for row in rows:
                if isinstance(row, MessageRow) and row.key in sent and not _is_well(row):
                    announce(self, spoken(row.message))
        super().show_rows(rows, at_end=at_end)
        if self.selection.follow():
            self._show_selection()
        self._hover_again()

    def tell_arrived(self, messages: Sequence[Message]) -> None:
        """Have new messages read out to those who listen."""
        announce(self, ". ".join(spoken(message) for message in messages[-3:]))

    def _current_message(self) -> Message | None:
        index = self._layouts.index_of(self._current) if self._current else None
        row = self._layouts.rows[index] if index is not None else None
        return row.message if isinstance(row, MessageRow) else None

    def _on_glow(self, level: float) -> None:
        if self._context.flashed is not None:
            key = self._context.flashed[0]
            if QApplication.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) == 0:
                level = 1.0 if level > 0 else 0.0  # no movement where the system wants none
            self._context.flashed = (key, level) if level > 0 else None
        self.viewport().update()

    def _place_at(self, point: QPointF) -> Place | None:
        """The caret nearest to a point of the viewport."""
        layouts = self._layouts
        if not layouts.rows:
            return None
        index = layouts.index_at(point.y() - self._shift())
        for near in (*range(index, len(layouts.rows)), *range(index - 1, -1, -1)):
            row = layouts.rows[near]
            if isinstance(row, MessageRow):
                return self.selection.place_at(near, row, point - self._origin(near, row))
        return None

    def _row_at(self, point: QPointF) -> Row | None:
        layouts = self._layouts
        y = point.y() - self._shift()
        if not layouts.rows or not 0 <= y <= layouts.total:
            return None
        return layouts.rows[layouts.index_at(y)]

    def _beside(self, point: QPointF) -> Message | None:
        """The message whose bubble is to the left or right of the point."""
        row = self._row_at(point)
        rect = self.bubble_rect(row.message.id) if isinstance(row, MessageRow) else None
        if rect is None or rect.left() - 8 <= point.x() <= rect.right() + 8:
            return None
        return row.message if isinstance(row, MessageRow) else None

    def first_message(self) -> Message | None:
        """The uppermost message in view."""
        for index in self._in_view():
            row = self._layouts.rows[index]
            if isinstance(row, MessageRow):
                return row.message
        return None

    def _seek(self, point: QPointF) -> None:
        """The hand is dragged along a recording, at any height."""
        if self._pressed is None or self._pressed_at is None:
            return
        found = self.hit_at(QPointF(point.x(), self._pressed_at.y()))
        if (
            found
            and found[0].id == self._pressed[0]
            and found[1]
            and found[1].target is Target.SEEK
        ):
            self.targeted.emit(found[0], found[1])

    def _reach(self, point: QPointF) -> None:
        """Choose up to a point; beyond the edges the thread moves until the hand comes back."""
        self._dragged_to = point
        if not 0 <= point.y() <= self.viewport().height():
            if not self._drag.isActive():
                self._drag.start()
        else:
            self._drag.stop()
        tall = self.viewport().height() - 1
        self.selection.reach(self._place_at(QPointF(point.x(), min(tall, max(0.0, point.y())))))
        self._show_selection()

    def _on_drag(self) -> None:
        y, tall = self._dragged_to.y(), self.viewport().height()
        far = y if y < 0 else y - tall
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + round(max(-FASTEST, min(FASTEST, far / 2))))
        self._reach(self._dragged_to)

    def _show_selection(self) -> None:
        self._context.selected = self.selection.spans
        self.viewport().update()

    # Qt

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._pointed_at = None
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
            if hit is not None and hit.tip:
                text = hit.tip
            elif index is not None and isinstance(row, MessageRow):
                layout = self._layouts.layout(row)
                if layout.tip_rect.contains(QPointF(point) - self._origin(index, row)):
                    text = layout.tip and words.progress(message, self._context.now())
        QToolTip.showText(place, words.tip(text), self.viewport())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        start, self._pointed_at = self._pressed_at, event.position()
        if start is None or not event.buttons() & Qt.MouseButton.LeftButton:
            self._hover(event.position())
            return
        if self._pressed is not None and self._pressed[1].target is Target.SEEK:
            self._seek(event.position())
            return
        far = QApplication.startDragDistance()
        if (event.position() - start).manhattanLength() >= far or not self.selection.is_empty:
            self._pressed = None  # a text is being chosen, nothing is clicked
            self._reach(event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.hit_at(event.position())
        self._pressed = None
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if found and found[1] and found[1].target is Target.SEEK:
            self._pressed, self._pressed_at = (found[0].id, found[1]), event.position()
            self.targeted.emit(found[0], found[1])
            return
        place = self._place_at(event.position())
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.selection.reach(place)
        else:
            self.selection.begin(place)
        self._show_selection()
        self._pressed_at = event.position()
        if found and found[1]:
            self._pressed = (found[0].id, found[1])

    def hideEvent(self, event: QHideEvent) -> None:
        self._drag.stop()  # nobody tells of a button that is let go elsewhere
        super().hideEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        beside = self._beside(event.position())
        if beside is not None:
            self.quote_wanted.emit(beside)
            return
        self.selection.choose_word(self._place_at(event.position()))
        self._show_selection()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        found = self.hit_at(event.position())
        pressed, self._pressed = self._pressed, None
        self._pressed_at = None
        self._drag.stop()
        if pressed is not None and pressed[1].target is Target.SEEK:
            return
        if found is None and event.button() == Qt.MouseButton.LeftButton:
            row = self._row_at(event.position())
            if isinstance(row, DayRow) and self.selection.is_empty:
                self.date_wanted.emit()
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
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            message = self._current_message()
            if message is not None:
                self.opened.emit(message)
        elif key == Qt.Key.Key_Q and not event.modifiers() and self._current_message() is not None:
            self.quote_wanted.emit(self._current_message())
        elif key == Qt.Key.Key_Home:
            bar.setValue(0)
        elif key == Qt.Key.Key_End:
            self.scroll_to_end()
        elif key == Qt.Key.Key_PageUp:
            bar.triggerAction(bar.SliderAction.SliderPageStepSub)
        elif key == Qt.Key.Key_PageDown:
            bar.triggerAction(bar.SliderAction.SliderPageStepAdd)
        elif event.matches(QKeySequence.StandardKey.Copy):
            text = self.copied_text()
            if text:
                QGuiApplication.clipboard().setText(text)
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.selection.choose_all()
            self._show_selection()
        elif key == Qt.Key.Key_Escape and self.clear_selection():
            pass
        else:
            super().keyPressEvent(event)


def _is_well(row: MessageRow) -> bool:
    return not row.message.is_failed
