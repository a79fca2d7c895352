"""What a set of reports shows: tiles, a chart for each number by day, people and inboxes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.domain.reports import Report, ReportLine, Span
from console.ui.language import translate
from console.ui.screens.reports.cards import ChartCard, RankedBars, Tile
from console.ui.screens.reports.wording import count, short_day, span, whole_day
from console.ui.theme.theme import Theme
from console.ui.times import unbroken
from console.ui.widgets.chart import Chart, Series
from console.ui.widgets.chart_axis import count_steps, span_steps
from console.ui.widgets.labels import label
from console.ui.widgets.table import Column, Table

PAIRS_FROM = 1240  # px, at the texts' usual size: two cards beside each other
GAP = 14  # px between cards
FEW_DAYS = 8  # up to so many the table is open beside its chart


class Overview(QWidget):
    """Give it the same days by day, by person (or none) and by inbox."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self._whole: list[QWidget] = []  # as wide as the page, one below the other
        self._halves: list[tuple[QWidget, ...]] = []  # below them, beside each other with room
        self._is_paired = False
        theme.changed.connect(self._arrange)
        self.cards: dict[str, ChartCard] = {}
        self.bars: dict[str, RankedBars] = {}
        self.tables: dict[str, Table] = {}

    def show_reports(self, days: Report, agents: Report | None, inboxes: Report) -> None:
        """Everything anew."""
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.cards, self.bars, self.tables = {}, {}, {}
        self._whole = [self._tiles(days.total), self._volume(days)]
        times = (
            (
                "first_response",
                translate("reports", "First response"),
                translate(
                    "reports",
                    "From a customer's first message to the first reply of a person, nights and "
                    "holidays included.",
                ),
            ),
            (
                "resolution",
                translate("reports", "Resolution"),
                translate("reports", "From opened to resolved."),
            ),
        )
        lists = []
        if agents is not None:
            title = translate("reports", "By person")
            lists.append(self._people("agents", title, agents))
        if len(inboxes.lines) > 1:
            title = translate("reports", "By inbox")
            lists.append(self._people("inboxes", title, inboxes))
        self._halves = [tuple(self._spans(days, *each) for each in times), tuple(lists)]
        self._place()

    def _arrange(self) -> None:
        """The width is another one, or the texts' size."""
        if self._is_paired is not self._has_room():
            self._place()

    def _has_room(self) -> bool:
        return self.width() >= self._theme.px(PAIRS_FROM)

    def _place(self) -> None:
        grid, paired = self._grid, self._has_room()
        self._is_paired = paired
        grid.setRowStretch(grid.rowCount() - 1, 0)
        for part in (*self._whole, *(one for pair in self._halves for one in pair)):
            grid.removeWidget(part)
        row = 0
        for part in self._whole:
            grid.addWidget(part, row, 0, 1, 2)
            row += 1
        for pair in self._halves:
            if paired and len(pair) > 1:
                for column, part in enumerate(pair):
                    grid.addWidget(part, row, column, Qt.AlignmentFlag.AlignTop)
                row += 1
            else:
                for part in pair:
                    grid.addWidget(part, row, 0, 1, 2)
                    row += 1
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        grid.setRowStretch(row, 1)

    def _tiles(self, total: ReportLine) -> QWidget:
        made = QWidget()
        grid = QGridLayout(made)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(12)
        v = total.volume
        half = translate("reports", "Half within this; 90% within {span}")
        tiles = (
            (
                translate("reports", "From customers"),
                count(v.inbound),
                translate("reports", "{count} conversations opened").format(count=count(v.opened)),
            ),
            (
                translate("reports", "Replies"),
                count(v.outbound),
                translate("reports", "and {count} automatic").format(count=count(v.automatic)),
            ),
            (
                translate("reports", "First response"),
                span(total.first_response.median),
                half.format(span=unbroken(span(total.first_response.p90)))
                if total.first_response.n
                else "",
            ),
            (
                translate("reports", "Resolution"),
                span(total.resolution.median),
                translate("reports", "{count} resolved").format(count=count(v.resolved)),
            ),
        )
        for place, (title, value, more) in enumerate(tiles):
            tile = Tile(title)
            tile.show_value(value, more)
            grid.addWidget(tile, 0, place)
            grid.setColumnStretch(place, 1)
        return made

    def _volume(self, days: Report) -> ChartCard:
        title = translate("reports", "Messages by day")
        names = (
            translate("reports", "From customers"),
            translate("reports", "Replies"),
            translate("reports", "Automatic"),
        )
        chart = Chart(self._theme, title, count_steps, count, bars=True)
        lines = days.lines
        chart.show_series(
            (
                Series(names[0], "read", tuple(float(line.volume.inbound) for line in lines)),
                Series(names[1], "accent", tuple(float(line.volume.outbound) for line in lines)),
                Series(names[2], "faint", tuple(float(line.volume.automatic) for line in lines)),
            ),
            *_days(days),
        )
        more = (translate("reports", "Opened"), translate("reports", "Resolved"))
        table = Table(
            self._theme,
            title,
            [
                Column(translate("reports", "Day"), number=False, wide=True),
                *(Column(name) for name in (*names, *more)),
            ],
        )

        def rows() -> list[list[str]]:
            return [
                *([_whole(line), *_volumes(line)] for line in lines),
                [translate("reports", "All"), *_volumes(days.total)],
            ]

        made = ChartCard(title, _how_many(), chart, table, rows, opened=len(lines) < FEW_DAYS)
        self.cards["volume"] = made
        return made

    def _spans(self, days: Report, name: str, title: str, text: str) -> ChartCard:
        half, most = translate("reports", "Half within"), translate("reports", "90% within")
        taken: list[Span] = [getattr(line, name) for line in days.lines]
        whole: Span = getattr(days.total, name)
        chart = Chart(self._theme, title, span_steps, span, bars=False)
        chart.show_series(
            (
                Series(half, "accent", tuple(one.median for one in taken)),
                Series(most, "warning", tuple(one.p90 for one in taken)),
            ),
            *_days(days),
        )
        table = Table(
            self._theme,
            title,
            [
                Column(translate("reports", "Day"), number=False, wide=True),
                Column(translate("reports", "Number")),
                Column(half),
                Column(most),
                Column(translate("reports", "Average")),
            ],
        )

        def rows() -> list[list[str]]:
            return [
                *([_whole(line), *_span(one)] for line, one in zip(days.lines, taken, strict=True)),
                [translate("reports", "All"), *_span(whole)],
            ]

        made = ChartCard(title, text, chart, table, rows, opened=False)
        self.cards[name] = made
        return made

    def _people(self, name: str, title: str, report: Report) -> QFrame:
        made = QFrame()
        made.setProperty("kind", "card")
        layout = QVBoxLayout(made)
        layout.setContentsMargins(18, 15, 16, 14)
        layout.setSpacing(12)
        head = QHBoxLayout()
        head.addWidget(label(title, "header"), 1)
        head.addWidget(label(translate("reports", "Replies"), "small", "muted"))
        layout.addLayout(head)
        nobody = translate("reports", "Nobody")
        names = [line.name or nobody for line in report.lines]
        bars = RankedBars(self._theme, title)
        bars.show_rows(
            [
                (shown, float(line.volume.outbound), count(line.volume.outbound))
                for shown, line in zip(names, report.lines, strict=True)
            ]
        )
        table = Table(
            self._theme,
            title,
            [
                Column(translate("reports", "Name"), number=False, wide=True),
                Column(translate("reports", "Replies")),
                Column(translate("reports", "Resolved")),
                Column(translate("reports", "First response")),
                Column(translate("reports", "Response")),
                Column(translate("reports", "Resolution")),
            ],
        )
        table.show_rows(
            [
                [
                    shown,
                    count(line.volume.outbound),
                    count(line.volume.resolved),
                    span(line.first_response.median),
                    span(line.response.median),
                    span(line.resolution.median),
                ]
                for shown, line in zip(names, report.lines, strict=True)
            ]
        )
        layout.addWidget(bars)
        layout.addWidget(table)
        self.bars[name], self.tables[name] = bars, table
        return made

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()


def _how_many() -> str:
    return translate("reports", "What customers wrote, and what they were answered.")


def _days(report: Report) -> tuple[list[str], list[str]]:
    days = [line.day for line in report.lines if line.day is not None]
    return [short_day(day) for day in days], [whole_day(day) for day in days]


def _whole(line: ReportLine) -> str:
    return whole_day(line.day) if line.day else ""


def _volumes(line: ReportLine) -> list[str]:
    v = line.volume
    return [count(n) for n in (v.inbound, v.outbound, v.automatic, v.opened, v.resolved)]


def _span(one: Span) -> list[str]:
    return [count(one.n), span(one.median), span(one.p90), span(one.average)]
