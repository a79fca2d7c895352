"""Bars or lines over days, painted from the tokens; values by the mouse and by the arrow keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLocale, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.widgets.chart_axis import labels_shown
from console.ui.widgets.painting import PLAIN, draw_line, placed
from console.ui.widgets.spoken import speak_as

TALL = 220
FOOT = 26  # px for the labels below
LEGEND = 28
BARS_FROM = 13.0  # px a place needs for bars beside each other; below that lines are read better


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of value. `token` is its colour; None is a place where there was nothing."""

    name: str
    token: str
    values: tuple[float | None, ...]


class Chart(QWidget):
    """`picked` carries a place, -1 for none. Home, End and the arrows walk, Escape leaves.

    Time runs as the window is read: with it mirrored, the first day stands on the right.
    """

    picked = Signal(int)

    def __init__(
        self,
        theme: Theme,
        title: str,
        steps: Callable[[float], list[float]],
        words: Callable[[float], str],
        *,
        bars: bool,
    ) -> None:
        """`steps` makes the axis for the largest value, `words` writes a value."""
        super().__init__()
        speak_as(self, QAccessible.Role.Chart)
        self._theme = theme
        self._title = title
        self._steps = steps
        self._words = words
        self._bars = bars
        self._series: tuple[Series, ...] = ()
        self._labels: tuple[str, ...] = ()
        self._spoken: tuple[str, ...] = ()
        self._ticks: list[float] = [0, 1]
        self.current = -1
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def show_series(
        self, series: Sequence[Series], labels: Sequence[str], spoken: Sequence[str] = ()
    ) -> None:
        """Each series has a value for each label; `spoken` is the label in full."""
        self._series, self._labels = tuple(series), tuple(labels)
        self._spoken = tuple(spoken) or self._labels
        values = [value for one in self._series for value in one.values if value is not None]
        self._ticks = self._steps(max(values, default=0))
        self._pick(-1)
        self.setAccessibleDescription(", ".join(one.name for one in self._series))
        self.update()

    def said(self, place: int) -> str:
        """One place in words: "Mon 3 Nov: Customers 12, Replies 9"."""
        parts = [
            f"{one.name} {self._words(value)}"
            for one in self._series
            if (value := one.values[place]) is not None
        ]
        return f"{self._spoken[place]}: {', '.join(parts) or '–'}"

    def _pick(self, place: int) -> None:
        if place == self.current:
            return
        self.current = place
        if place >= 0:
            self.setAccessibleDescription(self.said(place))
            QAccessible.updateAccessibility(
                QAccessibleEvent(self, QAccessible.Event.DescriptionChanged)
            )
        self.picked.emit(place)
        self.update()

    def _plot(self) -> QRectF:
        """Where the values stand."""
        metrics = QFontMetricsF(self._theme.font(Role.STAMP))
        wide = max(metrics.horizontalAdvance(self._tick(tick)) for tick in self._ticks)
        top = self._theme.px(LEGEND) + 8
        left = 8 if self.isRightToLeft() else wide + 12
        return QRectF(
            left, top, self.width() - wide - 20, self.height() - top - self._theme.px(FOOT)
        )

    def _x(self, plot: QRectF, place: int) -> float:
        """The middle of a place."""
        across = plot.width() * (place + 0.5) / max(1, len(self._labels))
        return plot.right() - across if self.isRightToLeft() else plot.x() + across

    def _y(self, plot: QRectF, value: float) -> float:
        return plot.bottom() - plot.height() * value / (self._ticks[-1] or 1)

    def _tick(self, value: float) -> str:
        """Nothing is nothing in every unit."""
        return self._words(value) if value else QLocale().toString(0)

    def _in_order(self) -> Sequence[Series]:
        """The series as they stand beside each other, from the left."""
        return self._series[::-1] if self.isRightToLeft() else self._series

    # Painting

    def _paint_legend(self, painter: QPainter) -> None:
        theme = self._theme
        face = theme.font(Role.SMALL)
        metrics = QFontMetricsF(face)
        painter.setFont(face)
        x, tall = 2.0, theme.px(20)
        for one in self._series:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(one.token))
            whole = self.rect().toRectF()
            spot = placed(painter, whole, QRectF(x, (tall - 9) / 2, 9, 9))
            painter.drawRoundedRect(spot, 3, 3)
            wide = metrics.horizontalAdvance(one.name)
            painter.setPen(theme.color("muted"))
            room = placed(painter, whole, QRectF(x + 15, 0, wide + 2, tall))
            draw_line(painter, room, one.name, face)
            x += wide + 34

    def _paint_axes(self, painter: QPainter, plot: QRectF) -> None:
        theme = self._theme
        face = theme.font(Role.STAMP)
        painter.setFont(face)
        for tick in self._ticks:
            y = round(self._y(plot, tick)) + 0.5
            painter.setPen(theme.color("line"))
            painter.drawLine(QPointF(plot.x(), y), QPointF(plot.right(), y))
            painter.setPen(theme.color("faint"))
            wide = self.width() - plot.width() - 16
            room = placed(painter, self.rect().toRectF(), QRectF(0, y - 9, wide, 18))
            draw_line(painter, room, self._tick(tick), face, Qt.AlignmentFlag.AlignRight)
        metrics = QFontMetricsF(face)
        wide = max((metrics.horizontalAdvance(text) for text in self._labels), default=0) + 18
        painter.setPen(theme.color("faint"))
        for place in labels_shown(len(self._labels), plot.width(), wide):
            painter.drawText(
                QRectF(self._x(plot, place) - wide / 2, plot.bottom() + 5, wide, theme.px(18)),
                int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | PLAIN),
                self._labels[place],
            )

    def _paint_bars(self, painter: QPainter, plot: QRectF) -> None:
        theme, count = self._theme, len(self._labels)
        slot = plot.width() / max(1, count)
        gap = 2.0
        wide = min(22.0, (slot * 0.72 - gap * (len(self._series) - 1)) / len(self._series))
        whole = wide * len(self._series) + gap * (len(self._series) - 1)
        painter.setPen(Qt.PenStyle.NoPen)
        for place in range(count):
            x = self._x(plot, place) - whole / 2
            for one in self._in_order():
                value = one.values[place]
                if value:
                    top = min(self._y(plot, value), plot.bottom() - 2)
                    painter.setBrush(theme.color(one.token))
                    bar = QRectF(x, top, wide, plot.bottom() - top)
                    radius = min(3.0, wide / 2, bar.height() / 2)
                    painter.drawRoundedRect(bar, radius, radius)
                x += wide + gap

    def _paint_lines(self, painter: QPainter, plot: QRectF) -> None:
        theme = self._theme
        sparse = plot.width() / max(1, len(self._labels)) >= BARS_FROM
        for one in self._series:
            path, is_begun = QPainterPath(), False
            points = []
            for place, value in enumerate(one.values):
                if value is None:
                    is_begun = False
                    continue
                at = QPointF(self._x(plot, place), self._y(plot, value))
                points.append(at)
                if is_begun:
                    path.lineTo(at)
                else:
                    path.moveTo(at)
                is_begun = True
            painter.setBrush(Qt.BrushStyle.NoBrush)
            pen = QPen(theme.color(one.token), 2)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.drawPath(path)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(one.token))
            for at in points if sparse or len(points) < 3 else ():
                painter.drawEllipse(at, 3, 3)

    def _paint_current(self, painter: QPainter, plot: QRectF) -> None:
        """The values of the place under the mouse or the keyboard, in a small card."""
        theme = self._theme
        lines = [(self._spoken[self.current], "", "")] + [
            (one.name, "–" if value is None else self._words(value), one.token)
            for one in self._series
            for value in (one.values[self.current],)
        ]
        face, strong = theme.font(Role.SMALL), theme.font(Role.SMALL_STRONG)
        metrics, bold = QFontMetricsF(face), QFontMetricsF(strong)
        tall = theme.px(19)
        wide = max(
            bold.horizontalAdvance(lines[0][0]),
            *(
                metrics.horizontalAdvance(n) + bold.horizontalAdvance(v) + 34
                for n, v, _ in lines[1:]
            ),
        )
        box = QRectF(0, plot.y() + 4, wide + 24, tall * len(lines) + 14)
        x = self._x(plot, self.current)
        after, before = x + 12, x - 12 - box.width()
        if self.isRightToLeft():
            box.moveLeft(before if before > 0 else after)
        else:
            box.moveLeft(after if after + box.width() < self.width() else before)
        painter.setPen(theme.color("line"))
        painter.setBrush(theme.color("surface"))
        painter.drawRoundedRect(box, 8, 8)
        y = box.y() + 7
        for place, (name, value, token) in enumerate(lines):
            row = QRectF(box.x() + 12, y, box.width() - 24, tall)
            if token:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color(token))
                spot = QRectF(row.x(), row.center().y() - 4, 8, 8)
                painter.drawRoundedRect(placed(painter, row, spot), 2, 2)
                row = placed(painter, row, row.adjusted(14, 0, 0, 0))
            painter.setPen(theme.color("muted" if place else "text"))
            draw_line(painter, row, name, face if place else strong)
            painter.setPen(theme.color("text"))
            draw_line(painter, row, value, strong, Qt.AlignmentFlag.AlignRight)
            y += tall

    # Qt

    def sizeHint(self) -> QSize:
        return QSize(480, self._theme.px(TALL))

    def minimumSizeHint(self) -> QSize:
        return QSize(220, self._theme.px(TALL))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, plot = self._theme, self._plot()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_legend(painter)
            self._paint_axes(painter, plot)
            if 0 <= self.current < len(self._labels):
                wide = max(6.0, plot.width() / len(self._labels))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("selected"))
                at = self._x(plot, self.current) - wide / 2
                painter.drawRoundedRect(QRectF(at, plot.y(), wide, plot.height()), 4, 4)
            enough = (
                plot.width() / max(1, len(self._labels))
                >= BARS_FROM * max(1, len(self._series)) / 2
            )
            if self._bars and enough:
                self._paint_bars(painter, plot)
            else:
                self._paint_lines(painter, plot)
            if 0 <= self.current < len(self._labels):
                self._paint_current(painter, plot)
            if self.hasFocus():
                painter.setPen(theme.color("accent"))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        plot = self._plot()
        inside = plot.adjusted(0, -20, 0, 30).contains(event.position())
        x = event.position().x()
        across = plot.right() - x if self.isRightToLeft() else x - plot.x()
        place = int(across / (plot.width() or 1) * len(self._labels))
        self._pick(min(place, len(self._labels) - 1) if inside and self._labels else -1)

    def leaveEvent(self, event: object) -> None:
        if not self.hasFocus():
            self._pick(-1)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._pick(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._labels) - 1
        onward, back = Qt.Key.Key_Right, Qt.Key.Key_Left
        if self.isRightToLeft():
            onward, back = back, onward
        match event.key():
            case key if key == onward and last >= 0:
                self._pick(min(last, self.current + 1))
            case key if key == back and last >= 0:
                self._pick(last if self.current < 0 else max(0, self.current - 1))
            case Qt.Key.Key_Home if last >= 0:
                self._pick(0)
            case Qt.Key.Key_End if last >= 0:
                self._pick(last)
            case Qt.Key.Key_Escape if self.current >= 0:
                self._pick(-1)
            case _:
                super().keyPressEvent(event)
