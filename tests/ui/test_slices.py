"""Long threads: what is in view is measured at once, the rest in slices, and nothing moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPointF, QRectF

from console.domain.ids import MessageId
from console.domain.message import Message
from console.ui.timeline.rows import MessageRow, Row, rows_of
from console.ui.timeline.view import TimelineView
from console.ui.window import MainWindow
from tests.gallery import threads
from tests.gallery.memory import NOW
from tests.gallery.stage import Stage
from tests.waiting import eventually


@pytest.fixture
def view(stage: Stage, open_thread: MainWindow) -> TimelineView:
    """A timeline of its own, that no store fills."""
    made = TimelineView(open_thread.inbox.thread_screen.context)
    stage.show(made, 640, 700)
    return made


def rows(*parts: list[Message]) -> list[Row]:
    """These threads one after the other, as one."""
    whole = [message for part in parts for message in part]
    return rows_of([replace(m, id=MessageId(f"m{n}")) for n, m in enumerate(whole)], NOW)


def many() -> list[Row]:
    """Every kind and every hard case, among many short texts."""
    return rows(threads.hard(), threads.kinds(), threads.long(120), threads.hard(), threads.kinds())


def in_view(view: TimelineView) -> dict[str, QRectF]:
    """The bubbles that are wholly in view, and where."""
    found: dict[str, QRectF] = {}
    for y in range(0, view.viewport().height(), 10):
        hit = view.hit_at(QPointF(30, y))
        rect = view.bubble_rect(hit[0].id) if hit else None
        if hit and rect and rect.top() >= 0 and rect.bottom() <= view.viewport().height():
            found[hit[0].id] = rect
    return found


def heights(view: TimelineView, shown: Sequence[Row]) -> float:
    """What the rows take up once all of them are measured."""
    layouts = view._layouts
    line = layouts.context.theme.px(42)
    return sum(layouts.layout(r).height if isinstance(r, MessageRow) else line for r in shown)


async def test_a_long_thread_is_measured_from_its_end_a_slice_at_a_time(view: TimelineView) -> None:
    shown = many()
    view.show_rows(shown)
    layouts = view._layouts
    assert len(layouts.pending) > 120
    before = in_view(view)
    assert len(before) > 2
    await eventually(lambda: not layouts.pending)
    assert view.is_at_end()
    assert in_view(view) == before
    assert layouts.total == 8 + heights(view, shown) + 14


class Paints(QObject):
    """Counts the paints of a view's ground."""

    def __init__(self, view: TimelineView) -> None:
        super().__init__(view)
        self.count = 0
        view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() is QEvent.Type.Paint
        return False


async def test_what_is_measured_out_of_view_paints_nothing_anew(view: TimelineView) -> None:
    paints = Paints(view)
    view.show_rows(many())
    await eventually(lambda: paints.count)
    QCoreApplication.sendPostedEvents()
    before, pending = paints.count, len(view._layouts.pending)
    assert pending > 60
    await eventually(lambda: not view._layouts.pending)
    assert paints.count == before


async def test_a_turn_of_the_wheel_is_painted(view: TimelineView) -> None:
    view.show_rows(many())
    await eventually(lambda: not view._layouts.pending)
    paints = Paints(view)
    view.verticalScrollBar().setValue(view.verticalScrollBar().value() - 120)
    await eventually(lambda: paints.count)


async def test_larger_text_moves_nothing_that_is_read_while_the_rest_is_measured(
    view: TimelineView, stage: Stage
) -> None:
    view.show_rows(many())
    layouts = view._layouts
    await eventually(lambda: not layouts.pending)
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    first = next(iter(in_view(view)))
    stage.theme.choose(scale=125)
    assert len(layouts.pending) > 120
    now = in_view(view)
    assert first in now
    await eventually(lambda: not layouts.pending)
    assert in_view(view) == now


@pytest.mark.parametrize("part", [0.0, 0.3, 0.7])
async def test_scrolling_into_what_is_not_measured_yet_holds_the_place(
    view: TimelineView, part: float
) -> None:
    view.show_rows(many())
    layouts = view._layouts
    assert layouts.pending
    bar = view.verticalScrollBar()
    bar.setValue(round(bar.maximum() * part))
    before = in_view(view)
    await eventually(lambda: not layouts.pending)
    assert in_view(view) == before


async def test_a_row_that_is_sought_stands_in_the_upper_third_for_good(view: TimelineView) -> None:
    view.show_rows(many())
    sought = MessageId("m40")
    assert view.scroll_to(sought)
    before = view.bubble_rect(sought)
    assert before is not None
    assert abs(before.top() - view.viewport().height() / 3) < 20
    await eventually(lambda: not view._layouts.pending)
    assert view.bubble_rect(sought) == before


async def test_rows_that_come_above_while_slices_run_move_nothing(view: TimelineView) -> None:
    late = rows(threads.long(60))
    view.show_rows(late)
    view.verticalScrollBar().setValue(200)
    before = in_view(view)
    older = [
        replace(row, key=f"old-{row.key}", message=replace(row.message, id=MessageId(f"o{n}")))
        for n, row in enumerate(rows(threads.hard(), threads.kinds()))
        if isinstance(row, MessageRow)
    ]
    view.show_rows([*older, *late])
    assert in_view(view) == before
    await eventually(lambda: not view._layouts.pending)
    assert in_view(view) == before
