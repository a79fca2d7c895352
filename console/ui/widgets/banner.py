"""A thin strip: offline, signed out; never a wall."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from console.ui.announcing import announce
from console.ui.theme.theme import Theme
from console.ui.widgets.buttons import button
from console.ui.widgets.labels import label


class Banner(QFrame):
    """An icon, a sentence, at most one button."""

    step_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "strip")
        self._theme = theme
        self._icon_name, self._tone = "wifi-off", "warning"
        self.icon = QLabel()
        self.text = label("", wrap=True)
        self.step = button("", "strip")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 6, 12, 6)
        layout.setSpacing(9)
        layout.addWidget(self.icon)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.step)
        self.step.clicked.connect(self.step_wanted)
        theme.changed.connect(self._refresh)
        self.hide()

    def show_state(self, icon: str, text: str, step: str = "") -> None:
        self._icon_name = icon
        is_news = self.isHidden() or text != self.text.text()
        self.text.setText(text)
        self.setAccessibleName(text)
        self.step.setText(step)
        self.step.setVisible(bool(step))
        self._refresh()
        self.show()
        if is_news:
            announce(self, text)

    def _refresh(self) -> None:
        pixmap = self._theme.qicon(self._icon_name, self._tone, 15).pixmap(QSize(15, 15))
        self.icon.setPixmap(pixmap)
