"""Both directions of writing: paragraphs, bubbles, rows and charts, here and in a mirrored desk."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from console.ui.theme.type import Role
from console.ui.timeline.bubble import SIDE
from console.ui.timeline.context import Target
from console.ui.timeline.text import measure_text
from console.ui.timeline.view import TimelineView
from console.ui.widgets.calendar import MonthGrid
from console.ui.widgets.chart import Chart, Series
from console.ui.widgets.chart_axis import count_steps
from console.ui.window import MainWindow
from tests.gallery.samples import SITI
from tests.gallery.scenes import opened
from tests.gallery.scenes_directions import arabic, desk_of_both
from tests.gallery.stage import Stage, grab
from tests.waiting import eventually

MIXED = "متى يصل الطلب؟ https://a.example\nOrder 2231.\nشكرا\n+966 50 123"


def test_each_paragraph_runs_and_lies_as_its_first_letter_says(stage: Stage) -> None:
    face = stage.theme.font(Role.BUBBLE)
    block = measure_text(MIXED, face, 300, link_color=stage.theme.color("text"))
    assert [piece.from_right for piece in block.pieces] == [True, False, True, True]
    wide = block.stretched(280)
    middle = block.line_height / 2
    assert wide.unit_at(QPointF(279, middle)) == 0, "an Arabic line begins on the right"
    order = MIXED.index("Order")
    assert wide.unit_at(QPointF(0, 3 * middle)) == order
    ends = [piece.layout.lineAt(0).naturalTextRect().right() for piece in wide.pieces]
    lefts = [piece.x(280) for piece in wide.pieces]
    at = [left + end for left, end in zip(lefts, ends, strict=True)]
    assert [round(x) for x in at[:1] + at[2:]] == pytest.approx([280] * 3, abs=2)
    number = wide.pieces[-1]
    assert number.layout.textOption().textDirection() is Qt.LayoutDirection.LeftToRight
    found = wide.hit(QPointF(280 - wide.pieces[0].widths[0] + 10, middle))
    assert found is not None, "the address stands at the line's left end"
    assert found.value == "https://a.example"
    assert wide.piece(0, wide.units) == MIXED


def test_lines_under_an_own_bubble_end_where_its_edge_does(stage: Stage) -> None:
    face = stage.theme.font(Role.SMALL)
    said = "Jendela 24 jam tutup sebelum ini terkirim: hanya templat yang dapat dikirim."
    block = measure_text(said, face, 200, at_right=True)
    (piece,) = block.pieces
    lines = [piece.layout.lineAt(place) for place in range(piece.layout.lineCount())]
    assert len(lines) > 1
    ends = [piece.x(block.size.width()) + line.naturalTextRect().right() for line in lines]
    assert ends == pytest.approx([block.size.width()] * len(lines), abs=2)


def test_a_mention_ends_before_the_full_stop(stage: Stage) -> None:
    face, color = stage.theme.font(Role.BUBBLE), stage.theme.color("text")
    said = "Tolong @Dewi. Atau @budi.s, ya"
    block = measure_text(said, face, 300, link_color=color, names=())
    marks = block.pieces[0].layout.formats()
    names = [said[mark.start : mark.start + mark.length] for mark in marks]
    assert names == ["@Dewi", "@budi.s"]


def test_letters_without_an_italic_stand_upright(stage: Stage) -> None:
    block = measure_text("_Pelan كيف שלום 12_", stage.theme.font(Role.BUBBLE), 300, rich=True)
    marks = block.pieces[0].layout.formats()
    leaning = [block.piece(mark.start, mark.start + mark.length) for mark in marks]
    assert [part.strip() for part in leaning] == ["Pelan", "", "12"]
    assert all(mark.format.fontItalic() for mark in marks)


async def test_what_one_types_lies_on_the_side_where_it_begins(open_thread: MainWindow) -> None:
    editor = open_thread.inbox.thread_screen.composer.editor

    def begins_right() -> list[bool]:
        grab(editor)
        cursor, told = editor.textCursor(), []
        for number in range(editor.blockCount()):
            cursor.setPosition(editor.document().findBlockByNumber(number).position())
            told.append(editor.cursorRect(cursor).x() > editor.viewport().width() / 2)
        return told

    editor.show_text("2231\nمتى يصل الطلب؟\nOrder 2231.\nשלום\n+966 50 123\n")
    assert begins_right()[:4] == [True, True, False, True]
    assert begins_right()[5], "the next line goes on there"
    editor.show_text("Halo")
    assert begins_right() == [False]
    editor.put("\nשלום")
    assert begins_right() == [False, True]


def click(timeline: TimelineView, place: QPointF) -> None:
    QTest.mouseClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=place.toPoint())


async def test_a_mirrored_desk_has_customers_on_the_right_and_is_clicked_where_it_is_painted(
    stage: Stage,
) -> None:
    stage.turn(Qt.LayoutDirection.RightToLeft)
    window = await opened(stage, desk_of_both(), SITI, 1360, 1960)
    timeline = window.inbox.thread_screen.timeline
    wide = timeline.viewport().width()
    theirs, ours = arabic()[0], arabic()[2]
    at, own = timeline.bubble_rect(theirs.id), timeline.bubble_rect(ours.id)
    assert at is not None
    assert own is not None
    assert wide - at.right() == SIDE
    assert own.left() < wide / 10
    told: list[Target] = []
    timeline.targeted.connect(lambda message, hit: told.append(hit.target))
    failed = next(m for m in arabic() if m.is_failed)
    bubble = timeline.bubble_rect(failed.id)
    assert bubble is not None
    under = [
        QPointF(x, y)
        for y in range(round(bubble.bottom()) + 2, round(bubble.bottom()) + 50, 6)
        for x in range(0, wide, 6)
    ]
    hits: dict[Target, QPointF] = {}
    for point in under:
        found = timeline.hit_at(point)
        if found and found[1]:
            hits.setdefault(found[1].target, point)
    assert hits[Target.RETRY].x() > hits[Target.DETAILS].x(), "the first is where one begins"
    click(timeline, hits[Target.DETAILS])
    assert told == [Target.DETAILS]


async def test_a_mirrored_row_begins_on_the_right(stage: Stage) -> None:
    stage.turn(Qt.LayoutDirection.RightToLeft)
    window = await opened(stage, desk_of_both(), SITI, 1360, 860)
    listed = window.inbox.conversations.list
    await eventually(lambda: listed.model().rowCount() > 0)
    picture = grab(listed.viewport())
    ground = stage.theme.color("selected")
    row = listed.visualRect(listed.model().index(0, 0))
    here = picture.pixelColor(row.right() - 20, row.center().y())
    there = picture.pixelColor(row.x() + 20, row.center().y())
    assert here != ground, "no picture of the customer at the leading edge"
    assert there == ground


def test_a_mirrored_chart_runs_from_the_right_for_the_eye_the_mouse_and_the_keys(
    stage: Stage,
) -> None:
    stage.turn(Qt.LayoutDirection.RightToLeft)
    chart = Chart(stage.theme, "Pesan", count_steps, str, bars=True)
    stage.show(chart, 600, 240)
    chart.show_series([Series("Masuk", "accent", (200.0, 1.0, 1.0))], ["Sen", "Sel", "Rab"])
    picture = grab(chart)
    plot = chart._plot()
    tall = round(plot.y() + plot.height() * 0.5)
    first = [chart._x(plot, place) for place in range(3)]
    assert first == sorted(first, reverse=True)
    assert picture.pixelColor(round(first[0]), tall) == stage.theme.color("accent")
    QTest.mouseMove(chart, QPoint(round(first[0]), tall))
    QTest.qWait(0)
    assert chart.current == 0
    QTest.keyClick(chart, Qt.Key.Key_Left)
    assert chart.current == 1


def test_a_mirrored_month_begins_on_the_right(stage: Stage) -> None:
    stage.turn(Qt.LayoutDirection.RightToLeft)
    grid = MonthGrid(stage.theme, date(2025, 11, 17), date(2009, 1, 1), date(2025, 12, 31))
    stage.show(grid, grid.sizeHint().width(), grid.sizeHint().height())
    side = grid._side()
    spot = QPointF(6.5 * side, 3.5 * side)  # the first weekday of the third week
    assert grid._day_at(spot) == grid._start() + timedelta(days=14)
    QTest.keyClick(grid, Qt.Key.Key_Left)
    assert grid.day == date(2025, 11, 18)


@pytest.mark.parametrize("direction", list(Qt.LayoutDirection)[:2])
async def test_an_icon_behind_a_word_keeps_its_distance_in_both_directions(
    stage: Stage, direction: Qt.LayoutDirection
) -> None:
    stage.turn(direction)
    window = await opened(stage, desk_of_both(), SITI)
    composer = window.inbox.thread_screen.composer
    composer.editor.show_text("Baik")
    composer.voice.show()
    for made in (composer.toolbar.send, composer.voice.send):
        image = grab(made)
        ground = stage.theme.color("accent")
        inside = range(8, image.width() - 8)
        rows = range(8, image.height() - 8)
        used = [x for x in inside if any(image.pixelColor(x, y) != ground for y in rows)]
        gaps = [(b - a, a) for a, b in pairwise(used)]
        gap, at = max(gaps)
        assert gap >= 6
        icon_first = at - used[0] < used[-1] - at  # the word is wider
        assert icon_first is (direction is Qt.LayoutDirection.RightToLeft)
