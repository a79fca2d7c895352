"""The grid of emoji under their headings: painted, walked by keys, taken by Enter or a click."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLocale, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from console.ui.composer.emoji import Emoji
from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.widgets.spoken import speak_cells

COLUMNS = 9
CELL, HEAD = 38, 26
_CONTROL = Qt.KeyboardModifier.ControlModifier


def group_name(name: str) -> str:
    return {
        "recent": translate("emoji", "Recently used"),
        "smileys_emotion": translate("emoji", "Smileys"),
        "people_body": translate("emoji", "People"),
        "animals_nature": translate("emoji", "Animals and nature"),
        "food_drink": translate("emoji", "Food and drink"),
        "travel_places": translate("emoji", "Travel and places"),
        "activities": translate("emoji", "Activities"),
        "objects": translate("emoji", "Objects"),
        "symbols": translate("emoji", "Symbols"),
        "flags": translate("emoji", "Flags"),
    }.get(name, name)


def name_of(emoji: Emoji) -> str:
    """What it is called, in the window's language."""
    code = "id" if QLocale().language() is QLocale.Language.Indonesian else "en"
    return emoji.name(code).capitalize()


@dataclass(frozen=True, slots=True)
class _Row:
    """A heading (`head`, with its group's name), or up to nine emoji from `first` on."""

    top: int
    head: str = ""
    first: int = 0
    count: int = 0


class Grid(QAbstractScrollArea):
    """Paints only the rows in view. The arrow keys walk, Enter takes.

    Home and End go to the ends of the row, with Ctrl to those of all.
    """

    taken = Signal(str)
    current_changed = Signal(object)  # Emoji | None
    left_upwards = Signal()  # or to the left of the first

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.heard = speak_cells(self)
        self._theme = theme
        self._rows: list[_Row] = []
        self._emoji: list[Emoji] = []
        self._current = -1
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(translate("emoji", "Emoji"))
        self.viewport().setMouseTracking(True)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.verticalScrollBar().valueChanged.connect(self.viewport().update)

    def show_pages(self, pages: Sequence[tuple[str, Sequence[Emoji]]]) -> None:
        """Show each page under its heading; an empty name has none."""
        self.heard.forget()
        self._rows, self._emoji, top = [], [], 0
        for name, emoji in pages:
            if not emoji:
                continue
            if name:
                self._rows.append(_Row(top, head=name))
                top += HEAD
            for start in range(0, len(emoji), COLUMNS):
                part = emoji[start : start + COLUMNS]
                self._rows.append(_Row(top, first=len(self._emoji), count=len(part)))
                self._emoji.extend(part)
                top += CELL
        self._fit()
        self.verticalScrollBar().setValue(0)
        self._choose(0 if self._emoji else -1)
        self.viewport().update()

    def count(self) -> int:
        return len(self._emoji)

    def current(self) -> Emoji | None:
        return self._emoji[self._current] if 0 <= self._current < len(self._emoji) else None

    def scroll_to(self, name: str) -> None:
        """Bring a group's heading to the top."""
        for place, row in enumerate(self._rows):
            if row.head == name:
                self.verticalScrollBar().setValue(row.top)
                if place + 1 < len(self._rows):
                    self._choose(self._rows[place + 1].first, follow=False)

    def walk(self, step: int) -> None:
        """So many emoji on, or back."""
        if self._emoji:
            self._choose(max(0, min(len(self._emoji) - 1, self._current + step)))

    def take_current(self) -> None:
        current = self.current()
        if current is not None:
            self.taken.emit(current.text)

    def _fit(self) -> None:
        last = self._rows[-1] if self._rows else _Row(0)
        height = last.top + (HEAD if last.head else CELL)
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, height - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(CELL)

    def _choose(self, place: int, *, follow: bool = True) -> None:
        self._current = place
        row = self._row_of(place)
        if row is not None and follow:
            bar = self.verticalScrollBar()
            if row.top - HEAD < bar.value():
                bar.setValue(max(0, row.top - HEAD))
            elif row.top + CELL > bar.value() + self.viewport().height():
                bar.setValue(row.top + CELL - self.viewport().height())
        self.heard.follow()
        self.current_changed.emit(self.current())
        self.viewport().update()

    def _row_of(self, place: int) -> _Row | None:
        return next(
            (r for r in self._rows if r.count and r.first <= place < r.first + r.count), None
        )

    def _walk_rows(self, step: int, *, within: bool = False) -> bool:
        """So many rows on, in the same column; past the end only where `within` stops there."""
        rows = [row for row in self._rows if row.count]
        row = self._row_of(self._current)
        if row is None:
            return False
        column, at = self._current - row.first, rows.index(row) + step
        if within:
            at = max(0, min(len(rows) - 1, at))
        if not 0 <= at < len(rows):
            return False
        self._choose(rows[at].first + min(column, rows[at].count - 1))
        return True

    def _walk_to(self, *, end: bool, whole: bool) -> None:
        """To an end of the row, or of the `whole`."""
        row = self._row_of(self._current)
        if row is not None:
            first, count = (0, len(self._emoji)) if whole else (row.first, row.count)
            self._choose(first + count - 1 if end else first)

    def _at(self, point: QPoint) -> int:
        y = point.y() + self.verticalScrollBar().value()
        for row in self._rows:
            if row.count and row.top <= y < row.top + CELL and point.x() >= 0:
                column = point.x() // CELL
                return row.first + column if column < row.count else -1
        return -1

    def _cell(self, row: _Row, column: int) -> QRect:
        return QRect(column * CELL, row.top - self.verticalScrollBar().value(), CELL, CELL)

    # Heard

    def cells(self) -> range:
        return range(len(self._emoji))

    def current_cell(self) -> int | None:
        return self._current if self.current() is not None else None

    def cell_words(self, what: int) -> str:
        return name_of(self._emoji[what])

    def cell_rect(self, what: int) -> QRect:
        row = self._row_of(what)
        return self._cell(row, what - row.first) if row is not None else QRect()

    def can_take(self, what: int) -> bool:
        return True

    # Qt

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.heard.follow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        with QPainter(self.viewport()) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            face = QFont(theme.font(Role.BASE))
            face.setPixelSize(23)
            shift = self.verticalScrollBar().value()
            painter.setPen(theme.color("text"))
            for row in self._rows:
                y = row.top - shift
                if y + CELL < 0 or y > self.viewport().height():
                    continue
                if row.head:
                    painter.setFont(theme.font(Role.CAPTION))
                    painter.setPen(theme.color("muted"))
                    room = QRectF(6, y, self.viewport().width() - 6, HEAD)
                    painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), group_name(row.head))
                    continue
                painter.setFont(face)
                for column in range(row.count):
                    cell = self._cell(row, column).toRectF()
                    if row.first + column == self._current:
                        painter.setPen(theme.color("accent" if self.hasFocus() else "selected"))
                        painter.setBrush(theme.color("selected"))
                        painter.drawRoundedRect(cell.adjusted(1.5, 1.5, -1.5, -1.5), 7, 7)
                    painter.setPen(theme.color("text"))
                    painter.drawText(
                        cell,
                        int(Qt.AlignmentFlag.AlignCenter),
                        self._emoji[row.first + column].text,
                    )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._at(event.position().toPoint())
        if place >= 0 and place != self._current:
            self._choose(place, follow=False)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._at(event.position().toPoint())
        if place >= 0:
            self._choose(place, follow=False)
            self.take_current()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        screen = max(1, self.viewport().height() // CELL - 1)
        match event.key():
            case Qt.Key.Key_Right:
                self.walk(1)
            case Qt.Key.Key_Left:
                if self._current > 0:
                    self.walk(-1)
                else:
                    self.left_upwards.emit()
            case Qt.Key.Key_Down:
                self._walk_rows(1)
            case Qt.Key.Key_Up:
                if not self._walk_rows(-1):
                    self.left_upwards.emit()
            case Qt.Key.Key_PageDown:
                self._walk_rows(screen, within=True)
            case Qt.Key.Key_PageUp:
                self._walk_rows(-screen, within=True)
            case Qt.Key.Key_Home | Qt.Key.Key_End:
                whole = bool(event.modifiers() & _CONTROL)
                self._walk_to(end=event.key() == Qt.Key.Key_End, whole=whole)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                self.take_current()
            case _:
                super().keyPressEvent(event)
