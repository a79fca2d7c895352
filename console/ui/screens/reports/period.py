"""Which days a report is of: a few chips, and two days to choose."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from console.ui.language import translate
from console.ui.screens.reports.wording import whole_day
from console.ui.theme.theme import Theme
from console.ui.widgets.buttons import button
from console.ui.widgets.calendar import CalendarPopup
from console.ui.widgets.labels import label
from console.ui.widgets.popups import open_below

LONGEST = 1825  # days; the server refuses more than five years


class Period(StrEnum):
    TODAY = "today"
    WEEK = "7"
    MONTH = "30"
    CUSTOM = "custom"


def span_of(
    period: Period, now: datetime, first: date | None = None, last: date | None = None
) -> tuple[datetime, datetime]:
    """From midnight of the first day, by this computer's clock, up to now or the last day's end."""
    today = now.astimezone().date()
    if period is Period.CUSTOM:
        begins, ends = first or today, last or today
        return _midnight(begins), min(_midnight(ends + timedelta(days=1)), now.astimezone())
    days = {Period.TODAY: 0, Period.WEEK: 6, Period.MONTH: 29}[period]
    return _midnight(today - timedelta(days=days)), now.astimezone()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time()).astimezone()


class PeriodBar(QWidget):
    """`changed` follows every choice."""

    changed = Signal()

    def __init__(self, theme: Theme, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._theme = theme
        self._now = now
        self.period = Period.WEEK
        today = now().astimezone().date()
        self.first, self.last = today - timedelta(days=6), today
        names = {
            Period.TODAY: translate("reports", "Today"),
            Period.WEEK: translate("reports", "7 days"),
            Period.MONTH: translate("reports", "30 days"),
            Period.CUSTOM: translate("reports", "Other days"),
        }
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        self.chips: dict[Period, QPushButton] = {}
        for period, name in names.items():
            chip = button(name, "chip")
            chip.setCheckable(True)
            chip.setAutoExclusive(True)
            chip.setChecked(period is self.period)
            chip.clicked.connect(lambda _=False, period=period: self._choose(period))
            self.chips[period] = chip
            layout.addWidget(chip)
        self.from_day = button("", "key")
        self.to_day = button("", "key")
        self._dash = label("–", "", "muted")
        self.from_day.clicked.connect(lambda: self._ask(is_first=True))
        self.to_day.clicked.connect(lambda: self._ask(is_first=False))
        layout.addSpacing(6)
        for widget in (self.from_day, self._dash, self.to_day):
            layout.addWidget(widget)
        self._show_days()

    @property
    def span(self) -> tuple[datetime, datetime]:
        """What is chosen, up to now at most."""
        return span_of(self.period, self._now(), self.first, self.last)

    def choose_days(self, first: date, last: date) -> None:
        """Other days, in whatever order they were given."""
        self.first, self.last = min(first, last), max(first, last)
        self.first = max(self.first, self.last - timedelta(days=LONGEST))
        self.chips[Period.CUSTOM].setChecked(True)
        self._choose(Period.CUSTOM)

    def _choose(self, period: Period) -> None:
        self.period = period
        self._show_days()
        self.changed.emit()

    def _show_days(self) -> None:
        own = self.period is Period.CUSTOM
        self.from_day.setText(whole_day(self.first))
        self.to_day.setText(whole_day(self.last))
        said = translate("reports", "From {day}").format(day=whole_day(self.first))
        self.from_day.setAccessibleName(said)
        said = translate("reports", "Up to {day}").format(day=whole_day(self.last))
        self.to_day.setAccessibleName(said)
        for widget in (self.from_day, self._dash, self.to_day):
            widget.setVisible(own)

    def _ask(self, *, is_first: bool) -> None:
        today = self._now().astimezone().date()
        popup = CalendarPopup(
            self,
            self._theme,
            translate("reports", "First day") if is_first else translate("reports", "Last day"),
            self.first if is_first else self.last,
            today - timedelta(days=LONGEST),
            today,
        )
        popup.chosen.connect(lambda moment: self._take(moment.date(), is_first=is_first))
        open_below(popup, self.from_day if is_first else self.to_day)

    def _take(self, day: date, *, is_first: bool) -> None:
        if is_first:
            self.choose_days(day, max(day, self.last))
        else:
            self.choose_days(min(day, self.first), day)
