"""Measured rows, kept by message, version, width and style; and where each row lies."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from console.domain.ids import MessageId
from console.ui import words
from console.ui.timeline import bubble
from console.ui.timeline.bubble import BubbleLayout
from console.ui.timeline.context import Context
from console.ui.timeline.rows import MessageRow, Row

GROUP_GAP, INNER_GAP = 11.0, 3.0
LINE_HEIGHT = 42
PAD_TOP, PAD_BOTTOM = 8.0, 14.0

Key = tuple[object, ...]


@dataclass
class Layouts:
    """Rows with their tops. `versions` counts what changes a layout beside the message."""

    context: Context
    rows: Sequence[Row] = ()
    tops: list[float] = field(default_factory=list)
    total: float = 0.0
    _kept: dict[MessageId, tuple[Key, BubbleLayout]] = field(default_factory=dict)
    _versions: dict[MessageId, int] = field(default_factory=dict)
    _index: dict[str, int] = field(default_factory=dict)

    def forget(self, message_id: MessageId) -> None:
        """Measure this message anew next time: a picture or its ledger arrived."""
        self._versions[message_id] = self._versions.get(message_id, 0) + 1

    def arrange(self, rows: Sequence[Row], width: float) -> None:
        """Take over `rows` and place them for a view of `width`; measures only what changed."""
        self.rows = rows
        self.tops = []
        self._index = {}
        y = PAD_TOP
        kept: dict[MessageId, tuple[Key, BubbleLayout]] = {}
        for index, row in enumerate(rows):
            self.tops.append(y)
            self._index[row.key] = index
            if isinstance(row, MessageRow):
                entry = self._measured(row, width)
                kept[row.message.id] = entry
                y += entry[1].height
            else:
                y += self.context.theme.px(LINE_HEIGHT)
        self.total = y + PAD_BOTTOM if rows else 0.0
        self._kept = kept

    def layout(self, row: MessageRow) -> BubbleLayout:
        return self._kept[row.message.id][1]

    def index_of(self, key: str) -> int | None:
        return self._index.get(key)

    def index_at(self, y: float) -> int:
        """The row that covers `y`; the first or last one beyond the ends."""
        return max(0, bisect_right(self.tops, y) - 1)

    def bottom(self, index: int) -> float:
        return self.tops[index + 1] if index + 1 < len(self.tops) else self.total - PAD_BOTTOM

    def _measured(self, row: MessageRow, width: float) -> tuple[Key, BubbleLayout]:
        message, theme = row.message, self.context.theme
        key: Key = (
            message.version,
            message.status,
            message.upload,
            message.waiting,
            words.undelivered_hours(message, self.context.now()),
            bubble.room_of(width, theme.scale),
            theme.version,
            row.first,
            row.last,
            self._versions.get(message.id, 0),
        )
        found = self._kept.get(message.id)
        if found is not None and found[0] == key:
            return found
        gap = GROUP_GAP if row.first else INNER_GAP
        return key, bubble.measure(message, width, self.context, tail=row.last, gap=gap)
