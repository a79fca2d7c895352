"""Text chosen across bubbles: from where to where, what of each bubble, and how it is copied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QPointF

from console.domain.ids import MessageId
from console.domain.message import Message
from console.ui import words
from console.ui.timeline.layouts import Layouts
from console.ui.timeline.rows import MessageRow
from console.ui.timeline.text import TextBlock
from console.ui.times import clock, short_day


@dataclass(frozen=True, slots=True)
class Place:
    """A caret: a row, a text among its bubble's parts (-1 where it has none), a UTF-16 unit."""

    key: str
    part: int
    unit: int


class Selection:
    """`spans` is what to mark: for each message, for each part, from unit to unit."""

    def __init__(self, layouts: Layouts) -> None:
        self._layouts = layouts
        self._anchor: Place | None = None
        self._head: Place | None = None
        self.spans: dict[MessageId, dict[int, tuple[int, int]]] = {}

    @property
    def is_empty(self) -> bool:
        return not any(
            start < end for parts in self.spans.values() for start, end in parts.values()
        )

    def clear(self) -> bool:
        """Choose nothing; False when nothing was chosen."""
        was = bool(self.spans)
        self._anchor = self._head = None
        self.spans = {}
        return was

    def begin(self, place: Place | None) -> None:
        self.clear()
        self._anchor = place

    def reach(self, place: Place | None) -> None:
        """Choose everything between where it began and `place`."""
        if self._anchor is None or place is None:
            return
        self._head = place
        self._mark()

    def follow(self) -> bool:
        """Rows changed: mark anew where a chosen album goes by another picture's name now."""
        rows = (self._row(id) for id in self.spans)
        renamed = any(
            row is not None and row[1].message.id != id
            for id, row in zip(self.spans, rows, strict=True)
        )
        if renamed:
            self._mark()
        return renamed

    def choose_word(self, place: Place | None) -> None:
        """The word around a caret."""
        found = self._row(place.key) if place else None
        if place is None or found is None:
            return
        for part, block, _ in self._layouts.layout(found[1]).texts():
            if part == place.part:
                start, end = block.word_at(place.unit)
                self.begin(Place(place.key, part, start))
                self.reach(Place(place.key, part, end))

    def choose_all(self) -> None:
        """Every bubble that is loaded."""
        rows = [row for row in self._layouts.rows if isinstance(row, MessageRow)]
        if rows:
            self.begin(Place(rows[0].key, -1, 0))
            texts = self._layouts.layout(rows[-1]).texts()
            last = Place(rows[-1].key, *((texts[-1][0], texts[-1][1].units) if texts else (-1, 0)))
            self.reach(last)

    def place_at(self, index: int, row: MessageRow, point: QPointF) -> Place:
        """The caret nearest to `point`, which counts from the row's upper left."""
        texts = self._layouts.layout(row).texts()
        if not texts:
            return Place(row.key, -1, 0)
        part, block, spot = texts[-1]
        for candidate in texts:
            if point.y() < candidate[2].y() + candidate[1].size.height():
                part, block, spot = candidate
                break
        return Place(row.key, part, block.unit_at(point - spot))

    def text(self, name_of: Callable[[Message], str], now: datetime) -> str:
        """What is chosen; of several bubbles each with its time and sender."""
        chosen = list(self._chosen())
        pieces = [
            (row.message, "\n".join(block.piece(*span) for block, span in parts))
            for row, parts in chosen
        ]
        pieces = [(m, said or words.kind_of_file(m)) for m, said in pieces]
        if len(pieces) == 1:
            return pieces[0][1]
        today = now.astimezone().date()
        return "\n".join(
            f"[{short_day(m.timestamp.astimezone().date(), today)} {clock(m.timestamp)}]"
            f" {name_of(m)}: {said}"
            for m, said in pieces
            if said
        )

    def _row(self, key: str) -> tuple[int, MessageRow] | None:
        index = self._layouts.index_of(key)
        row = self._layouts.rows[index] if index is not None else None
        return (index, row) if index is not None and isinstance(row, MessageRow) else None

    def _ends(self) -> tuple[tuple[int, Place], tuple[int, Place]] | None:
        """The earlier and the later end; None when one is no longer loaded."""
        if self._anchor is None or self._head is None:
            return None
        anchor, head = self._row(self._anchor.key), self._row(self._head.key)
        if anchor is None or head is None:
            return None
        a, b = (anchor[0], self._anchor), (head[0], self._head)
        key = (a[0], a[1].part, a[1].unit) <= (b[0], b[1].part, b[1].unit)
        return (a, b) if key else (b, a)

    def _chosen(self) -> Iterator[tuple[MessageRow, list[tuple[TextBlock, tuple[int, int]]]]]:
        ends = self._ends()
        if ends is None:
            return
        (first, start), (last, end) = ends
        for index in range(first, last + 1):
            row = self._layouts.rows[index]
            if not isinstance(row, MessageRow):
                continue
            parts = []
            for part, block, _ in self._layouts.layout(row).texts():
                low, high = 0, block.units
                if index == first and part <= start.part:
                    low = start.unit if part == start.part else block.units
                if index == last and end.part >= 0 and part >= end.part:
                    high = end.unit if part == end.part else 0
                if low < high:
                    parts.append((part, block, (low, high)))
            self.spans[row.message.id] = {part: span for part, _, span in parts}
            yield row, [(block, span) for _, block, span in parts]

    def _mark(self) -> None:
        self.spans = {}
        for _ in self._chosen():
            pass  # it notes the spans as it goes
