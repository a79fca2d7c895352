"""A field for a whole number within bounds, with its unit behind it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QIntValidator, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.widgets.labels import label


class _Field(QLineEdit):
    stepped = Signal(int)
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
        if event.key() in steps:
            self.stepped.emit(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class NumberField(QWidget):
    """`changed` carries a number within the bounds, or None where nothing may stand and does.

    The arrow keys step. What is out of bounds is marked, explained, and not told.
    """

    changed = Signal(object)

    def __init__(
        self,
        theme: Theme,
        name: str,
        value: int | None,
        least: int,
        most: int,
        unit: str = "",
        *,
        empty: str = "",
    ) -> None:
        """`empty` says what it means when nothing stands there; without it something must."""
        super().__init__()
        self._bounds = least, most
        self._empty = empty
        self._value = value
        self.field = _Field()
        self.setAccessibleName(name)
        self.field.setAccessibleName(name)
        self.field.setAccessibleDescription(unit)
        self.field.setPlaceholderText(empty)
        self.field.setValidator(QIntValidator(0, 10**9, self.field))
        self.field.setFixedWidth(theme.px(96 if empty else 78))
        self.field.setAlignment(Qt.AlignmentFlag.AlignTrailing)
        self.field.setToolTip(
            translate("number", "From {least} to {most}").format(least=least, most=most)
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.field)
        self.unit = label(unit, "small", "muted")
        layout.addWidget(self.unit)
        if unit:
            place = self.unit.sizePolicy()
            place.setRetainSizeWhenHidden(True)  # so that fields under each other stay in line
            self.unit.setSizePolicy(place)
        self.field.textEdited.connect(self._on_edited)
        self.field.stepped.connect(self._on_stepped)
        self.field.left.connect(lambda: self.show_value(self._value))
        self.show_value(value)

    @property
    def value(self) -> int | None:
        """The last one that was within the bounds."""
        return self._value

    def show_value(self, value: int | None) -> None:
        self._value = value
        self.field.setText("" if value is None else str(value))
        self._show_unit()
        self._mark(wrong=False)

    def _on_edited(self, text: str) -> None:
        least, most = self._bounds
        self._show_unit()
        if not text:
            self._mark(wrong=not self._empty)
            if self._empty:
                self._take(None)
            return
        number = int(text)
        inside = least <= number <= most
        self._mark(wrong=not inside)
        if inside:
            self._take(number)

    def _on_stepped(self, step: int) -> None:
        least, most = self._bounds
        number = least if self._value is None else min(most, max(least, self._value + step))
        self.show_value(number)
        self.changed.emit(number)

    def _show_unit(self) -> None:
        """Behind a number only: what stands for none, such as "for ever", has no unit."""
        self.unit.setVisible(bool(self.unit.text() and (self.field.text() or not self._empty)))

    def _take(self, value: int | None) -> None:
        if value != self._value:
            self._value = value
            self.changed.emit(value)

    def _mark(self, *, wrong: bool) -> None:
        self.field.setProperty("wrong", "true" if wrong else "false")
        self.field.style().unpolish(self.field)
        self.field.style().polish(self.field)

    # Qt

    def focusInEvent(self, event: QFocusEvent) -> None:
        # No focus proxy: Tab comes to one that has it too, wherever that stands in the order.
        self.field.setFocus(event.reason())
