"""The parts of the reports' page: tiles with a number, cards with a chart and its table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.widgets.buttons import button
from console.ui.widgets.chart import Chart
from console.ui.widgets.labels import label
from console.ui.widgets.painting import draw_line
from console.ui.widgets.table import Table


class Tile(QFrame):
    """One number, what it is, and what more there is to say."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._title = title
        self.value = label("–", "welcome")
        self.more = label("", "small", "muted", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 13, 14, 13)
        layout.setSpacing(3)
        layout.addWidget(label(title, "small-strong", "muted", wrap=True))
        layout.addWidget(self.value)
        layout.addWidget(self.more)
        layout.addStretch(1)

    def show_value(self, value: str, more: str = "") -> None:
        self.value.setText(value)
        self.more.setText(more)
        self.setAccessibleName(f"{self._title}: {value}. {more}")


class ChartCard(QFrame):
    """A chart with its numbers beside it: the table opens under the chart."""

    def __init__(
        self,
        title: str,
        text: str,
        chart: Chart,
        table: Table,
        rows: Callable[[], Sequence[Sequence[str]]],
        *,
        opened: bool,
    ) -> None:
        """`rows` is asked for when the table is first seen: those of years are many."""
        super().__init__()
        self._rows: Callable[[], Sequence[Sequence[str]]] | None = rows
        self.setProperty("kind", "card")
        self.chart, self.table = chart, table
        self.numbers = button(translate("reports", "Numbers"), "chip")
        self.numbers.setCheckable(True)
        self.numbers.setToolTip(translate("reports", "Show or hide the table"))
        self.numbers.setAccessibleName(
            translate("reports", "{title}: show or hide the table").format(title=title)
        )
        self.numbers.toggled.connect(self._on_toggled)
        head = QHBoxLayout()
        said = QVBoxLayout()
        said.setSpacing(2)
        said.addWidget(label(title, "header"))
        said.addWidget(label(text, "small", "muted", wrap=True))
        head.addLayout(said, 1)
        head.addWidget(self.numbers, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 15, 16, 14)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(chart)
        layout.addWidget(table)
        table.hide()
        self.numbers.setChecked(opened)

    def _on_toggled(self, on: bool) -> None:
        rows, self._rows = (self._rows, None) if on else (None, self._rows)
        if rows is not None:
            self.table.show_rows(rows(), strong_last=True)
        self.table.setVisible(on)


class RankedBars(QWidget):
    """Names with a bar each, longest first: who did how much. The table beside it says it all."""

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self._theme = theme
        self._rows: tuple[tuple[str, float, str], ...] = ()
        self.setAccessibleName(title)
        theme.changed.connect(self._fit)

    def show_rows(self, rows: Sequence[tuple[str, float, str]]) -> None:
        """Name, value, and the value in words; in the order in which they stand."""
        self._rows = tuple(rows)
        self.setAccessibleDescription(", ".join(f"{name} {said}" for name, _, said in rows))
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(self._theme.px(30) * len(self._rows))
        self.update()

    # Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            most = max((value for _, value, _ in self._rows), default=0) or 1
            tall = theme.px(30)
            names = min(self.width() * 0.3, theme.px(190))
            ends = theme.px(64)
            mirrored = self.isRightToLeft()
            for place, (name, value, said) in enumerate(self._rows):
                y = place * tall
                room = self.width() - names - ends - 12
                wide = max(3.0, room * value / most) if value else 0.0
                bar = QRectF(names + 12, y + tall / 2 - 6, wide, 12)
                at_name = QRectF(0, y, names, tall)
                at_end = QRectF(bar.right() + 8, y, ends, tall)
                if mirrored:
                    for rect in (bar, at_name, at_end):
                        rect.moveLeft(self.width() - rect.right())
                painter.setPen(theme.color("text"))
                draw_line(painter, at_name, name, theme.font(Role.BASE_MEDIUM))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("accent"))
                painter.drawRoundedRect(bar, 4, 4)
                painter.setPen(theme.color("muted"))
                draw_line(painter, at_end, said, theme.font(Role.SMALL_STRONG))


class Skeleton(QWidget):
    """Where tiles and charts will be."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName(translate("reports", "Reading the numbers…"))

    def sizeHint(self) -> QSize:
        return QSize(600, 560)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("skeleton"))
            wide = (self.width() - 3 * 12) / 4
            for place in range(4):
                painter.drawRoundedRect(QRectF(place * (wide + 12), 0, wide, 92), 12, 12)
            for place in range(2):
                painter.drawRoundedRect(QRectF(0, 108 + place * 316, self.width(), 300), 12, 12)
