"""A month to take a day from, and a time where one is wanted; painted from the tokens."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from PySide6.QtCore import QDate, QLocale, QPointF, QRect, QRectF, QSize, Qt, QTime, Signal
from PySide6.QtGui import QAccessible, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QTimeEdit,
    QVBoxLayout,
    QWidget,
)

from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.widgets.buttons import IconButton, button
from console.ui.widgets.labels import label
from console.ui.widgets.painting import PLAIN
from console.ui.widgets.spoken import speak_as, speak_cells
from console.ui.widgets.stops import ReadingOrder

CELL = 34


def month_of(day: date) -> str:
    """The month and its year, as one writes them."""
    return QLocale().toString(QDate(day.year, day.month, 1), "MMMM yyyy")


class MonthGrid(QWidget):
    """Six weeks. Arrow keys walk, Enter takes; days outside `first`..`last` cannot be taken."""

    taken = Signal(object)  # a date
    moved = Signal()

    def __init__(self, theme: Theme, day: date, first: date, last: date) -> None:
        super().__init__()
        self.heard = speak_cells(self)
        self._theme = theme
        self.day = day
        self._first, self._last = first, last
        self._today = datetime.now().astimezone().date()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._describe()

    def turn(self, months: int) -> None:
        """Another month, on the same day of it where it has one."""
        turned = QDate(self.day.year, self.day.month, self.day.day).addMonths(months)
        self._go(date(turned.year(), turned.month(), turned.day()))

    def _go(self, day: date) -> None:
        self.day = min(self._last, max(self._first, day))
        self._describe()
        self.heard.follow()
        self.moved.emit()
        self.update()

    def _describe(self) -> None:
        self.setAccessibleName(month_of(self.day))

    def _start(self) -> date:
        """The day in the upper left corner: the week begins as the language has it."""
        first = self.day.replace(day=1)
        begins = QLocale().firstDayOfWeek().value  # 1 is Monday
        return first - timedelta(days=(first.isoweekday() - begins) % 7)

    def _side(self) -> int:
        return self._theme.px(CELL)

    def _column(self, place: int) -> int:
        """A place in the week, or on the screen: with the window mirrored the week does so too."""
        return 6 - place if self.isRightToLeft() else place

    def _day_at(self, point: QPointF) -> date | None:
        column = self._column(int(point.x() // self._side()))
        row = int(point.y() // self._side()) - 1
        if not (0 <= column < 7 and 0 <= row < 6):
            return None
        found = self._start() + timedelta(days=7 * row + column)
        return found if self.can_take(found) else None

    def _cell(self, place: int) -> QRectF:
        row, column = divmod(place, 7)
        side = self._side()
        return QRectF(self._column(column) * side, (row + 1) * side, side, side)

    # Heard

    def cells(self) -> list[date]:
        start = self._start()
        return [start + timedelta(days=place) for place in range(42)]

    def current_cell(self) -> date:
        return self.day

    def cell_words(self, what: date) -> str:
        day = QDate(what.year, what.month, what.day)
        return QLocale().toString(day, QLocale.FormatType.LongFormat)

    def cell_rect(self, what: date) -> QRect:
        return self._cell((what - self._start()).days).toRect()

    def can_take(self, what: date) -> bool:
        return self._first <= what <= self._last

    # Qt

    def sizeHint(self) -> QSize:
        return QSize(7 * self._side(), 7 * self._side())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, side, start = self._theme, self._side(), self._start()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme.font(Role.STAMP))
            painter.setPen(theme.color("faint"))
            middle = int(Qt.AlignmentFlag.AlignCenter | PLAIN)
            for column in range(7):
                weekday = (start + timedelta(days=column)).isoweekday()
                name = QLocale().standaloneDayName(weekday, QLocale.FormatType.ShortFormat)[:3]
                painter.drawText(QRectF(self._column(column) * side, 0, side, side), middle, name)
            for place in range(42):
                day = start + timedelta(days=place)
                rect = self._cell(place).adjusted(2, 2, -2, -2)
                ink = "text" if day.month == self.day.month else "faint"
                if day == self.day:
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(theme.color("accent"))
                    painter.drawRoundedRect(rect, 8, 8)
                    ink = "on_accent"
                elif day == self._today:
                    painter.setPen(theme.color("accent"))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
                painter.setOpacity(1.0 if self.can_take(day) else 0.4)
                painter.setFont(theme.font(Role.SMALL_STRONG if day == self.day else Role.SMALL))
                painter.setPen(theme.color(ink))
                painter.drawText(rect, middle, QLocale().toString(day.day))
                painter.setOpacity(1.0)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.heard.follow()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        found = self._day_at(event.position())
        if found is not None:
            self._go(found)
            self.taken.emit(found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        onward = -1 if self.isRightToLeft() else 1
        steps = {
            Qt.Key.Key_Left: -onward,
            Qt.Key.Key_Right: onward,
            Qt.Key.Key_Up: -7,
            Qt.Key.Key_Down: 7,
        }
        key = Qt.Key(event.key())
        if key in steps:
            self._go(self.day + timedelta(days=steps[key]))
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.turn(-1 if key == Qt.Key.Key_PageUp else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.taken.emit(self.day)
        else:
            super().keyPressEvent(event)


class CalendarPopup(QFrame):
    """`chosen` carries an aware datetime: midnight of the day, or day and time `with_time`."""

    chosen = Signal(object)

    def __init__(
        self,
        parent: QWidget,
        theme: Theme,
        title: str,
        day: date,
        first: date,
        last: date,
        *,
        with_time: time | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        speak_as(self, QAccessible.Role.Dialog)
        self.setWindowFlag(Qt.WindowType.NoDropShadowWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAccessibleName(title)
        self._with_time = with_time is not None
        self.grid = MonthGrid(theme, day, first, last)
        self.month = label("", "strong")
        self.time = QTimeEdit(QTime(with_time.hour, with_time.minute) if with_time else QTime(0, 0))
        self.take = button(translate("calendar", "Choose"), "primary")
        self._build(theme, title)
        self._show_month()

    def _build(self, theme: Theme, title: str) -> None:
        inside = QFrame()
        inside.setProperty("kind", "popup")
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(12, 10, 12, 12)
        layout.setSpacing(6)
        layout.addWidget(label(title, "caption", "muted"))
        head = QHBoxLayout()
        before = IconButton(theme, "chevron-left", translate("calendar", "Month before"), side=28)
        after = IconButton(theme, "chevron-right", translate("calendar", "Month after"), side=28)
        before.clicked.connect(lambda: self.grid.turn(-1))
        after.clicked.connect(lambda: self.grid.turn(1))
        head.addWidget(self.month, 1)
        head.addWidget(before)
        head.addWidget(after)
        layout.addLayout(head)
        layout.addWidget(self.grid)
        if self._with_time:
            foot = QHBoxLayout()
            foot.setSpacing(8)
            foot.addWidget(label(translate("calendar", "Time"), "small", "muted"))
            self.time.setAccessibleName(translate("calendar", "Time"))
            self.time.setAlignment(Qt.AlignmentFlag.AlignCenter)
            foot.addWidget(self.time)
            foot.addStretch(1)
            foot.addWidget(self.take)
            layout.addLayout(foot)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(inside)
        self.grid.moved.connect(self._show_month)
        self.grid.taken.connect(self._on_taken)
        self.take.clicked.connect(self._take)
        ReadingOrder(self)

    def _show_month(self) -> None:
        self.month.setText(month_of(self.grid.day))

    def _on_taken(self) -> None:
        if self._with_time:
            self.time.setFocus()
        else:
            self._take()

    def _take(self) -> None:
        shown = self.time.time()
        moment = datetime.combine(self.grid.day, time(shown.hour(), shown.minute())).astimezone()
        self.close()
        self.chosen.emit(moment)

    # Qt

    def focusInEvent(self, event: QFocusEvent) -> None:
        # No focus proxy: Tab would go from before this one back to it, and miss the buttons.
        self.grid.setFocus(event.reason())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._with_time:
            self._take()
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)
