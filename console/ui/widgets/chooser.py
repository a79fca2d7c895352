"""A popup in which one types a few letters and takes a line: people, labels, inboxes, times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import partial
from math import ceil

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QCloseEvent, QFontMetricsF, QKeyEvent, QPainter, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.widgets.avatar import paint_avatar
from console.ui.widgets.labels import label
from console.ui.widgets.painting import Aside, draw_line, placed

WIDTH, WIDEST = 280, 400
EDGES = 36  # px left and right of a line, with its frame
EMBLEM = 29  # px that a picture, an icon or a dot takes before the words
LINE = 34
MOST_LINES = 9
FIELD_FROM = 7  # lines from which there is a field to type in
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `person` paints initials, `icon` an icon, `color` a dot; else the words alone."""

    key: str
    words: str
    note: str = ""
    icon: str = ""
    person: str = ""
    color: str = ""
    checked: bool = False


class _Role(IntEnum):
    LINE = Qt.ItemDataRole.UserRole + 1


class _Lines(QAbstractListModel):
    def __init__(self, lines: Sequence[Line]) -> None:
        super().__init__()
        self._all = list(lines)
        self.shown = list(lines)

    def narrow(self, typed: str) -> None:
        words = typed.casefold().split()
        self.beginResetModel()
        self.shown = [
            line
            for line in self._all
            if all(word in f"{line.words} {line.note}".casefold() for word in words)
        ]
        self.endResetModel()

    def toggle(self, place: int) -> Line:
        old = self.shown[place]
        line = replace(old, checked=not old.checked)
        self.shown[place] = line
        self._all[self._all.index(old)] = line
        self.dataChanged.emit(self.index(place), self.index(place))
        return line

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        line = self.shown[index.row()]
        if role == _Role.LINE:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{line.words}, {line.note}" if line.note else line.words
        if role == Qt.ItemDataRole.AccessibleDescriptionRole and line.checked:
            return translate("chooser", "chosen")
        return None


class _Delegate(QStyledItemDelegate):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, line = self._theme, index.data(_Role.LINE)
        rect = option.rect.toRectF().adjusted(5, 1, -5, -1)
        with Aside(painter):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            lit = option.state & (
                QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver
            )
            if lit:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("selected"))
                painter.drawRoundedRect(rect, 6, 6)
            x, middle = rect.x() + 9, rect.center().y()
            at = partial(placed, painter, rect)
            if line.person:
                paint_avatar(painter, theme, at(QRectF(x, middle - 10, 20, 20)), line.person)
                x += EMBLEM
            elif line.icon:
                theme.draw_icon(painter, line.icon, "muted", at(QRectF(x + 2, middle - 8, 16, 16)))
                x += EMBLEM
            elif line.color:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color(line.color))
                painter.drawEllipse(at(QRectF(x + 5, middle - 5, 10, 10)))
                x += EMBLEM
            right = rect.right() - 10
            if line.checked:
                theme.draw_icon(
                    painter, "check", "accent", at(QRectF(right - 15, middle - 8, 16, 16))
                )
                right -= 24
            if line.note:
                painter.setPen(theme.color("muted"))
                room = at(QRectF(x, rect.y(), right - x, rect.height()))
                face = theme.font(Role.SMALL)
                right -= draw_line(painter, room, line.note, face, Qt.AlignmentFlag.AlignRight) + 10
            painter.setPen(theme.color("text"))
            room = at(QRectF(x, rect.y(), right - x, rect.height()))
            draw_line(painter, room, line.words, theme.font(Role.BASE))

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(WIDTH, max(LINE, self._theme.px(LINE - 4)))


class Chooser(QFrame):
    """`chosen` carries the key. With `several` it stays open and `toggled` tells each change."""

    chosen = Signal(str)
    closed_without = Signal()  # nothing was taken
    toggled = Signal(str, bool)

    def __init__(
        self,
        parent: QWidget,
        theme: Theme,
        title: str,
        lines: Sequence[Line],
        *,
        several: bool = False,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setWindowFlag(Qt.WindowType.NoDropShadowWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAccessibleName(title)
        self._theme = theme
        self._several = several
        self._is_taken = False
        self._model = _Lines(lines)
        self.field = QLineEdit()
        self.field.setProperty("kind", "search")
        self.field.setPlaceholderText(title)
        self.field.setAccessibleName(title)
        self.list = QListView()
        self.nothing = label(translate("chooser", "Nothing has this name"), "small", "muted")
        self._build(title, len(lines))
        self._choose_first()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.setFocusProxy(self.field if self.field.isVisible() else self.list)

    def _build(self, title: str, count: int) -> None:
        inside = QFrame()
        inside.setProperty("kind", "popup")
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 7, 0, 6)
        layout.setSpacing(5)
        head = label(title, "caption", "muted")
        head.setContentsMargins(14, 3, 14, 2)
        layout.addWidget(head)
        row = QVBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        row.addWidget(self.field)
        layout.addLayout(row)
        layout.addWidget(self.list)
        self.nothing.setContentsMargins(14, 6, 14, 8)
        layout.addWidget(self.nothing)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(inside)
        has_field = count >= FIELD_FROM
        self.field.setVisible(has_field)
        head.setVisible(not has_field)
        self.nothing.hide()
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Delegate(self._theme))
        self.list.setMouseTracking(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName(title)
        self.list.clicked.connect(self._take)
        self.field.textChanged.connect(self._narrow)
        self.field.installEventFilter(self)
        self._fit()
        wanted = max((self._wanted(line) for line in self._model.shown), default=0)
        self.setFixedWidth(max(self._theme.px(WIDTH), min(wanted, self._theme.px(WIDEST))))

    def _wanted(self, line: Line) -> int:
        """px in which a line stands whole."""
        words = QFontMetricsF(self._theme.font(Role.BASE)).horizontalAdvance(line.words)
        note = QFontMetricsF(self._theme.font(Role.SMALL)).horizontalAdvance(line.note)
        beside = EMBLEM if line.person or line.icon or line.color else 0
        beside += (10 if line.note else 0) + (24 if line.checked or self._several else 0)
        return ceil(words + note) + beside + EDGES

    def _fit(self) -> None:
        lines = min(MOST_LINES, self._model.rowCount())
        self.list.setFixedHeight(lines * max(LINE, self._theme.px(LINE - 4)))
        self.nothing.setVisible(lines == 0)
        self.adjustSize()

    def _choose_first(self) -> None:
        checked = (i for i, line in enumerate(self._model.shown) if line.checked)
        first = 0 if self._several else next(checked, 0)
        if self._model.rowCount():
            self.list.setCurrentIndex(self._model.index(first))

    def _narrow(self, typed: str) -> None:
        self._model.narrow(typed)
        if self._model.rowCount():
            self.list.setCurrentIndex(self._model.index(0))
        self._fit()

    def _take(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        if self._several:
            line = self._model.toggle(index.row())
            self.toggled.emit(line.key, line.checked)
            return
        key = self._model.shown[index.row()].key
        self._is_taken = True
        self.close()
        self.chosen.emit(key)

    def _walk(self, step: int) -> None:
        count = self._model.rowCount()
        if count:
            place = (self.list.currentIndex().row() + step) % count
            self.list.setCurrentIndex(self._model.index(place))

    # Qt

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        if not self._is_taken:
            self.closed_without.emit()

    def eventFilter(self, watched: object, event: object) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QKeyEvent.Type.KeyPress:
            return self._on_key(event)
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._on_key(event):
            super().keyPressEvent(event)

    def _on_key(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Down:
                self._walk(1)
            case Qt.Key.Key_Up:
                self._walk(-1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._take(self.list.currentIndex())
            case Qt.Key.Key_Escape:
                self.close()
            case _:
                return False
        return True


def choose(
    parent: QWidget,
    theme: Theme,
    title: str,
    lines: Sequence[Line],
    taken: Callable[[str], object],
) -> Chooser:
    """A chooser of one line, not shown yet."""
    made = Chooser(parent, theme, title, lines)
    made.chosen.connect(taken)
    return made
