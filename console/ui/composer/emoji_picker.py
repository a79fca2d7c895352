"""The emoji picker: search in both languages, recent ones first, groups, all by keyboard."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLocale, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from console.ui.composer.emoji import Emoji, Group, found, groups, recent, used
from console.ui.language import translate
from console.ui.preferences import RECENT_EMOJI, Chosen
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.widgets.buttons import IconButton
from console.ui.widgets.labels import ElidedLabel

COLUMNS = 9
CELL, HEAD = 38, 26
WIDTH, HEIGHT = COLUMNS * CELL + 26, 380
ICONS = {
    "recent": "clock",
    "smileys_emotion": "smile",
    "people_body": "user",
    "animals_nature": "leaf",
    "food_drink": "utensils",
    "travel_places": "plane",
    "activities": "trophy",
    "objects": "lightbulb",
    "symbols": "shapes",
    "flags": "flag",
}


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


@dataclass(frozen=True, slots=True)
class _Row:
    """A heading (`head`, with its group's name), or up to nine emoji from `first` on."""

    top: int
    head: str = ""
    first: int = 0
    count: int = 0


class Grid(QAbstractScrollArea):
    """Paints only the rows in view. The arrow keys walk, Enter takes."""

    taken = Signal(str)
    current_changed = Signal(object)  # Emoji | None
    left_upwards = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
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
        self.current_changed.emit(self.current())
        self.viewport().update()

    def _row_of(self, place: int) -> _Row | None:
        return next(
            (r for r in self._rows if r.count and r.first <= place < r.first + r.count), None
        )

    def _walk_rows(self, step: int) -> bool:
        rows = [row for row in self._rows if row.count]
        row = self._row_of(self._current)
        if row is None:
            return False
        column, at = self._current - row.first, rows.index(row) + step
        if not 0 <= at < len(rows):
            return False
        self._choose(rows[at].first + min(column, rows[at].count - 1))
        return True

    def _at(self, point: QPoint) -> int:
        y = point.y() + self.verticalScrollBar().value()
        for row in self._rows:
            if row.count and row.top <= y < row.top + CELL and point.x() >= 0:
                column = point.x() // CELL
                return row.first + column if column < row.count else -1
        return -1

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self.viewport())
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
                cell = QRectF(column * CELL, y, CELL, CELL)
                if row.first + column == self._current:
                    painter.setPen(theme.color("accent" if self.hasFocus() else "selected"))
                    painter.setBrush(theme.color("selected"))
                    painter.drawRoundedRect(cell.adjusted(1.5, 1.5, -1.5, -1.5), 7, 7)
                painter.setPen(theme.color("text"))
                painter.drawText(
                    cell, int(Qt.AlignmentFlag.AlignCenter), self._emoji[row.first + column].text
                )
        painter.end()

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
        match event.key():
            case Qt.Key.Key_Right:
                self._choose(min(self._current + 1, len(self._emoji) - 1))
            case Qt.Key.Key_Left:
                self._choose(max(self._current - 1, 0))
            case Qt.Key.Key_Down:
                self._walk_rows(1)
            case Qt.Key.Key_Up:
                if not self._walk_rows(-1):
                    self.left_upwards.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                self.take_current()
            case _:
                super().keyPressEvent(event)


class EmojiPicker(QFrame):
    """Floats in the window over a button. `taken` carries the emoji; with Shift it stays open."""

    taken = Signal(str)
    closed = Signal()

    def __init__(self, theme: Theme, tasks: TaskScope, chosen: Chosen, owner: QWidget) -> None:
        super().__init__(owner)  # so that it goes with its owner even if it was never shown
        self.setProperty("kind", "popup")
        self.setAccessibleName(translate("emoji", "Emoji"))
        self._theme = theme
        self._tasks = tasks
        self._chosen = chosen
        self._groups: tuple[Group, ...] = ()
        self.field = QLineEdit()
        self.field.setProperty("kind", "search")
        self.field.setPlaceholderText(translate("emoji", "Search: thanks, parcel, terima kasih…"))
        self.field.setAccessibleName(translate("emoji", "Search emoji"))
        self.field.textChanged.connect(self._refresh)
        self.field.installEventFilter(self)
        self.grid = Grid(theme)
        self.name = ElidedLabel("", "small", "muted")
        self.pages = QHBoxLayout()
        self.pages.setSpacing(2)
        for name, icon in ICONS.items():
            made = IconButton(theme, icon, group_name(name), side=32, size=17)
            made.clicked.connect(lambda _=False, name=name: self._on_page(name))
            made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.pages.addWidget(made)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(11, 11, 9, 9)
        layout.setSpacing(8)
        layout.addWidget(self.field)
        layout.addLayout(self.pages)
        layout.addWidget(self.grid, 1)
        layout.addWidget(self.name)
        self.setFixedSize(WIDTH, HEIGHT)
        self.grid.taken.connect(self._on_taken)
        self.grid.current_changed.connect(self._on_current)
        self.grid.left_upwards.connect(self.field.setFocus)
        self.hide()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus_changed)

    def open_over(self, button: QWidget) -> None:
        """Show above `button`, the search field ready to be typed in."""
        window = button.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        corner = button.mapTo(window, QPoint(0, 0))
        x = max(8, min(corner.x() - 12, window.width() - self.width() - 8))
        self.move(x, max(8, corner.y() - self.height() - 8))
        self.field.clear()
        self.show()
        self.raise_()
        self.field.setFocus()
        self._tasks.start(self._load(), "emoji")

    def leave(self) -> None:
        """Close and give the focus back to whoever wants it."""
        if self.isVisible():
            self.hide()
            self.closed.emit()

    async def _load(self) -> None:
        self._groups = await asyncio.to_thread(groups)
        self._refresh()

    def _refresh(self) -> None:
        typed = self.field.text().strip()
        if typed:
            self.grid.show_pages([("", found(self._groups, typed))])
            if not self.grid.count() and self._groups:
                self.name.setText(translate("emoji", "Nothing has this name"))
            return
        known = {emoji.text: emoji for group in self._groups for emoji in group.emoji}
        kept = recent(self._chosen.text(RECENT_EMOJI))
        pages: list[tuple[str, Sequence[Emoji]]] = [
            ("recent", [known[text] for text in kept if text in known])
        ]
        self.grid.show_pages(pages + [(group.name, group.emoji) for group in self._groups])

    def _on_page(self, name: str) -> None:
        self.field.clear()
        self.grid.scroll_to(name)
        self.grid.setFocus()

    def _on_current(self, emoji: Emoji | None) -> None:
        code = "id" if QLocale().language() is QLocale.Language.Indonesian else "en"
        self.name.setText(emoji.name(code).capitalize() if emoji else "")

    def _on_taken(self, text: str) -> None:
        self._chosen.keep(RECENT_EMOJI, used(self._chosen.text(RECENT_EMOJI), text))
        self.taken.emit(text)
        if not QApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.leave()

    def _on_focus_changed(self, before: QWidget | None, now: QWidget | None) -> None:
        if self.isVisible() and now is not None and not self.isAncestorOf(now):
            self.hide()

    # Qt

    def eventFilter(self, watched: object, event: object) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() != QKeyEvent.Type.KeyPress:
            return False
        match event.key():
            case Qt.Key.Key_Down:
                self.grid.setFocus()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.grid.take_current()
            case Qt.Key.Key_Escape if not self.field.text():
                self.leave()
            case Qt.Key.Key_Escape:
                self.field.clear()
            case _:
                return False
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.text().isprintable() and event.text():
            self.field.setFocus()
            self.field.setText(self.field.text() + event.text())
        else:
            super().keyPressEvent(event)
