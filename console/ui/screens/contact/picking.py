"""A field in which one types a name or number, and the contacts below it that fit."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QEvent, QModelIndex, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from console.domain.contact import ContactLine
from console.domain.errors import BalasError
from console.domain.ids import ContactId
from console.ui import words
from console.ui.language import translate
from console.ui.models.contacts import ContactModel, Index, LineRole
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.widgets.avatar import paint_avatar
from console.ui.widgets.painting import Aside, draw_line
from console.ui.widgets.search import SearchField
from console.ui.workplace import Workplace

ROW = 44
EDGE = 14  # px from the side to the picture
MOST_ROWS = 5
PATIENCE = 0.25  # s after the last letter before the server is asked


class LineDelegate(QStyledItemDelegate):
    """A contact in one line: picture, name, number, and that they are blocked."""

    def __init__(self, theme: Theme, height: int = ROW, edge: int = EDGE) -> None:
        super().__init__()
        self._theme = theme
        self._height = height
        self._edge = edge

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._theme
        line = index.data(LineRole.LINE)
        rect = option.rect.toRectF()
        with Aside(painter):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            selected = bool(option.state & QStyle.StateFlag.State_Selected)
            hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
            ground = "selected" if selected else ("hover" if hovered else "surface")
            painter.fillRect(rect, theme.color(ground))
            rtl = option.direction == Qt.LayoutDirection.RightToLeft
            side = theme.px(self._height - 14)
            name = words.one_line(line.name, 120) or words.phone(line.address)
            edge = self._edge
            left = rect.right() - edge - side if rtl else rect.x() + edge
            paint_avatar(
                painter, theme, QRectF(left, rect.center().y() - side / 2, side, side), name
            )
            inner = (
                rect.adjusted(edge, 0, -edge - side - 11, 0)
                if rtl
                else rect.adjusted(edge + side + 11, 0, -edge, 0)
            )
            if line.blocked:
                mark = theme.px(15)
                spot = QRectF(
                    inner.x() if rtl else inner.right() - mark,
                    rect.center().y() - mark / 2,
                    mark,
                    mark,
                )
                theme.draw_icon(painter, "ban", "danger", spot)
                inner = (
                    inner.adjusted(mark + 8, 0, 0, 0) if rtl else inner.adjusted(0, 0, -mark - 8, 0)
                )
            number = words.phone(line.address)
            if line.name and number:
                painter.setPen(theme.color("muted"))
                face, away = theme.font(Role.SMALL), Qt.AlignmentFlag.AlignRight
                taken = draw_line(painter, inner, number, face, away) + 12
                inner = inner.adjusted(taken, 0, 0, 0) if rtl else inner.adjusted(0, 0, -taken, 0)
            painter.setPen(theme.color("muted" if line.blocked else "text"))
            draw_line(painter, inner, name, theme.font(Role.BASE_MEDIUM))

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, max(self._height, self._theme.px(self._height - 4)))


class ContactPicker(QWidget):
    """`picked` carries a ContactLine. What was typed may also be a number that nobody has yet."""

    picked = Signal(object)
    typed = Signal(str)
    entered = Signal(str)  # Enter, and nobody fits

    def __init__(
        self, workplace: Workplace, tasks: TaskScope, hint: str, but: ContactId | None = None
    ) -> None:
        super().__init__()
        self._workplace = workplace
        self._tasks = tasks
        self._but = but
        self._is_entered = False  # Enter came before the answer to what was typed
        self.model = ContactModel(workplace.store, tasks, self)
        self.field = SearchField(workplace.theme, hint, "")
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(LineDelegate(workplace.theme))
        self.list.setMouseTracking(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(translate("contacts", "Contacts"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.clicked.connect(self._take)
        self.field.textEdited.connect(self._on_typed)
        self.field.installEventFilter(self)
        self.model.loaded.connect(self._fit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.field)
        layout.addWidget(self.list)
        self.list.hide()

    def _on_typed(self, text: str) -> None:
        self._is_entered = False
        self.typed.emit(text)
        if text.strip():
            self.model.show(text, but=self._but)
            self._tasks.start(self._ask_server(text), "contacts:server")
        else:
            self._tasks.cancel("contacts:server")
            self.list.hide()
            self._grow()

    async def _ask_server(self, text: str) -> None:
        await asyncio.sleep(PATIENCE)
        try:
            found = await self._workplace.server.contacts.search(text)
        except BalasError:
            return  # what is here stands; this was only for more
        self.model.join(text, found)

    def _fit(self) -> None:
        rows = min(MOST_ROWS, self.model.rowCount())
        shown = rows > 0 and bool(self.field.text().strip())
        if shown:
            self.list.setFixedHeight(rows * self.list.sizeHintForRow(0))
            self.list.setCurrentIndex(self.model.index(0))
        self.list.setVisible(shown)
        self._grow()
        if self._is_entered:
            self._enter()

    def _grow(self) -> None:
        window = self.window()
        if window is not self and window.isVisible():
            window.adjustSize()

    def _enter(self) -> None:
        text = self.field.text()
        self._is_entered = bool(text.strip()) and self.model.found_for != text
        if self._is_entered:
            return
        if self.list.isVisible() and self.list.currentIndex().isValid():
            self._take(self.list.currentIndex())
        else:
            self.entered.emit(text)

    def _take(self, index: QModelIndex) -> None:
        line = index.data(LineRole.LINE)
        if isinstance(line, ContactLine):
            self._tasks.start(self._pick(line), "contacts:pick")

    async def _pick(self, line: ContactLine) -> None:
        await self.model.know(line.id)
        self.picked.emit(line)

    # Qt

    def focusInEvent(self, event: QFocusEvent) -> None:
        # No focus proxy: Tab comes to one that has it too, wherever that stands in the order.
        self.field.setFocus(event.reason())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        row, count = self.list.currentIndex().row(), self.model.rowCount()
        shown = self.list.isVisible()
        match event.key():
            case Qt.Key.Key_Down if shown:
                self.list.setCurrentIndex(self.model.index(min(count - 1, row + 1)))
            case Qt.Key.Key_Up if shown:
                self.list.setCurrentIndex(self.model.index(max(0, row - 1)))
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._enter()
            case _:
                return False
        return True
