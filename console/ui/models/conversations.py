"""The inbox list's rows: as many as the view holds, read where one looks, followed in place."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from console.domain.conversation import ConversationRow, Part, View
from console.domain.ids import ConversationId
from console.ui.models.marks import Marks, spoken
from console.ui.tasks import TaskScope

if TYPE_CHECKING:
    from console.store.store import Store

FIRST = 40  # rows: more than a screen holds
AROUND = 40  # rows read above and below those in view
ROUNDS = 4  # of reading for a reader who scrolls meanwhile
FOUND = 20  # rows at least that a search reads at first: a screen, as the next letter may come
PAGE = 100  # of it, when one looks on
AHEAD = 8  # rows of it: when fewer lie below those in view, the next page is read
KEPT = 2_000  # rows; of more than these, those far from what is in view are let go
Index = QModelIndex | QPersistentModelIndex


class RowRole(IntEnum):
    """Data roles beside Qt's own. ROW is None where nobody has looked yet."""

    ROW = Qt.ItemDataRole.UserRole + 1


class ConversationModel(QAbstractListModel):
    """`loaded` follows every reading; rows move rather than reset, so that a selection stays.

    A view is as long as it is from the start; of its rows those are read that are looked at. A
    search is read from its top, a page at a time.
    """

    loaded = Signal()
    read_on = Signal()  # a further page of what a search found
    moving = Signal()  # rows are about to change their places
    above = Signal(int)  # so many wait to come in above those in view

    def __init__(self, store: Store, tasks: TaskScope) -> None:
        super().__init__()
        self._store = store
        self._tasks = tasks
        self._rows: dict[int, ConversationRow] = {}  # by place
        self._places: dict[ConversationId, int] = {}
        self._total = 0
        self._viewed = range(0)  # the places in view
        self._fresh = range(0)  # the places that are as they were at the last change
        self._view = View()
        self._search = ""
        self._anew = True
        self._screen = FOUND
        self._turn = 0
        self._is_reading = False
        self._complete = False
        self._is_fetching = False
        self._held = False
        self._missed = False
        self.is_loaded = False
        self.marks = Marks()

    @property
    def rows(self) -> Sequence[ConversationRow]:
        """Those that are known, from top to bottom."""
        return [self._rows[place] for place in sorted(self._rows)]

    @property
    def has_more(self) -> bool:
        """Whether the search may find more than stands here."""
        return bool(self._search) and self._total > 0 and not self._complete

    @property
    def is_searching(self) -> bool:
        """Whether what stands here is not what was last asked for."""
        return self._anew

    def show(self, view: View, search: str = "") -> None:
        """Show another view or search result from its start."""
        self._view, self._search = view, search
        self._missed = False
        self.above.emit(0)
        self._anew = True
        self._screen = max(FOUND, len(self._viewed) + AHEAD)
        self._viewed = range(0)
        self.reload()

    def reload(self) -> None:
        """Something changed: read again what is in view, and what is around it."""
        self._turn += 1
        self._is_reading = True
        self._tasks.start(self._read(self._turn), "conversations")

    def look_at(self, first: int, last: int) -> None:
        """The places in view, both included: what is not known there is read."""
        self._viewed = range(first, last + 1)
        if self.is_loaded and not self._is_reading and not self._covers_view():
            self.reload()
        self._look_ahead()

    def hold(self, on: bool) -> None:
        """While held, rows change where they stand: none moves, comes or goes under the mouse."""
        self._held = on
        if not on and self._missed:
            self._missed = False
            self.above.emit(0)
            self.reload()

    def index_of(self, conversation_id: ConversationId) -> QModelIndex:
        """An invalid index when the conversation is not shown."""
        place = self._places.get(conversation_id)
        return QModelIndex() if place is None else self.index(place)

    async def read_first(self, count: int) -> int:
        """Know the first `count` rows; how many of them there are."""
        self._follow(await self._part(range(count)))
        return min(count, self._total)

    def _look_ahead(self) -> None:
        """Have what comes next in a search before the reader is there, so that they never stop."""
        if self._viewed.stop + AHEAD > self._total and self.canFetchMore(QModelIndex()):
            self.fetchMore(QModelIndex())

    def _covers_view(self) -> bool:
        if self._search:
            return True
        known, seen = self._fresh, self._viewed
        return known.start <= seen.start and min(seen.stop, self._total) <= known.stop

    async def _read(self, turn: int) -> None:
        try:
            for _ in range(ROUNDS):
                seen = self._viewed
                start = max(0, seen.start - AROUND)
                stop = max(start + FIRST, seen.stop + (AROUND if seen.stop else 0))
                part = await self._part(range(start, stop))
                if self._anew:
                    self._become(part)
                elif self._held and self._rows:
                    self._follow_in_place(part)
                else:
                    self._follow(part)
                self.is_loaded = True
                self.loaded.emit()
                if self._viewed == seen or self._covers_view():
                    return
        finally:
            if turn == self._turn:
                self._is_reading = False
                self._look_ahead()

    async def _part(self, wanted: range) -> Part:
        if not self._search:
            found = self._store.conversations.part
            return await found(self._view, wanted.start, len(wanted))
        count = self._screen if self._anew else max(self._total, wanted.stop)
        rows = await self._store.conversations.page(self._view, search=self._search, limit=count)
        self._complete = len(rows) < count
        return Part(0, rows, len(rows))

    async def _read_more(self) -> None:
        turn, last = self._turn, self._rows[self._total - 1]
        try:
            rows = await self._store.conversations.page(
                self._view, search=self._search, after=last, limit=PAGE
            )
        finally:
            self._is_fetching = False
        if turn != self._turn:
            return  # what was found is being read anew: the next look asks for more of that
        fresh = [row for row in rows if row.id not in self._places]
        self._complete = len(rows) < PAGE
        if fresh:
            start = self._total
            self.beginInsertRows(QModelIndex(), start, start + len(fresh) - 1)
            self._total += len(fresh)
            self._keep({**self._rows, **dict(enumerate(fresh, start))})
            self.endInsertRows()
        self.read_on.emit()

    def _keep(self, rows: dict[int, ConversationRow]) -> None:
        self._rows = rows
        self._places = {row.id: place for place, row in rows.items()}

    def _become(self, part: Part) -> None:
        self._anew = False
        self.beginResetModel()
        self.marks.mixed = bool(self._search.strip())
        self._total = part.total
        self._keep(dict(enumerate(part.rows, part.start)))
        self._fresh = range(part.start, part.start + len(part.rows))
        self.endResetModel()

    def _follow_in_place(self, part: Part) -> None:
        """Only what the rows show; the rest is caught up with when nobody points here."""
        self._missed = self._missed or part.total != self._total
        before, is_run = -1, False  # where the row above stands, and whether right below its own
        for place, row in enumerate(part.rows, part.start):
            at = self._places.get(row.id)
            if at is None:  # not read before: below the one that it follows, moved as that one is
                free = before + 1 if is_run else place
                if free not in self._rows and free < self._total:
                    at = self._places[row.id] = free
            if at != place:
                self._missed = True
            if at is not None:
                before, is_run = at, at == before + 1
            if at is not None and self._rows.get(at) != row:
                self._rows[at] = row
                self.dataChanged.emit(self.index(at), self.index(at))
        self._fresh = range(part.start, part.start + len(part.rows))
        self.above.emit(self._count_above(part))

    def _count_above(self, part: Part) -> int:
        """How many would come in above the first row in view that stays in the view at all."""
        comes = {row.id: place for place, row in enumerate(part.rows, part.start)}
        stays = [at for id, at in self._places.items() if id in comes and at >= self._viewed.start]
        if not stays:
            return 0
        stands = min(stays)
        end = comes[self._rows[stands].id]
        return sum(
            place < end and self._places.get(id, stands + 1) > stands for id, place in comes.items()
        )

    def _follow(self, part: Part) -> None:
        """Become as `part` says by growing, moving, changing and shrinking: never by a reset.

        Rows outside of it stay where they were: they are read again before they are seen.
        """
        self.moving.emit()
        if part.total > self._total:
            self.beginInsertRows(QModelIndex(), self._total, part.total - 1)
            self._total = part.total
            self.endInsertRows()
        before, fresh = self._rows, {row.id for row in part.rows}
        region = range(part.start, part.start + len(part.rows))
        after = {
            place: row
            for place, row in before.items()
            if place not in region and row.id not in fresh and place < part.total
        }
        if len(after) > KEPT:
            chosen = {index.row() for index in self.persistentIndexList()}
            near = range(region.start - KEPT // 4, region.stop + KEPT // 4)
            after = {at: row for at, row in after.items() if at in near or at in chosen}
        after.update(enumerate(part.rows, part.start))
        if any(at not in after or after[at].id != row.id for at, row in before.items()):
            self._move(after)
        else:
            self._keep(after)
        changed = [at for at in region if before.get(at) != after[at]]
        if changed:
            self.dataChanged.emit(self.index(changed[0]), self.index(changed[-1]))
        self._fresh = region
        if part.total < self._total:
            self.beginRemoveRows(QModelIndex(), part.total, self._total - 1)
            self._total = part.total
            self.endRemoveRows()

    def _move(self, after: dict[int, ConversationRow]) -> None:
        """Have what Qt remembers follow its conversation, or end with it."""
        self.layoutAboutToBeChanged.emit()
        known = {row.id: place for place, row in after.items()}
        old = self.persistentIndexList()
        new = []
        for index in old:
            row = self._rows.get(index.row())
            place = index.row() if row is None else known.get(row.id)
            new.append(QModelIndex() if place is None else self.index(place))
        self._keep(after)
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else self._total

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self._rows.get(index.row()) if index.isValid() else None
        if row is None or role == RowRole.ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            me = self._store.me
            return spoken(row, self.marks, self._store.server_now(), me.id if me else None)
        return None

    def headerData(self, *_: object) -> object:
        """None: the list has one column, and a row's number would be read out with its name."""
        return None

    def canFetchMore(self, parent: Index) -> bool:
        if parent.isValid() or self._is_fetching or self._is_reading:
            return False
        return self.has_more and self.is_loaded and not self._anew

    def fetchMore(self, parent: Index) -> None:
        self._is_fetching = True
        self._tasks.start(self._read_more(), "more conversations")
