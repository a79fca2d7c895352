"""The inbox list's rows: a growing window of pages that follows the store in place."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from console.domain.conversation import ConversationRow, View
from console.domain.ids import ConversationId
from console.ui import words
from console.ui.tasks import TaskScope

if TYPE_CHECKING:
    from console.store.store import Store

FIRST = 40  # rows: more than a screen holds
PAGE = 100
Index = QModelIndex | QPersistentModelIndex


class RowRole(IntEnum):
    """Data roles beside Qt's own."""

    ROW = Qt.ItemDataRole.UserRole + 1


class ConversationModel(QAbstractListModel):
    """`loaded` follows every reading; rows move rather than reset, so that a selection stays."""

    loaded = Signal()

    def __init__(self, store: Store, tasks: TaskScope) -> None:
        super().__init__()
        self._store = store
        self._tasks = tasks
        self._rows: list[ConversationRow] = []
        self._view = View()
        self._search = ""
        self._complete = False
        self._held = False
        self._missed = False
        self.is_loaded = False

    @property
    def rows(self) -> Sequence[ConversationRow]:
        return self._rows

    def show(self, view: View, search: str = "") -> None:
        """Show another view or search result from its start."""
        self._view, self._search = view, search
        self._missed = False
        self._tasks.start(self._read(FIRST, anew=True), "conversations")

    def reload(self) -> None:
        """Read what is shown again, as many rows as there are now."""
        self._tasks.start(self._read(max(FIRST, len(self._rows))), "conversations")

    def hold(self, on: bool) -> None:
        """While held, rows change where they stand: none moves, comes or goes under the mouse."""
        self._held = on
        if not on and self._missed:
            self._missed = False
            self.reload()

    def index_of(self, conversation_id: ConversationId) -> QModelIndex:
        """An invalid index when the conversation is not shown."""
        for place, row in enumerate(self._rows):
            if row.id == conversation_id:
                return self.index(place)
        return QModelIndex()

    async def _read(self, count: int, *, anew: bool = False) -> None:
        rows = await self._store.conversations.page(self._view, search=self._search, limit=count)
        self._complete = len(rows) < count
        if anew:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
        elif self._held and self._rows:
            self._follow_in_place(rows)
        else:
            self._follow(rows)
        self.is_loaded = True
        self.loaded.emit()

    async def _read_more(self) -> None:
        last = self._rows[-1]
        rows = await self._store.conversations.page(
            self._view, search=self._search, after=last, limit=PAGE
        )
        known = {row.id for row in self._rows}
        fresh = [row for row in rows if row.id not in known]
        self._complete = len(rows) < PAGE
        if fresh:
            start = len(self._rows)
            self.beginInsertRows(QModelIndex(), start, start + len(fresh) - 1)
            self._rows += fresh
            self.endInsertRows()

    def _follow_in_place(self, rows: list[ConversationRow]) -> None:
        """Only what the rows show; the rest is caught up with when nobody points here."""
        self._missed = self._missed or [r.id for r in rows] != [r.id for r in self._rows]
        read = {row.id: row for row in rows}
        for place, row in enumerate(self._rows):
            fresh = read.get(row.id, row)
            if fresh != row:
                self._rows[place] = fresh
                self.dataChanged.emit(self.index(place), self.index(place))

    def _follow(self, rows: list[ConversationRow]) -> None:
        """Become `rows` by removing, inserting, moving and changing: never by a reset."""
        wanted = {row.id: row for row in rows}
        for place in range(len(self._rows) - 1, -1, -1):
            if self._rows[place].id not in wanted:
                self.beginRemoveRows(QModelIndex(), place, place)
                del self._rows[place]
                self.endRemoveRows()
        known = {row.id for row in self._rows}
        for place, row in enumerate(rows):
            if row.id not in known:
                at = min(place, len(self._rows))
                self.beginInsertRows(QModelIndex(), at, at)
                self._rows.insert(at, row)
                self.endInsertRows()
        if [row.id for row in self._rows] != [row.id for row in rows]:
            self._reorder(rows)
        changed = [place for place, row in enumerate(rows) if self._rows[place] != row]
        self._rows = list(rows)
        for place in changed:
            self.dataChanged.emit(self.index(place), self.index(place))

    def _reorder(self, rows: list[ConversationRow]) -> None:
        self.layoutAboutToBeChanged.emit()
        places = {row.id: place for place, row in enumerate(rows)}
        old = self.persistentIndexList()
        new = [self.index(places[self._rows[index.row()].id]) for index in old]
        shown = {row.id: row for row in self._rows}
        self._rows = [shown[row.id] for row in rows]
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == RowRole.ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return words.row_spoken(row)
        return None

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and self.is_loaded and not self._complete

    def fetchMore(self, parent: Index) -> None:
        if self._rows:
            self._tasks.start(self._read_more(), "conversations")
