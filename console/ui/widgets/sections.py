"""A page of sections: their names to the front, the chosen one beside them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.widgets.labels import label
from console.ui.widgets.painting import draw_line

SIDE = 252
NARROW_BELOW = 760  # px of the page, below which the names leave only their icons
SIDE_NARROW = 60
WIDEST = 880  # px of what stands in a section: longer lines are hard to read


class SideButton(QAbstractButton):
    """A section's icon and name."""

    def __init__(self, theme: Theme, icon: str, text: str) -> None:
        super().__init__()
        self._theme = theme
        self._icon = icon
        self.setText(text)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    # Qt

    def sizeHint(self) -> QSize:
        wide = QFontMetricsF(self._theme.font(Role.BASE_MEDIUM)).horizontalAdvance(self.text())
        return QSize(round(wide) + 52, self._theme.px(36))

    def minimumSizeHint(self) -> QSize:
        return QSize(36, self._theme.px(36))

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            on = self.isChecked()
            if on or self.underMouse() or self.hasFocus():
                painter.setPen(theme.color("accent") if self.hasFocus() else Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("selected" if on else "hover"))
                painter.drawRoundedRect(rect, 8, 8)
            ink = "accent" if on else "muted"
            spot = QRectF(10, rect.center().y() - 8.5, 18, 18)
            room = rect.adjusted(38, 0, -10, 0)
            if self.isRightToLeft():
                spot.moveRight(rect.right() - 10)
                room = rect.adjusted(10, 0, -38, 0)
            theme.draw_icon(painter, self._icon, ink, spot)
            if room.width() > 24:
                painter.setPen(theme.color("text" if on or self.underMouse() else "muted"))
                face = theme.font(Role.BASE_STRONG if on else Role.BASE_MEDIUM)
                draw_line(painter, room, self.text(), face)


class Sections(QWidget):
    """Each section is made when it is first looked at. `changed` carries its name.

    The arrow keys walk the names.
    """

    changed = Signal(str)

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self._theme = theme
        self._makers: dict[str, Callable[[], QWidget]] = {}
        self._buttons: dict[str, SideButton] = {}
        self._made: dict[str, QScrollArea] = {}
        self.current = ""
        self.setProperty("kind", "background")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title = label(title, "title")
        self._head = QWidget()
        self.head = QVBoxLayout(self._head)
        self.head.setContentsMargins(0, 0, 0, 0)
        self.head.setSpacing(0)
        self.side = QFrame()
        self.side.setProperty("kind", "surface")
        self._names = QVBoxLayout(self.side)
        self._names.setContentsMargins(12, 20, 12, 12)
        self._names.setSpacing(2)
        self.title.setContentsMargins(8, 0, 0, 12)
        self._names.addWidget(self.title)
        self._names.addWidget(self._head)
        self._names.addStretch(1)
        line = QFrame()
        line.setObjectName("line")
        line.setFixedWidth(1)
        self.stack = QStackedWidget()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.side)
        layout.addWidget(line)
        layout.addWidget(self.stack, 1)
        theme.changed.connect(self._fit)
        self._fit()

    def add(self, name: str, title: str, icon: str, make: Callable[[], QWidget]) -> None:
        """A section; `make` is asked for its widget on the first look."""
        made = SideButton(self._theme, icon, title)
        made.clicked.connect(lambda: self.show_section(name))
        self._buttons[name] = made
        self._makers[name] = make
        self._names.insertWidget(self._names.count() - 1, made)

    def show_section(self, name: str) -> None:
        """KeyError names one that does not exist."""
        if name not in self._made:
            self._made[name] = scrolled(self._makers[name]())
            self.stack.addWidget(self._made[name])
        self._buttons[name].setChecked(True)
        self.stack.setCurrentWidget(self._made[name])
        if any(button.hasFocus() for button in self._buttons.values()):
            self._buttons[name].setFocus()  # the ring is where the keys go on from
        self.current = name
        self.changed.emit(name)

    def show_found(self, found: QWidget) -> None:
        """Something out of several sections: none of the names is the one of what is shown."""
        self.stack.addWidget(found)
        self.stack.setCurrentWidget(found)
        for button in self._buttons.values():
            button.setAutoExclusive(False)
            button.setChecked(False)
            button.setAutoExclusive(True)

    def focus_name(self) -> None:
        """The keyboard goes to the names."""
        if self.current:
            self._buttons[self.current].setFocus()

    def _fit(self) -> None:
        narrow = self.width() < NARROW_BELOW
        self.title.setVisible(not narrow)
        self._head.setVisible(not narrow)
        self.side.setFixedWidth(SIDE_NARROW if narrow else self._theme.px(SIDE))

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        focused = self.focusWidget()
        if step and isinstance(focused, SideButton):
            names = list(self._buttons)
            at = list(self._buttons.values()).index(focused)
            name = names[(at + step) % len(names)]
            self.show_section(name)
            self._buttons[name].setFocus()
            return
        super().keyPressEvent(event)


def scrolled(inside: QWidget, widest: int = WIDEST) -> QScrollArea:
    """`inside` as wide as lines are read well, and scrolled where it is taller than its place."""
    inside.setMaximumWidth(widest)
    inside.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    column = QWidget()
    column.setProperty("kind", "background")
    row = QHBoxLayout(column)
    row.setContentsMargins(28, 24, 28, 28)
    row.addWidget(inside, 1)
    row.addStretch(0)  # takes what is left over only where `inside` is as wide as it may be
    made = QScrollArea()
    made.setWidgetResizable(True)
    made.setFrameShape(QFrame.Shape.NoFrame)
    made.setWidget(column)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return made
