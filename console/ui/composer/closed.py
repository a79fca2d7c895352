"""What stands in the composer's place while WhatsApp's 24-hour window is closed."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.widgets.labels import label


class ClosedPanel(QFrame):
    """Says why one cannot write, and that the draft is kept."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "closed")
        self._theme = theme
        self.icon = QLabel()
        head = QHBoxLayout()
        head.setSpacing(7)
        head.addWidget(self.icon)
        head.addWidget(
            label(
                translate("composer", "More than 24 hours since the customer wrote"),
                "strong",
                "danger",
            )
        )
        head.addStretch(1)
        self.text = label(
            translate(
                "composer",
                "WhatsApp takes only approved templates until the customer writes again. "
                "Then this field opens by itself.",
            ),
            "",
            "muted",
            wrap=True,
        )
        self.draft = label(translate("composer", "Your draft is kept."), "small", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 13)
        layout.setSpacing(5)
        layout.addLayout(head)
        layout.addWidget(self.text)
        layout.addWidget(self.draft)
        theme.changed.connect(self._refresh)
        self._refresh()

    def show_draft(self, kept: bool) -> None:
        self.draft.setVisible(kept)

    def _refresh(self) -> None:
        self.icon.setPixmap(self._theme.qicon("timer", "danger", 16).pixmap(QSize(16, 16)))
