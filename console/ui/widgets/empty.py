"""What a place says while it is empty: what that means and the next step."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from console.ui.theme.theme import Theme
from console.ui.widgets.buttons import button
from console.ui.widgets.labels import label


class EmptyState(QWidget):
    """An icon, a title, a sentence, and at most one button."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon_name = "coffee"
        self._step: Callable[[], object] | None = None
        self.icon = QLabel()
        self.icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title = label("", "header")
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title.setWordWrap(True)
        self.text = label("", "", "muted", wrap=True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.step = button("", "primary")
        self.step.clicked.connect(self._on_step)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 20, 28, 60)
        layout.setSpacing(8)
        layout.addStretch(1)
        layout.addWidget(self.icon)
        layout.addSpacing(4)
        layout.addWidget(self.title)
        layout.addWidget(self.text)
        layout.addSpacing(6)
        layout.addWidget(self.step, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        theme.changed.connect(self._refresh)

    def show_state(
        self,
        icon: str,
        title: str,
        text: str,
        step: str = "",
        action: Callable[[], object] | None = None,
    ) -> None:
        self._icon_name = icon
        self.title.setText(title)
        self.text.setText(text)
        self.step.setText(step.replace("&", "&&"))
        self.step.setVisible(bool(step))
        self._step = action
        self._refresh()

    def _refresh(self) -> None:
        ratio = self.devicePixelRatioF()
        self.icon.setPixmap(self._theme.icon(self._icon_name, "faint", 40, ratio))

    def _on_step(self) -> None:
        if self._step is not None:
            self._step()
