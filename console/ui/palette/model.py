"""The palette's lines as a model: what came later is put in without moving what is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from console.domain.desk import SearchHit
from console.ui.palette.entries import Entry, Kind, place_for_people, places_for, remark

Index = QModelIndex | QPersistentModelIndex


class LineRole(IntEnum):
    """Data roles beside Qt's own."""

    ENTRY = Qt.ItemDataRole.UserRole + 1


class PaletteModel(QAbstractListModel):
    """`entries` is what stands there, from top to bottom."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []

    def become(self, entries: Sequence[Entry]) -> None:
        """Something else was typed."""
        self.beginResetModel()
        self.entries = list(entries)
        self.endResetModel()

    def add(self, hits: Sequence[SearchHit], chosen: int) -> None:
        """Put messages in that came later, none of them above the row `chosen`."""
        places = places_for(self.entries, hits, chosen)
        for place in sorted(places, reverse=True):
            self._insert(place, places[place])

    def add_people(self, people: Sequence[Entry], chosen: int) -> None:
        """Put people in that came later, none of them above the row `chosen`."""
        place, fresh = place_for_people(self.entries, people, chosen)
        if fresh:
            self._insert(place, fresh)

    def say(self, text: str) -> None:
        """What is going on, in the last line; nothing for an empty text."""
        end = len(self.entries) - 1
        if end >= 0 and self.entries[end].kind is Kind.REMARK:
            if self.entries[end].words == text:
                return
            self.beginRemoveRows(QModelIndex(), end, end)
            del self.entries[end]
            self.endRemoveRows()
        if text:
            self._insert(len(self.entries), [remark(text)])

    def first(self) -> int:
        """The first line that can be chosen; -1 without any."""
        return self.step(-1, 1)

    def step(self, place: int, step: int) -> int:
        """The next line from `place` that can be chosen; `place` itself at the end."""
        at = place + step
        while 0 <= at < len(self.entries):
            if self.entries[at].can_be_chosen:
                return at
            at += 1 if step > 0 else -1
        return place

    def oldest_hit(self) -> SearchHit | None:
        """The last message that stands here."""
        return next((entry.hit for entry in reversed(self.entries) if entry.hit), None)

    def _insert(self, place: int, entries: Sequence[Entry]) -> None:
        self.beginInsertRows(QModelIndex(), place, place + len(entries) - 1)
        self.entries[place:place] = entries
        self.endInsertRows()

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        if role == LineRole.ENTRY:
            return entry
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return entry.spoken
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and not self.entries[index.row()].can_be_chosen:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
