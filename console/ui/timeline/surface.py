"""The thread's ground: paints visible rows and keeps the reader's place whatever changes."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from console.domain.ids import MessageId
from console.domain.message import Message
from console.ui import overrides
from console.ui.language import translate
from console.ui.timeline.context import Context, Hit
from console.ui.timeline.layouts import Layouts
from console.ui.timeline.lines import (
    paint_glow,
    paint_line,
    paint_older,
    paint_ring,
    paint_skeleton,
)
from console.ui.timeline.listening import Heard
from console.ui.timeline.pictures import key_of
from console.ui.timeline.rows import MessageRow, Row
from console.ui.widgets.painting import Aside

NEAR = 600  # px from an end at which the next page is asked for
AT_END = 6
SLICE = 0.006  # seconds of measuring between two looks at Qt's events
BETWEEN = 8  # ms between two slices: first what is in view is painted, and keys are heard

# Rows and how far each is from the top, the first that is still there holds the reader's place;
# None holds the end.
Hold = list[tuple[str, float]] | None


class Surface(QAbstractScrollArea):
    """Give it rows; it keeps the reader's place whatever changes above or below."""

    older_wanted = Signal()
    newer_wanted = Signal()
    end_left = Signal()
    end_reached = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heard = Heard(self)
        self._context = context
        self._layouts = Layouts(context)
        self._loading = True
        self._loading_older = self._is_offline = False
        self._was_at_end = True
        self._stood_at = 0  # px from the top of what it stands in
        self._settling = False
        self._slices = QTimer(self)
        self._slices.setSingleShot(True)
        self._slices.setInterval(BETWEEN)
        self._slices.timeout.connect(self._on_slice)
        self._current: str | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName(translate("timeline", "Conversation"))
        context.mirrored = self.isRightToLeft()
        self.verticalScrollBar().setSingleStep(40)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        context.theme.changed.connect(self._arrange_again)
        context.pictures.loaded.connect(self._on_picture_loaded)
        context.player.changed.connect(self.viewport().update)

    def show_loading(self) -> None:
        """Skeleton bubbles: for a thread that this machine has never seen."""
        self._layouts.arrange((), self._width())
        self.heard.follow()
        self._loading = True
        self._current = None
        self._refit(None)
        self.viewport().update()

    def show_rows(self, rows: Sequence[Row], *, at_end: bool = False) -> None:
        """Show `rows`. The place is kept, or the end when it was in view or `at_end` asks."""
        first = self._loading
        self._loading = False
        self._rearrange(rows, at_end=at_end or first)

    def show_loading_older(self, on: bool, *, offline: bool = False) -> None:
        self._loading_older, self._is_offline = on, offline
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
        self._current = self._layouts.rows[index].key  # an album stands for each picture in it
        self._show([(key, self.viewport().height() / 3)])
        self.viewport().update()
        self._tell_place()
        return True

    def is_above(self, key: str) -> bool:
        """Whether a row is loaded and begins above what is in view."""
        index = self._layouts.index_of(key)
        return index is not None and self._layouts.tops[index] < self.verticalScrollBar().value()

    def rows(self) -> Sequence[Row]:
        return self._layouts.rows

    def place_of(self, key: str) -> int | None:
        """Where a row stands among the others; None when it is not loaded."""
        return self._layouts.index_of(key)

    def row_rect(self, key: str) -> QRect:
        """Where a row lies on the screen, as far as it is known without measuring it."""
        index = self._layouts.index_of(key)
        if index is None:
            return QRect()
        top, bottom = self._layouts.tops[index], self._layouts.bottom(index)
        rect = QRectF(self._left(), top + self._shift(), self._width(), bottom - top).toRect()
        return rect.translated(self.viewport().mapToGlobal(rect.topLeft()) - rect.topLeft())

    def current_key(self) -> str | None:
        """The row that the keys stand on."""
        return self._current

    def bubble_rect(self, message_id: MessageId) -> QRectF | None:
        """Where a bubble lies in the viewport; None when it is not loaded."""
        index = self._layouts.index_of(message_id)
        row = self._layouts.rows[index] if index is not None else None
        if index is None or not isinstance(row, MessageRow):
            return None
        self._measure_one(index)
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
        """Of the rows: the scroll bar's place stays free, or its coming would measure all anew."""
        return float(self.width() - self.verticalScrollBar().sizeHint().width())

    def _shift(self) -> float:
        """From a row's place to the viewport: short threads stand at the bottom."""
        spare = max(0.0, self.viewport().height() - self._layouts.total)
        return spare - self.verticalScrollBar().value()

    def _left(self) -> float:
        """Of the rows in the viewport: the scroll bar stands at the end of the lines."""
        return self.viewport().width() - self._width() if self._context.mirrored else 0.0

    def _origin(self, index: int, row: MessageRow) -> QPointF:
        layout = self._layouts.layout(row)
        aside = self._width() - layout.width if layout.at_right else 0.0
        return QPointF(self._left() + aside, self._layouts.tops[index] + self._shift())

    def _rearrange(self, rows: Sequence[Row], *, at_end: bool = False) -> None:
        hold = None if at_end or self._was_at_end else self._hold()
        self._layouts.arrange(rows, self._width())
        stands_in = self._layouts.index_of(self._current) if self._current else None
        if stands_in is not None:
            self._current = rows[stands_in].key  # an album that grew has another key
        self._show(hold)
        self.viewport().update()
        self.heard.follow()
        self._tell_place()

    def _hold(self) -> Hold:
        """What keeps the reader's place: the rows in view, those that are measured first."""
        if self._was_at_end:
            return None
        value = self.verticalScrollBar().value()
        start = self._layouts.index_at(value)
        rows = self._layouts.rows
        found = [
            i for i in range(start, min(start + 30, len(rows))) if isinstance(rows[i], MessageRow)
        ]
        found.sort(key=self._layouts.pending.__contains__)
        return [(rows[index].key, self._layouts.tops[index] - value) for index in found]

    def _show(self, hold: Hold) -> None:
        """Measure what is in view and stand where `hold` says; the rest follows in slices."""
        self._refit(hold)
        while self._layouts.pending:
            in_view = self._layouts.pending.intersection(self._in_view())
            if not in_view:
                self._slices.start()
                return
            self._layouts.measure(in_view)
            self._refit(hold)

    def _in_view(self) -> range:
        top = self.verticalScrollBar().value()
        return self._layouts.places_between(top, top + self.viewport().height())

    def _on_slice(self) -> None:
        hold, layouts, standing = self._hold(), self._layouts, self._standing()
        middle = self._in_view().start
        until = monotonic() + SLICE
        for index in sorted(layouts.pending, key=lambda index: abs(index - middle)):
            layouts.measure((index,))
            if monotonic() > until:
                break
        self._show(hold)
        if self._standing() != standing:
            self.viewport().update()
        self._tell_place()

    def _standing(self) -> list[tuple[Row, float]]:
        """What is in view, and where."""
        rows, tops, shift = self._layouts.rows, self._layouts.tops, self._shift()
        return [(rows[index], round(tops[index] + shift, 3)) for index in self._in_view()]

    def _measure_one(self, index: int) -> None:
        if index in self._layouts.pending:
            hold = self._hold()
            self._layouts.measure((index,))
            self._show(hold)
            self.viewport().update()

    def _refit(self, hold: Hold) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        self._settling = True
        bar.setPageStep(height)
        bar.setRange(0, max(0, round(self._layouts.total - height)))
        if hold is None:
            bar.setValue(bar.maximum())
        for key, offset in hold or ():
            index = self._layouts.index_of(key)
            if index is not None:
                bar.setValue(round(self._layouts.tops[index] - offset))
                break
        self._settling = False

    def _tell_place(self) -> None:
        """The end came into view or left it; a page may be wanted."""
        at_end = self.is_at_end()
        if at_end != self._was_at_end:
            self._was_at_end = at_end
            (self.end_reached if at_end else self.end_left).emit()
        self._ask_for_more()

    def _ask_for_more(self) -> None:
        bar = self.verticalScrollBar()
        if self._loading or not self._layouts.rows:
            return
        if bar.value() < NEAR:
            self.older_wanted.emit()
        if bar.maximum() - bar.value() < NEAR:
            self.newer_wanted.emit()

    def _on_scrolled(self) -> None:
        if self._settling:
            return
        self.viewport().update()
        if self._layouts.pending.intersection(self._in_view()):
            self._was_at_end = self._was_at_end and self.is_at_end()
            self._show(self._hold())
        self._tell_place()

    def _arrange_again(self) -> None:
        self._rearrange(self._layouts.rows)

    def _on_picture_loaded(self, key: str) -> None:
        touched = False
        for row in self._layouts.rows:
            if isinstance(row, MessageRow) and any(
                key_of(item) == key
                for message in row.album or (row.message,)
                for item in message.content.media
            ):
                self._layouts.forget(row.message.id)
                touched = True
        if touched:
            self._rearrange(self._layouts.rows)

    # painting

    def _paint_rows(self, painter: QPainter, area: QRectF) -> None:
        layouts, shift = self._layouts, self._shift()
        glow = self._context.flashed
        glowing = layouts.index_of(glow[0]) if glow else None
        index = layouts.index_at(area.top() - shift)
        while index < len(layouts.rows) and layouts.tops[index] + shift <= area.bottom():
            row = layouts.rows[index]
            try:
                with Aside(painter):
                    self._paint_row(painter, index, glow[1] if glow and glowing == index else 0)
            except Exception as error:  # the others are to be seen all the same
                overrides.tell(self, error, row.key)
                if isinstance(row, MessageRow) and layouts.give_up(row):
                    QTimer.singleShot(0, self, self._arrange_again)  # it is painted now
            index += 1

    def _paint_row(self, painter: QPainter, index: int, glow: float) -> None:
        layouts, theme = self._layouts, self._context.theme
        row, top = layouts.rows[index], layouts.tops[index]
        is_current = row.key == self._current and self.hasFocus()
        if isinstance(row, MessageRow):
            origin, layout = self._origin(index, row), layouts.layout(row)
            layout.paint(painter, origin, self._context)
            if glow:
                paint_glow(painter, theme, layout.frame.translated(origin), glow)
            if is_current:
                paint_ring(painter, theme, layout.bubble.translated(origin))
            return
        height = layouts.bottom(index) - top
        line = QRectF(self._left(), top + self._shift(), self._width(), height)
        paint_line(painter, theme, row, line)
        if is_current:
            paint_ring(painter, theme, line.adjusted(60, 0, -60, 0))

    # Qt

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Nothing: `_on_scrolled` paints, and where rows keep their place nothing is to be."""

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self.viewport()) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(event.rect(), self._context.theme.color("thread"))
            if self._loading:
                paint_skeleton(
                    painter, self._context.theme, self._width(), self.viewport().height()
                )
            elif self._layouts.rows:
                self._paint_rows(painter, QRectF(event.rect()))
            if self._loading_older:
                theme, offline = self._context.theme, self._is_offline
                paint_older(painter, theme, self._width(), offline=offline)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        # After Qt has told of the view itself, or that is what would be heard last.
        QTimer.singleShot(0, self, self._tell_current)

    def _tell_current(self) -> None:
        if self.hasFocus():
            self.heard.stand_on(self._current)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._context.mirrored = self.isRightToLeft()
            self._rearrange(self._layouts.rows)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        stands_at = 0 if self.isWindow() else self.y()
        fell, self._stood_at = stands_at - self._stood_at, stands_at
        if self._width() != self._layouts.width:
            self._rearrange(self._layouts.rows)
        else:
            # What comes above takes of the thread; what one reads stays where it was on screen.
            hold = self._hold()
            self._show(hold and [(key, top - fell) for key, top in hold])
            self.viewport().update()
