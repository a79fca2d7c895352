"""The shortcuts as a card: each can be given other keys, and two never share one unawares."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.ui import actions, keys
from console.ui.actions import Shortcut
from console.ui.language import translate
from console.ui.preferences import SHORTCUTS, Chosen
from console.ui.theme.theme import Theme
from console.ui.widgets.buttons import IconButton, button
from console.ui.widgets.card import Card
from console.ui.widgets.labels import label
from console.ui.widgets.stops import read_along

_ALONE = {
    Qt.Key.Key_Control,
    Qt.Key.Key_Shift,
    Qt.Key.Key_Alt,
    Qt.Key.Key_Meta,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_CapsLock,
    Qt.Key.Key_unknown,
}
_HELD = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
# Keys that a list, a field or a dialog cannot do without.
_NEVER = {"Tab", "Shift+Tab", "Return", "Enter", "Space", "Up", "Down", "Left", "Right"}


class KeyButton(QPushButton):
    """Shows keys; pressed, it takes the next ones that are typed. Escape leaves all as it was.

    `in_text`: what is typed alone must stay typing.
    """

    taken = Signal(str)

    def __init__(self, words: str, shown: str, *, in_text: bool = False) -> None:
        super().__init__(shown)
        self._in_text = in_text
        self._shown = shown
        self._words = words
        self._taking = False
        self.setProperty("kind", "key")
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        said = translate("shortcuts", "{action}: {keys}. Press to change.")
        self.setAccessibleName(
            said.format(action=words, keys=shown or translate("shortcuts", "none"))
        )
        self.setToolTip(translate("shortcuts", "Press to give other keys"))
        self.clicked.connect(lambda: self.take(on=True))

    def take(self, *, on: bool) -> None:
        """Begin or end waiting for keys."""
        self._taking = on
        asked = (
            translate("shortcuts", "Type keys with Ctrl or Alt…")
            if self._in_text
            else translate("shortcuts", "Type the keys…")
        )
        self.setText(asked if on else self._shown)
        self.setProperty("taking", "true" if on else "false")
        self.style().unpolish(self)
        self.style().polish(self)

    # Qt

    def event(self, event: QEvent) -> bool:
        # Before the window's own shortcuts get it.
        if self._taking and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._taking:
            super().keyPressEvent(event)
            return
        key = Qt.Key(event.key())
        if key in _ALONE:
            return
        if key == Qt.Key.Key_Escape:
            self.take(on=False)
            return
        typed = QKeySequence(event.keyCombination()).toString(
            QKeySequence.SequenceFormat.PortableText
        )
        if self._in_text and not event.modifiers() & _HELD:
            return
        if typed and typed not in _NEVER:
            self.take(on=False)
            self.taken.emit(typed)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self._taking:
            self.take(on=False)


class ShortcutRow(QWidget):
    """What an action is, and its keys. `wanted` carries new keys, `reset` asks for its own."""

    wanted = Signal(str, str)  # the keys before, the keys after
    reset = Signal()

    def __init__(self, theme: Theme, entry: Shortcut, made: Shortcut) -> None:
        super().__init__()
        self.entry = entry
        self.buttons: list[KeyButton] = []
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(label(entry.words, "strong-plain"), 1)
        self.again: IconButton | None = None
        if entry.keys != made.keys:
            self.again = IconButton(
                theme,
                "rotate-ccw",
                translate("shortcuts", "Back to {keys}").format(
                    keys=", ".join(keys.shown(key) for key in made.keys)
                ),
                side=28,
                size=15,
            )
            self.again.clicked.connect(self.reset)
            row.addWidget(self.again)
        for place in entry.keys or ("",):
            shown = keys.shown(place) if place else translate("shortcuts", "None")
            made_button = KeyButton(entry.words, shown, in_text=not entry.anywhere)
            if entry.fixed:
                made_button.setEnabled(False)
                made_button.setToolTip(
                    translate("shortcuts", "Escape goes one step back, wherever one is")
                )
            made_button.taken.connect(partial(self.wanted.emit, place))
            self.buttons.append(made_button)
            row.addWidget(made_button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(18, 7, 14, 7)
        self._column.setSpacing(7)
        self._column.addLayout(row)
        self._strip: QFrame | None = None
        self.take: QPushButton | None = None  # answers the question that `ask` asks

    def ask(self, theme: Theme, other: Shortcut, typed: str, take: QPushButton) -> None:
        """Say under the row that another action has these keys; `take` gives them to this one."""
        self.forget()
        strip = QFrame()
        strip.setProperty("kind", "guard")
        row = QHBoxLayout(strip)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        said = translate("shortcuts", "{keys} already does “{action}”.").format(
            keys=keys.shown(typed), action=other.words
        )
        row.addWidget(label(said, "small", "warning", wrap=True), 1)
        keep = button(translate("shortcuts", "Leave it"), "strip-plain")
        keep.clicked.connect(self.forget)
        row.addWidget(take)
        row.addWidget(keep)
        self._strip, self.take = strip, take
        self._column.addWidget(strip)
        read_along(self)
        take.setFocus()

    def has_focus(self) -> bool:
        """Whether the keyboard is in this row."""
        return any(made.hasFocus() for made in self.buttons)

    def forget(self) -> None:
        """Take the question away."""
        if self._strip is not None:
            self._strip.hide()
            self._strip.deleteLater()
            self._strip = self.take = None


class Shortcuts(QWidget):
    """All of them, or those that hold `words`."""

    def __init__(self, theme: Theme, chosen: Chosen, words: str = "") -> None:
        super().__init__()
        self._theme = theme
        self._chosen = chosen
        self._wanted = words.casefold().split()
        self.rows: dict[str, ShortcutRow] = {}
        self.card = Card()
        self.all_again = button(translate("shortcuts", "Reset all"), "link")
        self.all_again.clicked.connect(lambda: chosen.keep(SHORTCUTS, ""))
        head = QHBoxLayout()
        head.addWidget(
            label(
                translate(
                    "shortcuts",
                    "Press a key's name, then type the new keys. Changes hold at once, on this "
                    "computer.",
                ),
                "small",
                "muted",
                wrap=True,
            ),
            1,
        )
        head.addWidget(self.all_again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addLayout(head)
        layout.addWidget(self.card)
        self.refresh()

    @property
    def _text(self) -> str:
        return self._chosen.text(SHORTCUTS)

    def refresh(self) -> None:
        """Show the keys as they are kept."""
        focused = next((name for name, row in self.rows.items() if row.has_focus()), "")
        self.card.clear()
        self.rows.clear()
        made = {entry.name: entry for entry in actions.shortcuts()}
        for entry in keys.shortcuts(self._text):
            whole = f"{entry.words} {' '.join(entry.keys)}".casefold()
            if not all(word in whole for word in self._wanted):
                continue
            row = ShortcutRow(self._theme, entry, made[entry.name])
            row.wanted.connect(partial(self._want, entry))
            row.reset.connect(partial(self._give, entry.name, made[entry.name].keys))
            self.rows[entry.name] = row
            self.card.add(row)
        self.all_again.setVisible(bool(keys.kept(self._text)))
        if focused in self.rows:
            self.rows[focused].buttons[0].setFocus()

    def _want(self, entry: Shortcut, before: str, typed: str) -> None:
        row = self.rows[entry.name]
        row.forget()
        if typed in entry.keys:
            return
        after = tuple(typed if key == before else key for key in entry.keys) or (typed,)
        other = keys.holder(self._text, typed, entry.name)
        if other is None:
            self._give(entry.name, after)
            return
        take = button(translate("shortcuts", "Use it here instead"), "strip")
        take.clicked.connect(partial(self._take_from, other, typed, entry.name, after))
        row.ask(self._theme, other, typed, take)

    def _take_from(self, other: Shortcut, typed: str, name: str, after: tuple[str, ...]) -> None:
        left = tuple(key for key in other.keys if key != typed)
        self._chosen.keep(
            SHORTCUTS, keys.change(keys.change(self._text, other.name, left), name, after)
        )

    def _give(self, name: str, after: tuple[str, ...]) -> None:
        """Give an action these keys, and take them from whoever else was given them meanwhile."""
        text = self._text
        for key in after:
            other = keys.holder(text, key, name)
            if other is not None:
                left = tuple(one for one in other.keys if one != key)
                text = keys.change(text, other.name, left)
        self._chosen.keep(SHORTCUTS, keys.change(text, name, after))
