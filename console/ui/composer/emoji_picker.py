"""The emoji picker: search in both languages, recent ones first, groups, all by keyboard."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from console.ui import words
from console.ui.announcing import announce
from console.ui.composer.emoji import Emoji, Group, found, groups, recent, used
from console.ui.composer.emoji_grid import CELL, COLUMNS, Grid, group_name, name_of
from console.ui.keys import is_letter, keeps_letter
from console.ui.language import translate
from console.ui.preferences import RECENT_EMOJI, Chosen
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.widgets.buttons import IconButton
from console.ui.widgets.labels import ElidedLabel

WIDTH, HEIGHT = COLUMNS * CELL + 26, 396
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
        self.hint = ElidedLabel(
            translate("emoji", "Enter takes one, Shift+Enter takes several"), "stamp", "muted"
        )
        self.hint.setToolTip(words.tip(self.hint.text()))
        self.pages = QHBoxLayout()
        self.pages.setSpacing(2)
        self.buttons: list[IconButton] = []  # one stop for Tab, the arrow keys walk in it
        for name, icon in ICONS.items():
            made = IconButton(theme, icon, group_name(name), side=32, size=17)
            made.clicked.connect(lambda _=False, name=name: self._on_page(name))
            made.installEventFilter(self)
            self.buttons.append(made)
            self.pages.addWidget(made)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(11, 11, 9, 9)
        layout.setSpacing(8)
        layout.addWidget(self.field)
        layout.addLayout(self.pages)
        layout.addWidget(self.grid, 1)
        foot = QVBoxLayout()
        foot.setSpacing(2)
        foot.addWidget(self.name)
        foot.addWidget(self.hint)
        layout.addLayout(foot)
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
                self._tell()
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
        self.name.setText(name_of(emoji) if emoji else "")
        self._tell()

    def _tell(self) -> None:
        """Which one Enter in the field would take; in the grid its cell is heard."""
        if self.isVisible() and self.field.text() and not self.grid.hasFocus():
            announce(self.grid, self.name.text())

    def _on_taken(self, text: str) -> None:
        self._chosen.keep(RECENT_EMOJI, used(self._chosen.text(RECENT_EMOJI), text))
        self.taken.emit(text)
        if not QApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.leave()

    def _on_focus_changed(self, before: QWidget | None, now: QWidget | None) -> None:
        if self.isVisible() and now is not None and not self.isAncestorOf(now):
            self.hide()

    def _key_in_field(self, event: QKeyEvent) -> bool:
        at_end = self.field.cursorPosition() == len(self.field.text())
        match event.key():
            case Qt.Key.Key_Down if self.grid.count():
                self.grid.setFocus()
            case Qt.Key.Key_Right if at_end and self.grid.count() and not event.modifiers():
                self.grid.setFocus()
                self.grid.walk(1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.grid.take_current()
            case Qt.Key.Key_Escape if not self.field.text():
                self.leave()
            case Qt.Key.Key_Escape:
                self.field.clear()
            case _:
                return False
        return True

    def _key_in_pages(self, button: IconButton, event: QKeyEvent) -> bool:
        at = self.buttons.index(button)
        ahead = -1 if self.isRightToLeft() else 1
        match event.key():
            case Qt.Key.Key_Right | Qt.Key.Key_Left:
                at += ahead if event.key() == Qt.Key.Key_Right else -ahead
            case Qt.Key.Key_Home:
                at = 0
            case Qt.Key.Key_End:
                at = len(self.buttons) - 1
            case Qt.Key.Key_Down:
                self.grid.setFocus()
                return True
            case Qt.Key.Key_Up:
                self.field.setFocus()
                return True
            case _:
                return False
        self.buttons[max(0, min(len(self.buttons) - 1, at))].setFocus()
        return True

    # Qt

    def event(self, event: QEvent) -> bool:
        # Letters search in here, whatever they do elsewhere in the window.
        return keeps_letter(event) or super().event(event)

    def eventFilter(self, watched: object, event: object) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() != QKeyEvent.Type.KeyPress:
            return False
        if isinstance(watched, IconButton):
            return self._key_in_pages(watched, event)
        return self._key_in_field(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab goes around in here: the search, the pages, the emoji."""
        here = self.window().focusWidget()
        stops = (self.field, self.buttons[0], self.grid)
        at = 1 if here in self.buttons else 2 if here is self.grid else 0
        stops[(at + (1 if next else -1)) % len(stops)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() == Qt.Key.Key_Backspace:
            self.field.setFocus()
            self.field.backspace()
        elif is_letter(event):
            self.field.setFocus()
            self.field.setText(self.field.text() + event.text())
        else:
            super().keyPressEvent(event)
