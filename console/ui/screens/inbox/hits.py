"""Messages that hold what was searched, under the conversations that have it in their name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from console.domain.desk import SearchHit
from console.ui import words
from console.ui.language import translate
from console.ui.models.marks import set_aside
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.times import list_time
from console.ui.widgets.marked import draw_marked
from console.ui.widgets.painting import draw_line, draw_pill, pill_width, placed
from console.ui.widgets.pictures import Pictures
from console.ui.widgets.seeking import EndSeeker

if TYPE_CHECKING:
    from console.store.store import Store

FIRST = 20  # hits: a screen, as the next letter may come
PAGE, LARGEST = 50, 800  # when one looks on; who goes far back gets more at a time
LEAST = 2  # letters
AHEAD = 8  # rows: when fewer lie below those in view, the next page is read
HEIGHT = 52
MARGIN = 16
LEAD = 18  # characters of text kept before the first match
Index = QModelIndex | QPersistentModelIndex


class HitRole(IntEnum):
    """Data roles beside Qt's own."""

    HIT = Qt.ItemDataRole.UserRole + 1


class HitsModel(QAbstractListModel):
    """`loaded` follows each search, `read_on` each further page. Newest first."""

    loaded = Signal()
    read_on = Signal()

    def __init__(self, store: Store, tasks: TaskScope) -> None:
        super().__init__()
        self._store = store
        self._tasks = tasks
        self._search = self._found = ""
        self._complete = True
        self._is_fetching = False
        self.hits: list[SearchHit] = []

    @property
    def has_more(self) -> bool:
        """Whether more may be found than stands here."""
        return bool(self.hits) and not self._complete

    @property
    def is_searching(self) -> bool:
        """Whether what stands here is not what was last looked for."""
        return self._found != self._search

    def show(self, search: str) -> bool:
        """Look for `search`, nothing for less than two letters; whether something may be found."""
        self._search = search.strip()
        narrows = len(self._found) >= LEAST and self._search.startswith(self._found)
        self._is_fetching, self._complete = False, True  # until it is known
        if len(self._search) < LEAST:
            self._tasks.cancel("hits")
            self._become([])
            return False
        self._tasks.start(self._read(), "hits")
        return bool(self.hits) or not narrows

    async def _read(self) -> None:
        hits = await self._store.search.messages(self._search, limit=FIRST)
        self._complete = len(hits) < FIRST
        self._become(hits)

    async def _read_more(self) -> None:
        try:
            search, count = self._store.search.messages, min(LARGEST, max(PAGE, len(self.hits)))
            more = await search(self._search, before=self.hits[-1], limit=count)
        finally:
            self._is_fetching = False
        self._complete = len(more) < count
        if more:
            start = len(self.hits)
            self.beginInsertRows(QModelIndex(), start, start + len(more) - 1)
            self.hits += more
            self.endInsertRows()
        self.read_on.emit()

    def _become(self, hits: Sequence[SearchHit]) -> None:
        self._found = self._search
        self.beginResetModel()
        self.hits = list(hits)
        self.endResetModel()
        self.loaded.emit()

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.hits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        hit = self.hits[index.row()]
        if role == HitRole.HIT:
            return hit
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            state = set_aside(hit.status)
            name = words.phone(hit.name)
            return f"{name}, {state}: {hit.snippet}" if state else f"{name}: {hit.snippet}"
        return None

    def canFetchMore(self, parent: Index) -> bool:
        return self.has_more and not self._is_fetching and not parent.isValid()

    def fetchMore(self, parent: Index) -> None:
        self._is_fetching = True
        self._tasks.start(self._read_more(), "hits")


class _Delegate(QStyledItemDelegate):
    """Paints a SearchHit. While letters come the list is painted several times, so what it was
    painted as is kept."""

    def __init__(self, theme: Theme, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._theme = theme
        self._now = now
        self._kept = Pictures(theme)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        hit = index.data(HitRole.HIT)
        lit = bool(option.state & QStyle.StateFlag.State_Selected)
        pointed = bool(option.state & QStyle.StateFlag.State_MouseOver)
        key = (hit, lit, pointed, self._now().astimezone().date())

        def draw(painter: QPainter, rect: QRectF) -> None:
            self._paint(painter, rect, hit, lit, pointed)

        self._kept.paint(painter, option, key, draw)

    def _paint(
        self, painter: QPainter, rect: QRectF, hit: SearchHit, lit: bool, pointed: bool
    ) -> None:
        theme = self._theme
        ground = "selected" if lit else ("hover" if pointed else "surface")
        painter.fillRect(rect, theme.color(ground))
        inside = rect.adjusted(MARGIN, 7, -MARGIN, -7)
        half = inside.height() / 2
        first = QRectF(inside.x(), inside.y(), inside.width(), half)
        painter.setPen(theme.color("muted"))
        time = list_time(hit.timestamp, self._now())
        face = theme.font(Role.STAMP)
        taken = draw_line(painter, first, time, face, Qt.AlignmentFlag.AlignRight)
        painter.setPen(theme.color("text"))
        room = first.adjusted(0, 0, -taken - 10, 0)
        state = set_aside(hit.status)
        wide = pill_width(theme, state) if state else 0.0
        if state:
            room.setWidth(room.width() - wide - 8)
        named = placed(painter, first, room)
        taken = draw_line(painter, named, words.phone(hit.name), theme.font(Role.SMALL_STRONG))
        if state:
            tall = theme.px(17)
            pill = QRectF(room.x() + taken + 8, room.center().y() - tall / 2, wide, tall)
            pill = placed(painter, first, pill)
            draw_pill(painter, theme, pill, state, "label_grey", "on_label_grey")
        self._paint_snippet(painter, first.translated(0, half), hit)

    def _paint_snippet(self, painter: QPainter, rect: QRectF, hit: SearchHit) -> None:
        """The text from shortly before the first match, each match in bold."""
        painter.setPen(self._theme.color("muted"))
        draw_marked(painter, self._theme, rect, pieces(hit), self._theme.font(Role.SMALL), "accent")

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, max(HEIGHT, self._theme.px(HEIGHT - 6)))


def pieces(hit: SearchHit) -> list[tuple[str, bool]]:
    """The snippet cut at its matches; each piece says whether it is one."""
    text = hit.snippet.replace("\n", " ")
    start = max(0, hit.spans[0][0] - LEAD) if hit.spans else 0
    made: list[tuple[str, bool]] = [("…", False)] if start else []
    at = start
    for begin, length in hit.spans:
        if begin < at:
            continue
        made += [(text[at:begin], False), (text[begin : begin + length], True)]
        at = begin + length
    made.append((text[at:], False))
    return [piece for piece in made if piece[0]]


class Heading(QLabel):
    """Over the messages: how many there are, as far as they are read."""

    def __init__(self, model: HitsModel) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "caption")
        self.setProperty("tone", "muted")
        self._model = model
        self.setContentsMargins(16, 10, 16, 4)
        model.loaded.connect(self._count)
        model.read_on.connect(self._count)

    def _count(self) -> None:
        counted = QLocale().toString(len(self._model.hits)) + ("+" if self._model.has_more else "")
        self.setText(f"{translate('inbox', 'Messages').upper()} · {counted}")


class HitsList(QListView):
    """`chosen` carries the hit; Up from the first one goes back to the conversations."""

    chosen = Signal(object)
    left_upwards = Signal()

    def __init__(
        self, theme: Theme, store: Store, tasks: TaskScope, now: Callable[[], datetime]
    ) -> None:
        super().__init__()
        self.found = model = HitsModel(store, tasks)
        self.title = Heading(model)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setAccessibleName(translate("inbox", "Messages found"))
        self.setModel(model)
        self._delegate = _Delegate(theme, now)
        self.setItemDelegate(self._delegate)
        self.clicked.connect(self._take)
        EndSeeker(self, model)

    def _look_ahead(self) -> None:
        """Have the next page before the reader is there, so that they never stop."""
        place, model = self.indexAt(self.viewport().rect().bottomLeft()), self.model()
        last = place.row() if place.isValid() else model.rowCount() - 1
        if last + AHEAD >= model.rowCount() and model.canFetchMore(QModelIndex()):
            model.fetchMore(QModelIndex())

    def _take(self, index: QModelIndex) -> None:
        hit = index.data(HitRole.HIT)
        if isinstance(hit, SearchHit):
            self.chosen.emit(hit)

    # Qt

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._look_ahead()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self.currentIndex())
        elif event.key() == Qt.Key.Key_Up and self.currentIndex().row() <= 0:
            self.left_upwards.emit()
        else:
            super().keyPressEvent(event)
