"""The two things one can write: a reply to the customer, or a note for the team."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from console.ui.language import translate
from console.ui.widgets.buttons import button


class Mode(StrEnum):
    """What Enter does with the text."""

    REPLY = "reply"
    NOTE = "note"


class Tabs(QWidget):
    """`chosen` follows the agent's choice; the arrow keys walk between the two."""

    chosen = Signal(object)  # Mode

    def __init__(self) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self.buttons: dict[Mode, QPushButton] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        for mode, text, tip in (
            (Mode.REPLY, translate("composer", "Reply"), translate("composer", "Reply (R)")),
            (
                Mode.NOTE,
                translate("composer", "Internal note"),
                translate("composer", "Internal note: only the team sees it (N)"),
            ),
        ):
            made = button(text, "tab")
            made.setCheckable(True)
            made.setAutoExclusive(True)  # the group sees to it; this tells those who listen
            made.setToolTip(tip)
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            made.clicked.connect(lambda _=False, mode=mode: self.chosen.emit(mode))
            self._group.addButton(made)
            self.buttons[mode] = made
            layout.addWidget(made)
        layout.addStretch(1)
        self.buttons[Mode.REPLY].setChecked(True)

    def show_mode(self, mode: Mode) -> None:
        self.buttons[mode].setChecked(True)

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            other = self.buttons[Mode.NOTE if self.buttons[Mode.REPLY].isChecked() else Mode.REPLY]
            other.setFocus()
            other.click()
        else:
            super().keyPressEvent(event)
