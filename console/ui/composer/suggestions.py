"""A list over the text field that follows what is typed: canned replies after /, people after @."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from console.ui.announcing import announce
from console.ui.composer.editor import Editor
from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.widgets.avatar import paint_avatar
from console.ui.widgets.labels import label
from console.ui.widgets.painting import Aside, draw_line, placed

WIDTH, PEOPLE_WIDTH = 420, 260
MOST_LINES = 6
INSET = 14  # px from the edge to the words
LINE = int(Qt.ItemDataRole.UserRole) + 1
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line. `text` stands under the title; `person` paints initials, `note` stands right."""

    key: str
    title: str
    text: str = ""
    note: str = ""
    person: str = ""


class _Model(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.shown: Sequence[Suggestion] = ()

    def show(self, lines: Sequence[Suggestion]) -> None:
        self.beginResetModel()
        self.shown = lines
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        line = self.shown[index.row()]
        if role == LINE:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return ", ".join(part for part in (line.title, line.text, line.note) if part)
        return None


class _Delegate(QStyledItemDelegate):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, line = self._theme, index.data(LINE)
        rect = option.rect.toRectF().adjusted(5, 1, -5, -1)
        with Aside(painter):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("selected"))
                painter.drawRoundedRect(rect, 6, 6)
            x, right = rect.x() + 9, rect.right() - 10
            if line.person:
                spot = QRectF(x, rect.center().y() - 11, 22, 22)
                paint_avatar(painter, theme, placed(painter, rect, spot), line.person)
                x += 31
            half = rect.height() / 2 if line.text else rect.height()
            top = rect.y() + (4 if line.text else 0)
            if line.note:
                painter.setPen(theme.color("muted"))
                room = placed(painter, rect, QRectF(x, top, right - x, half - 2))
                face = theme.font(Role.SMALL)
                right -= draw_line(painter, room, line.note, face, Qt.AlignmentFlag.AlignRight) + 12
            painter.setPen(theme.color("text"))
            room = placed(painter, rect, QRectF(x, top, right - x, half - 2))
            draw_line(painter, room, line.title, theme.font(Role.BASE_STRONG))
            if line.text:
                painter.setPen(theme.color("muted"))
                room = QRectF(x, rect.y() + half - 1, rect.right() - 10 - x, half - 3)
                room = placed(painter, rect, room)
                draw_line(painter, room, line.text, theme.font(Role.SMALL))

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(WIDTH, self._theme.px(48 if index.data(LINE).text else 36))


class SuggestionPopup(QFrame):
    """Floats in the window over the field, which keeps the focus. `taken` carries the key."""

    taken = Signal(str)

    def __init__(self, theme: Theme, title: str, owner: QWidget, width: int = WIDTH) -> None:
        super().__init__(owner)  # so that it goes with its owner even if it was never shown
        self.setProperty("kind", "popup")
        self.setAccessibleName(title)
        self._theme = theme
        self._wide = width
        self._told = ""
        self._model = _Model()
        self.head = label(title, "caption", "muted")
        self.nothing = label("", "small", "muted", wrap=True)
        self.list = QListView()
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Delegate(theme))
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(title)
        self.list.clicked.connect(self._take)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 8, 1, 6)
        layout.setSpacing(4)
        layout.addWidget(self.head)
        layout.addWidget(self.list)
        layout.addWidget(self.nothing)
        for words in (self.head, self.nothing):
            # Where the lines' words begin. Margins of its own go when it moves to another window.
            words.setIndent(INSET)
        self.hide()

    def show_lines(self, lines: Sequence[Suggestion], otherwise: str, over: QWidget) -> None:
        """Show `lines`, or the sentence `otherwise` where there are none, above `over`."""
        self._model.show(lines)
        if lines:
            self.list.setCurrentIndex(self._model.index(0))
        self._tell(otherwise)
        self.list.setVisible(bool(lines))
        self.nothing.setText(otherwise)
        self.nothing.setVisible(not lines)
        heights = [self.list.sizeHintForRow(row) for row in range(min(MOST_LINES, len(lines)))]
        self.list.setFixedHeight(sum(heights))
        window = over.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        wide = min(self._theme.px(self._wide), over.width(), window.width() - 32)
        self.setFixedWidth(wide)
        self.adjustSize()
        corner = over.mapTo(window, QPoint(0, 0))
        x = max(8, min(corner.x(), window.width() - wide - 8))
        self.move(x, max(8, corner.y() - self.height()))
        self.show()
        self.raise_()

    def lines(self) -> Sequence[Suggestion]:
        return self._model.shown

    def walk(self, step: int) -> None:
        count = len(self._model.shown)
        if count:
            row = (self.list.currentIndex().row() + step) % count
            self.list.setCurrentIndex(self._model.index(row))
            self._tell()

    def _tell(self, otherwise: str = "") -> None:
        """The field keeps the focus, so that nobody would hear which line Enter takes."""
        index = self.list.currentIndex()
        said = index.data(Qt.ItemDataRole.AccessibleTextRole) if index.isValid() else otherwise
        if not self.isVisible():
            said = f"{self.accessibleName()}: {said}"
        elif said == self._told:
            return
        self._told = said
        announce(self, said)

    def take_current(self) -> None:
        self._take(self.list.currentIndex())

    def _take(self, index: QModelIndex) -> None:
        if index.isValid():
            self.taken.emit(self._model.shown[index.row()].key)


class Suggestions(QObject):
    """Shows the popup while a word after `trigger` is under way in the field.

    `find` gives the lines for what is typed after it; `taken` carries the key that was chosen and
    where the trigger stands.
    """

    taken = Signal(str, int)

    def __init__(
        self,
        editor: Editor,
        popup: SuggestionPopup,
        trigger: str,
        find: Callable[[str], Sequence[Suggestion]],
        nothing: Callable[[], str],
        over: QWidget,
    ) -> None:
        super().__init__(editor)
        self._editor = editor
        self._popup = popup
        self._trigger = trigger
        self._find = find
        self._nothing = nothing
        self._over = over
        self._start = -1
        self._dropped = -1  # the trigger's place where Escape sent the list away
        popup.taken.connect(self._on_taken)
        popup.hide()
        editor.cursorPositionChanged.connect(self.refresh)
        editor.installEventFilter(self)

    def is_open(self) -> bool:
        """The list is there and takes the keys that walk and choose."""
        return self._popup.isVisible()

    def refresh(self) -> None:
        """Follow the text: open, narrow or close the list."""
        token = self._editor.token(self._trigger)
        if token is None or not self._editor.hasFocus():
            self._dropped = -1 if token is None else self._dropped
            self.close()
            return
        self._start, typed = token
        if self._start == self._dropped:
            return
        lines = self._find(typed)
        if not lines and typed:
            self.close()  # "/2" in "1/2", or an address: not meant for us
        else:
            self._popup.show_lines(lines, self._nothing(), self._over)

    def close(self) -> None:
        self._popup.hide()

    def _on_taken(self, key: str) -> None:
        self.close()
        self.taken.emit(key, self._start)

    # Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.close()
        if not self.is_open() or not isinstance(event, QKeyEvent):
            return False
        if event.type() != QEvent.Type.KeyPress:
            return False
        match event.key():
            case Qt.Key.Key_Down:
                self._popup.walk(1)
            case Qt.Key.Key_Up:
                self._popup.walk(-1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Tab if self._popup.lines():
                self._popup.take_current()
            case Qt.Key.Key_Escape:
                self._dropped = self._start
                self.close()
            case _:
                return False
        return True
