"""Measured rows, kept by message, version, width and style; and where each row lies."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import accumulate

from console.domain.content import Kind
from console.domain.ids import MessageId
from console.domain.message import Message
from console.ui import overrides, words
from console.ui.timeline import bubble
from console.ui.timeline.bubble import BubbleLayout
from console.ui.timeline.context import Context
from console.ui.timeline.lines import EVENT_HEIGHT
from console.ui.timeline.rows import EventRow, MessageRow, Row
from console.ui.timeline.text import LEADING

GROUP_GAP, INNER_GAP = 11.0, 3.0
LINE_HEIGHT = 42
PAD_TOP, PAD_BOTTOM = 8.0, 14.0
# For guesses: px at 100 % text.
LETTER, PICTURE_HEIGHT, FILE_HEIGHT, AROUND = 14, 176, 60, 30
MOST_GUESSED = 2_000  # characters

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A row's layout, and all that it was measured by."""

    row: MessageRow
    beside: Key
    layout: BubbleLayout
    given_up: bool = False  # something else is shown in its place

    def fits(self, row: MessageRow, beside: Key) -> bool:
        return self.fits_but_tail(row, beside) and self.row.last is row.last

    def fits_but_tail(self, row: MessageRow, beside: Key) -> bool:
        same = self.row is row or _shown(self.row) == _shown(row)
        return same and self.beside == beside


@dataclass
class Layouts:
    """Rows with their tops. `versions` counts what changes a layout beside the message.

    Measuring a long thread at once would hold up the window, so `arrange` only places the rows:
    those that have yet to be measured lie at a guess of their height until `measure` is called.
    """

    context: Context
    rows: Sequence[Row] = ()
    tops: list[float] = field(default_factory=list)
    total: float = 0.0
    pending: set[int] = field(default_factory=set)  # places in `rows`
    width: float = 0.0
    _heights: list[float] = field(default_factory=list)
    _kept: dict[MessageId, _Kept] = field(default_factory=dict)
    _versions: dict[MessageId, int] = field(default_factory=dict)
    _index: dict[str, int] = field(default_factory=dict)

    def forget(self, message_id: MessageId) -> None:
        """Measure this message anew next time: a picture or its ledger arrived."""
        self._versions[message_id] = self._versions.get(message_id, 0) + 1

    def arrange(self, rows: Sequence[Row], width: float) -> None:
        """Take over `rows` and place them for a view of `width`; measures nothing."""
        self.rows, self.width = rows, width
        self._heights, self.pending = [], set()
        self._index = {row.key: index for index, row in enumerate(rows)}
        for index, row in enumerate(rows):
            if isinstance(row, MessageRow) and row.album:
                self._index.update((member.id, index) for member in row.album)
        kept: dict[MessageId, _Kept] = {}
        style, now = self._style(), self.context.now()
        line = float(self.context.theme.px(LINE_HEIGHT))
        event = float(self.context.theme.px(EVENT_HEIGHT))
        for index, row in enumerate(rows):
            if not isinstance(row, MessageRow):
                self._heights.append(event if isinstance(row, EventRow) else line)
                continue
            found = self._kept.get(row.message.id)
            if found is None:
                self._heights.append(_guess(row.message, width, self.context))
            else:
                kept[row.message.id] = found
                self._heights.append(found.layout.height)
            if found is None or not found.fits(row, self._beside(row, style, now)):
                self.pending.add(index)
        self._kept = kept
        self._place()

    def measure(self, places: Iterable[int]) -> None:
        """Measure the pending ones among these rows, and move what lies below them."""
        for index in self.pending.intersection(places):
            row = self.rows[index]
            if isinstance(row, MessageRow):
                self._heights[index] = self._measured(row).height
            self.pending.discard(index)
        self._place()

    def places_between(self, top: float, bottom: float) -> range:
        """The rows that lie, even in part, between two heights."""
        if not self.rows:
            return range(0)
        return range(self.index_at(top), self.index_at(bottom) + 1)

    def layout(self, row: MessageRow) -> BubbleLayout:
        """A row as it is painted; one that is pending is measured for it and not moved."""
        if self.pending and self._index.get(row.key) in self.pending:
            return self._measured(row)
        return self._kept[row.message.id].layout

    def give_up(self, row: MessageRow) -> bool:
        """Show something else in place of a row that cannot be painted, until it changes."""
        found = self._kept.get(row.message.id)
        if found is None or found.given_up:
            return False
        layout = self._stand_in(row)
        self._kept[row.message.id] = replace(found, layout=layout, given_up=True)
        return True

    def index_of(self, key: str) -> int | None:
        return self._index.get(key)

    def index_at(self, y: float) -> int:
        """The row that covers `y`; the first or last one beyond the ends."""
        return max(0, bisect_right(self.tops, y) - 1)

    def bottom(self, index: int) -> float:
        return self.tops[index] + self._heights[index]

    def _place(self) -> None:
        self.tops = list(accumulate(self._heights[:-1], initial=PAD_TOP)) if self.rows else []
        self.total = self.bottom(len(self.rows) - 1) + PAD_BOTTOM if self.rows else 0.0

    def _style(self) -> Key:
        """What every layout depends on."""
        theme = self.context.theme
        room = bubble.room_of(self.width, theme.scale)
        return room, theme.version, self.context.mirrored

    def _beside(self, row: MessageRow, style: Key, now: datetime) -> Key:
        """What a layout depends on beside its row."""
        hours = words.undelivered_hours(row.message, now)
        ids = [message.id for message in row.album or (row.message,)]
        return style, hours, [self._versions.get(id, 0) for id in ids]

    def _measured(self, row: MessageRow) -> BubbleLayout:
        beside = self._beside(row, self._style(), self.context.now())
        found = self._kept.get(row.message.id)
        if found is not None and found.fits(row, beside):
            return found.layout
        given_up = False
        if found is not None and found.fits_but_tail(row, beside):
            layout, given_up = bubble.with_tail(found.layout, tail=row.last), found.given_up
        else:
            self.context.album = row.album
            try:
                layout = bubble.measure(
                    row.message, self.width, self.context, tail=row.last, gap=_gap(row)
                )
            except Exception as error:  # one message must not take the others of its thread along
                overrides.tell(self, error, row.key)
                layout, given_up = self._stand_in(row), True
        self._kept[row.message.id] = _Kept(row, beside, layout, given_up)
        return layout

    def _stand_in(self, row: MessageRow) -> BubbleLayout:
        return bubble.stand_in(row.message, self.width, self.context, tail=row.last, gap=_gap(row))


def _gap(row: MessageRow) -> float:
    return GROUP_GAP if row.first else INNER_GAP


def _shown(row: MessageRow) -> Key:
    """What a layout depends on of its row, but for the tail.

    What comes from elsewhere changes without the message's version: names, what it quotes, a try.
    """
    message = row.message
    return (
        message.version,
        message.status,
        message.upload,
        message.waiting,
        message.sender_name,
        message.quote,
        message.last_try,
        row.first,
        [(member.id, member.version) for member in row.album],
    )


def _guess(message: Message, width: float, context: Context) -> float:
    """About how high a bubble will be: the better, the less the scroll bar moves afterwards."""
    theme = context.theme
    line = theme.px(LETTER * LEADING)
    per_line = max(8, int(bubble.room_of(width, theme.scale)[0] / theme.px(LETTER / 2)))
    text = message.content.text[:MOST_GUESSED]
    lines = sum(1 + len(part) // per_line for part in text.split("\n")) if text else 0
    pictures = message.content.kind in (Kind.IMAGE, Kind.STICKER)
    file = theme.px(PICTURE_HEIGHT if pictures else FILE_HEIGHT)
    return float(AROUND + lines * line + len(message.content.media) * file)
