"""The reports: the right days, charts by keyboard, a CSV that runs nothing."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.domain.profile import Role
from console.domain.reports import Grouping, Report, ReportLine, Span, Volume
from console.remote.reports import report
from console.ui.screens.reports.export import as_csv, safe
from console.ui.screens.reports.period import Period, span_of
from console.ui.screens.reports.wording import span
from console.ui.widgets.chart_axis import count_steps, span_steps
from tests.gallery.memory_reports import MemoryReports
from tests.gallery.scenes_reports import reports
from tests.gallery.stage import Stage
from tests.waiting import eventually

NOW = datetime(2025, 11, 17, 3, 43, tzinfo=UTC)  # 10.43 in Jakarta


def test_days_begin_at_midnight_of_this_computers_clock() -> None:
    since, until = span_of(Period.WEEK, NOW)
    assert since == datetime(2025, 11, 10, 17, tzinfo=UTC)
    assert until == NOW
    since, until = span_of(Period.CUSTOM, NOW, date(2025, 11, 1), date(2025, 11, 2))
    assert (since, until) == (
        datetime(2025, 10, 31, 17, tzinfo=UTC),
        datetime(2025, 11, 2, 17, tzinfo=UTC),
    )


@pytest.mark.parametrize("most", [0, 1, 3, 7, 48, 99, 1204, 123456])
def test_an_axis_counts_in_steps_that_people_count_in(most: int) -> None:
    steps = count_steps(most)
    assert steps[0] == 0
    assert steps[-1] >= most
    assert len(steps) <= 8
    assert str(round(steps[1])).strip("0") in ("1", "2", "5")


def test_an_axis_of_time_counts_as_a_clock_does() -> None:
    assert span_steps(100)[1] == 30
    assert span_steps(3500)[1] == 900
    assert span_steps(30_000)[1] == 3 * 3600


async def test_spans_are_said_in_two_units_at_most(stage: Stage) -> None:
    stage.set(language="en")
    said = [span(one) for one in (None, 4.4, 59.8, 3599, 3 * 3600 + 301, 49 * 3600)]
    assert said == ["–", "4 s", "1 min", "1 h", "3 h 5 m", "2 d 1 h"]


def test_the_servers_answer_is_read_even_where_parts_of_it_are_new_or_missing() -> None:
    wire = {
        "from": "2025-11-10T17:00:00+00:00",
        "total": {"inbound": 3, "first_response": {"n": 1, "median": 61.5}, "happiness": 7},
        "rows": [{"day": "2025-11-11", "inbound": 3}, {"agent_id": "x", "name": None}],
    }
    read = report(wire, Grouping.DAYS, NOW, NOW)
    assert read.total.volume.inbound == 3
    assert read.total.first_response == Span(1, None, 61.5, None)
    assert [line.day for line in read.lines] == [date(2025, 11, 11), None]
    assert read.until == NOW
    assert not read.is_empty


@pytest.mark.parametrize("name", ["=1+1", "+62", "-2", "@x", "\t=1", " =cmd", "\uff1d1"])
def test_a_name_in_a_spreadsheet_is_only_a_name(name: str) -> None:
    assert safe(name).startswith("'")
    assert safe("Toko, Sentosa") == "Toko, Sentosa"


async def test_the_csv_is_read_back_as_it_was(stage: Stage, tmp_path: Path) -> None:
    stage.set(language="id")
    line = ReportLine(Volume(12, 9), Span(3, 61.2, 40.4, 99), name='Budi; "=Toko"\n2', id="x")
    text = as_csv([Report(Grouping.AGENTS, NOW, NOW, line, (line,))])
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert rows[1][:3] == ['Budi; "=Toko"\n2', "12", "9"]
    assert rows[1][6:10] == ["3", "40", "99", "61"]
    assert {len(row) for row in rows} == {18}


async def test_a_supervisor_chooses_days_an_inbox_and_a_person(stage: Stage, qtbot: QtBot) -> None:
    made = MemoryReports()
    _, screen = await reports(stage, made)
    assert [asked[0] for asked in made.asked] == [*Grouping][:1] + [*Grouping][1:]
    qtbot.mouseClick(screen.days.chips[Period.MONTH], Qt.MouseButton.LeftButton)
    await eventually(
        lambda: (
            len(screen.overview.tables["agents"].findItems("Raka", Qt.MatchFlag.MatchContains)) == 1
        )
    )
    await eventually(lambda: (made.asked[-1][2] - made.asked[-1][1]).days == 29)
    screen.inbox._take("wa")
    screen.person._take("raka")
    await eventually(lambda: made.asked[-1][3:] == ("wa", "raka"))


async def test_agents_are_shown_their_own_work_only(stage: Stage) -> None:
    made = MemoryReports()
    _, screen = await reports(stage, made, Role.AGENT)
    assert Grouping.AGENTS not in {asked[0] for asked in made.asked}
    assert not screen.person.isVisible()
    assert "agents" not in screen.overview.tables
    assert all(card.chart._tick(0) == "0" for card in screen.overview.cards.values())
    made.quiet = True
    screen.reload()
    await eventually(screen.empty.isVisible)
    assert "petugas" not in screen.empty.text.text()  # they cannot choose one


async def test_a_charts_values_are_walked_with_the_arrow_keys(stage: Stage, qtbot: QtBot) -> None:
    stage.set(language="en")
    _, screen = await reports(stage, MemoryReports())
    chart = screen.overview.cards["volume"].chart
    table = screen.overview.cards["volume"].table
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_End)
    cell = table.item(6, 1)
    assert cell is not None
    assert f"From customers {cell.text()}" in chart.accessibleDescription()
    assert "17 Nov 2025" in chart.accessibleDescription()
    qtbot.keyClick(chart, Qt.Key.Key_Escape)
    assert chart.current == -1


async def test_the_file_is_written_where_it_was_asked_for(stage: Stage, tmp_path: Path) -> None:
    made = MemoryReports()
    made.names = (("x", "=HYPERLINK(1)"),)
    _, screen = await reports(stage, made)
    screen.write(str(tmp_path / "laporan.csv"))
    await eventually(lambda: (tmp_path / "laporan.csv").exists())
    text = (tmp_path / "laporan.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    assert b"'=HYPERLINK(1)" in text


async def test_a_wide_window_has_its_charts_in_pairs_and_a_narrow_one_below_each_other(
    stage: Stage,
) -> None:
    window, screen = await reports(stage, MemoryReports())
    shown = screen.overview
    first, second = shown.cards["first_response"], shown.cards["resolution"]
    await eventually(lambda: 0 < first.geometry().bottom() < second.y())
    window.resize(1920, 900)
    await eventually(lambda: first.y() == second.y() and first.x() < second.x())
    room = screen._charts.viewport().width()
    assert shown.width() > room * 0.9
    assert shown.cards["volume"].width() == shown.width()
    assert abs(first.width() - second.width()) < 20
    stage.set(scale=150)
    await eventually(lambda: first.geometry().bottom() < second.y())
    stage.set(scale=100)
    await eventually(lambda: first.y() == second.y())
    screen.reload()
    await eventually(lambda: shown.cards["first_response"] is not first)
    anew = shown.cards
    await eventually(lambda: anew["first_response"].y() == anew["resolution"].y() > 0)
