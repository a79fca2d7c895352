"""A conversation's labels as coloured pills, in as many lines as they need."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from console.domain.conversation import Label
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import label_tokens
from console.ui.widgets.flow import FlowLayout
from console.ui.widgets.labels import Pill


class LabelPills(QWidget):
    """Pills first, then whatever was added last."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._labels: Sequence[Label] = ()
        self._pills: list[Pill] = []
        self._flow = FlowLayout()
        self.setLayout(self._flow)
        self._last: QWidget | None = None

    def add_last(self, widget: QWidget) -> None:
        """A widget behind the pills, such as the button for more."""
        self._last = widget
        self._flow.addWidget(widget)

    def show_labels(self, labels: Sequence[Label]) -> None:
        if labels == self._labels:
            return
        self._labels = labels
        for pill in self._pills:
            self._flow.removeWidget(pill)
            pill.deleteLater()
        if self._last is not None:
            self._flow.removeWidget(self._last)
        self._pills = []
        for label in labels:
            pill = Pill(self._theme)
            ground, ink = label_tokens(label.color)
            pill.show_state(label.name, ground, ink)
            pill.setAccessibleName(label.name)
            self._flow.addWidget(pill)
            self._pills.append(pill)
        if self._last is not None:
            self._flow.addWidget(self._last)
        self.updateGeometry()
