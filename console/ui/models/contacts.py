"""Contacts a page at a time, in the alphabet's order, with what the server knows beyond them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from console.domain.contact import Contact, ContactLine, FoundContacts, contact_of
from console.domain.ids import ContactId
from console.ui import words
from console.ui.language import translate
from console.ui.tasks import TaskScope

if TYPE_CHECKING:
    from console.store.store import Store

FIRST = 60  # lines: more than a screen holds
PAGE = 200
Index = QModelIndex | QPersistentModelIndex


class LineRole(IntEnum):
    """Data roles beside Qt's own."""

    LINE = Qt.ItemDataRole.UserRole + 1


class ContactModel(QAbstractListModel):
    """`loaded` follows every reading. What is shown is read anew without a jump."""

    loaded = Signal()
    read_on = Signal()  # a further page

    def __init__(self, store: Store, tasks: TaskScope, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._tasks = tasks
        self._lines: list[ContactLine] = []
        self._joined: Sequence[ContactLine] = ()  # from the server; at the end of what is here
        self._found = FoundContacts()
        self._but: ContactId | None = None
        self._complete = False
        self.search = ""
        self.found_for: str | None = None  # the search that the lines belong to
        self.is_loaded = False

    @property
    def has_more(self) -> bool:
        """Whether there may be more than stands here."""
        return self.is_loaded and bool(self._lines) and not self._complete

    @property
    def lines(self) -> Sequence[ContactLine]:
        return self._lines

    def show(self, search: str, *, but: ContactId | None = None) -> None:
        """Show who fits, from the start; `but` leaves one out."""
        self.search, self._but = search, but
        self._joined = ()
        self._found = FoundContacts()
        self._tasks.start(self._read(FIRST, anew=True), self._name)

    def reload(self) -> None:
        """Read what is shown again, as many lines as there are now."""
        if self.is_loaded:
            self._tasks.start(self._read(max(FIRST, len(self._lines))), self._name)

    async def know(self, contact_id: ContactId) -> None:
        """Have one whom the server found at hand here, with their conversations."""
        found = self._found.of(contact_id)
        if found.contacts:
            await self._store.feed.add_unknown(found.conversations, found.contacts)

    def found(self, contact_id: ContactId) -> Contact | None:
        """One of whom only the server knows, as its search brought them."""
        rows = self._found.of(contact_id).contacts
        return contact_of(rows[0]) if rows else None

    def join(self, search: str, found: FoundContacts) -> None:
        """What the server found for `search` beyond this machine, after what is here."""
        if search != self.search:
            return
        self._found = found
        known = {line.id for line in self._lines}
        self._joined = [
            line for line in found.lines if line.id not in known and line.id != self._but
        ]
        if self._joined and self._complete:
            self._append(self._joined)
            self.loaded.emit()

    def place_of(self, contact_id: ContactId) -> int:
        """The row of a contact; -1 where they are not shown."""
        return next((row for row, line in enumerate(self._lines) if line.id == contact_id), -1)

    @property
    def _name(self) -> str:
        return f"contacts:{id(self)}"

    async def _read(self, count: int, *, anew: bool = False) -> None:
        search = self.search
        lines = await self._store.contacts.page(search, limit=count)
        self._complete = len(lines) < count
        lines = [line for line in lines if line.id != self._but]
        if self._complete:
            known = {line.id for line in lines}
            lines += [line for line in self._joined if line.id not in known]
        if anew or [line.id for line in lines] != [line.id for line in self._lines]:
            self.beginResetModel()
            self._lines = lines
            self.endResetModel()
        else:
            for place, line in enumerate(lines):
                if line != self._lines[place]:
                    self._lines[place] = line
                    self.dataChanged.emit(self.index(place), self.index(place))
        self.found_for = search
        self.is_loaded = True
        self.loaded.emit()

    async def _read_more(self) -> None:
        last = self._lines[-1]
        lines = await self._store.contacts.page(self.search, after=last, limit=PAGE)
        self._complete = len(lines) < PAGE
        known = {line.id for line in self._lines}
        more = [line for line in lines if line.id not in known and line.id != self._but]
        if self._complete:
            known |= {line.id for line in more}
            more += [line for line in self._joined if line.id not in known]
        self._append(more)
        self.read_on.emit()

    def _append(self, lines: Sequence[ContactLine]) -> None:
        if lines:
            start = len(self._lines)
            self.beginInsertRows(QModelIndex(), start, start + len(lines) - 1)
            self._lines += lines
            self.endInsertRows()

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._lines):
            return None
        line = self._lines[index.row()]
        if role == LineRole.LINE:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            parts = [words.one_line(line.name, 120), words.phone(line.address)]
            if line.blocked:
                parts.append(translate("contact", "Blocked"))
            return ", ".join(part for part in parts if part)
        return None

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and self.is_loaded and not self._complete

    def fetchMore(self, parent: Index) -> None:
        if self._lines:
            self._tasks.start(self._read_more(), self._name)
