"""A table of words and numbers as tall as its rows, for eyes and for screen readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
)

from console.ui.theme.theme import Theme
from console.ui.theme.type import Role

ROW = 34


@dataclass(frozen=True, slots=True)
class Column:
    """A heading; numbers stand at the end of their column. `wide` takes what room is left."""

    title: str
    number: bool = True
    wide: bool = False


class Table(QTableWidget):
    """Read only; the page scrolls, not the table."""

    def __init__(self, theme: Theme, name: str, columns: Sequence[Column]) -> None:
        super().__init__(0, len(columns))
        self._theme = theme
        self._columns = tuple(columns)
        self.setProperty("kind", "numbers")
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionsClickable(False)
        for place, column in enumerate(self._columns):
            item = QTableWidgetItem(column.title)
            item.setTextAlignment(_align(column))
            self.setHorizontalHeaderItem(place, item)
            mode = QHeaderView.ResizeMode
            head.setSectionResizeMode(place, mode.Stretch if column.wide else mode.ResizeToContents)
        theme.changed.connect(self._fit)

    def show_rows(self, rows: Sequence[Sequence[str]], *, strong_last: bool = False) -> None:
        """`strong_last` for a sum."""
        self.clearContents()
        self.setRowCount(len(rows))
        for at, cells in enumerate(rows):
            for place, (column, text) in enumerate(zip(self._columns, cells, strict=True)):
                item = QTableWidgetItem(text)
                item.setTextAlignment(_align(column))
                if strong_last and at == len(rows) - 1:
                    item.setFont(self._theme.font(Role.BASE_STRONG))
                self.setItem(at, place, item)
        self._fit()

    def _fit(self) -> None:
        tall = self._theme.px(ROW)
        self.verticalHeader().setDefaultSectionSize(tall)
        self.horizontalHeader().setFixedHeight(tall)
        self.setFixedHeight(tall * (self.rowCount() + 1) + 4)


def _align(column: Column) -> Qt.AlignmentFlag:
    across = Qt.AlignmentFlag.AlignTrailing if column.number else Qt.AlignmentFlag.AlignLeading
    return across | Qt.AlignmentFlag.AlignVCenter
