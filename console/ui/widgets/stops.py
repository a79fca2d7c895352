"""Where Tab goes: along what is laid out, though some of it was made later than the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLayout, QScrollArea, QWidget

_REARRANGED = (QEvent.Type.Show, QEvent.Type.LayoutRequest)  # what is made later came or went


class ReadingOrder(QObject):
    """Keeps Tab going through a widget as one reads, whatever is made in it later."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        widget.installEventFilter(self)

    # Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _REARRANGED and isinstance(watched, QWidget):
            read_along(watched)
        return False


def read_along(widget: QWidget) -> None:
    """Have Tab go from each stop in the widget's layout to the next, as one reads.

    It enters where it did, at the first of them.
    """
    chain(_stops_in(widget))


def chain(stops: Iterable[QWidget]) -> None:
    """Have Tab go this way."""
    for before, after in pairwise(stops):
        QWidget.setTabOrder(before, after)


def _stops_in(widget: QWidget) -> Iterator[QWidget]:
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        yield widget
    held = widget.widget() if isinstance(widget, QScrollArea) else widget
    layout = held.layout() if held is not None else None
    if layout is not None:
        yield from _stops(layout)


def _stops(layout: QLayout) -> Iterator[QWidget]:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        inner = item.layout() if item is not None else None
        held = item.widget() if item is not None else None
        if inner is not None:
            yield from _stops(inner)
        elif held is not None:
            yield from _stops_in(held)
