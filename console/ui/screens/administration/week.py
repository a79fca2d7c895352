"""The hours of an inbox: a time zone, the spans of each day, the holidays."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from PySide6.QtCore import Qt, QTime, QTimeZone, Signal
from PySide6.QtWidgets import QHBoxLayout, QTimeEdit, QVBoxLayout, QWidget

from console.domain.administration import DAYS, Hours
from console.ui.language import translate
from console.ui.screens.administration.wording import clock_mark
from console.ui.screens.administration.wording import day as day_name
from console.ui.screens.reports.wording import whole_day
from console.ui.theme.theme import Theme
from console.ui.widgets.buttons import IconButton, button
from console.ui.widgets.calendar import CalendarPopup
from console.ui.widgets.card import CardRow
from console.ui.widgets.chooser import Line
from console.ui.widgets.flow import FlowLayout
from console.ui.widgets.labels import label
from console.ui.widgets.popups import open_below
from console.ui.widgets.select import Select
from console.ui.widgets.switch import Switch

USUAL = ("08:00", "17:00")
MOST_SPANS = 4
FORM = "HH:mm"
# Those of this country first; the chooser finds the others by a few letters.
FIRST_ZONES = {
    "Asia/Jakarta": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
}


class WeekEditor(QWidget):
    """`saved` carries the hours that are wanted, None for always open; nothing is sent before."""

    saved = Signal(object)

    def __init__(self, theme: Theme, hours: Hours | None, today: date) -> None:
        super().__init__()
        self._theme = theme
        self._today = today
        self._kept = hours
        self.always = Switch(theme, translate("hours", "Always open"), on=hours is None)
        self.zone = Select(theme, translate("hours", "Time zone"), zones(), "Asia/Jakarta")
        self.save = button(translate("hours", "Save the hours"), "primary")
        self.save.clicked.connect(lambda: self.saved.emit(self.value()))
        self.undo = button(translate("hours", "Undo"))
        self.undo.clicked.connect(lambda: self.show_hours(self._kept))
        self.week: dict[str, list[tuple[str, str]]] = {}
        self.holidays: list[str] = []
        self._days = QWidget()
        self._rows = QVBoxLayout(self._days)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(4)
        self._free = QWidget()
        self._flow = FlowLayout()
        self._free.setLayout(self._flow)
        self.always.toggled.connect(lambda _: self._refresh())
        self.zone.chosen.connect(lambda _: self._refresh_buttons())
        self._build()
        self.show_hours(hours)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(
            CardRow(
                translate("hours", "Always open"),
                translate(
                    "hours", "Without hours nothing says “away”, and answers are due at night."
                ),
                self.always,
            )
        )
        self._zone_row = CardRow(translate("hours", "Time zone"), "", self.zone)
        layout.addWidget(self._zone_row)
        self._inside = QWidget()
        inside = QVBoxLayout(self._inside)
        inside.setContentsMargins(18, 4, 16, 4)
        inside.setSpacing(12)
        inside.addWidget(self._days)
        copy = button(translate("hours", "Monday's hours for the whole working week"), "link")
        copy.clicked.connect(self._copy_monday)
        inside.addWidget(copy)
        inside.addWidget(label(translate("hours", "Holidays"), "strong"))
        inside.addWidget(self._free)
        layout.addWidget(self._inside)
        foot = QHBoxLayout()
        foot.setContentsMargins(18, 8, 16, 6)
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(self.undo)
        foot.addWidget(self.save)
        layout.addLayout(foot)

    def value(self) -> Hours | None:
        """What stands in the fields."""
        if self.always.isChecked():
            return None
        week = {day: tuple(self.week[day]) for day in DAYS if self.week[day]}
        return Hours(self.zone.current, week, tuple(sorted(self.holidays)))

    def show_hours(self, hours: Hours | None) -> None:
        """Show what is kept."""
        self._kept = hours
        shown = hours or Hours(week={day: (USUAL,) for day in DAYS[:5]})
        self.week = {day: [_plain(span) for span in shown.week.get(day, ())] for day in DAYS}
        self.holidays = list(shown.holidays)
        self.zone.show_current(shown.zone)
        self.always.blockSignals(True)
        self.always.setChecked(hours is None)
        self.always.blockSignals(False)
        self._refresh()

    def is_showing(self, hours: Hours | None) -> bool:
        """Whether the fields say the same."""
        return _normal(self.value()) == _normal(hours)

    def _refresh(self) -> None:
        on = not self.always.isChecked()
        self._inside.setVisible(on)
        self._zone_row.setVisible(on)
        _clear(self._rows)
        for day in DAYS:
            self._rows.addWidget(self._day_row(day))
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for holiday in sorted(self.holidays):
            name = _said(holiday)
            pill = button(f"{name}  ×", "tag")
            pill.setAccessibleName(translate("hours", "Remove {day}").format(day=name))
            pill.setToolTip(pill.accessibleName())
            pill.clicked.connect(partial(self._remove_holiday, holiday))
            self._flow.addWidget(pill)
        add = button(translate("hours", "+ holiday"), "tag")
        add.clicked.connect(lambda: self._ask_holiday(add))
        self._flow.addWidget(add)
        self._free.updateGeometry()
        self._refresh_buttons()

    def _refresh_buttons(self) -> None:
        dirty = _normal(self.value()) != _normal(self._kept)
        self.save.setEnabled(dirty)
        self.undo.setVisible(dirty)

    def _day_row(self, day: str) -> QWidget:
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        name = label(day_name(day), "strong-plain")
        name.setFixedWidth(self._theme.px(84))
        row.addWidget(name)
        spans = self.week[day]
        if not spans:
            row.addWidget(label(translate("hours", "Closed"), "", "faint"))
        for place, span in enumerate(spans):
            if place:
                row.addSpacing(6)
            for end in (0, 1):
                field = QTimeEdit(QTime.fromString(span[end], FORM))
                field.setDisplayFormat(FORM.replace(":", clock_mark()))
                field.setAlignment(Qt.AlignmentFlag.AlignCenter)
                field.setFixedWidth(self._theme.px(70))
                said = (
                    translate("hours", "{day}, from")
                    if not end
                    else translate("hours", "{day}, to")
                )
                field.setAccessibleName(said.format(day=day_name(day)))
                field.timeChanged.connect(partial(self._on_time, day, place, end))
                row.addWidget(field)
                if not end:
                    row.addWidget(label("–", "", "muted"))
            gone = IconButton(
                self._theme, "x", translate("hours", "Remove this span"), side=26, size=14
            )
            gone.clicked.connect(partial(self._remove_span, day, place))
            row.addWidget(gone)
        if len(spans) < MOST_SPANS:
            add = IconButton(
                self._theme,
                "plus",
                translate("hours", "Another span on {day}").format(day=day_name(day)),
                side=26,
                size=15,
            )
            add.clicked.connect(partial(self._add_span, day))
            row.addWidget(add)
        row.addStretch(1)
        return made

    def _on_time(self, day: str, place: int, end: int, time: QTime) -> None:
        span = list(self.week[day][place])
        span[end] = time.toString(FORM)
        self.week[day][place] = (span[0], span[1])
        self._refresh_buttons()

    def _add_span(self, day: str) -> None:
        spans = self.week[day]
        if not spans:
            spans.append(USUAL)
        else:
            ends = QTime.fromString(spans[-1][1], FORM)
            spans.append((ends.addSecs(3600).toString(FORM), ends.addSecs(3 * 3600).toString(FORM)))
        self._refresh()

    def _remove_span(self, day: str, place: int) -> None:
        del self.week[day][place]
        self._refresh()

    def _copy_monday(self) -> None:
        for day in DAYS[1:5]:
            self.week[day] = list(self.week["mon"])
        self._refresh()

    def _ask_holiday(self, beside: QWidget) -> None:
        popup = CalendarPopup(
            self,
            self._theme,
            translate("hours", "A day on which nobody answers"),
            self._today,
            self._today,
            self._today + timedelta(days=730),
        )
        popup.chosen.connect(lambda moment: self.add_holiday(moment.date()))
        open_below(popup, beside)

    def add_holiday(self, day: date) -> None:
        """A day more; one that is named already is named once."""
        self.holidays = sorted({*self.holidays, day.isoformat()})
        self._refresh()

    def _remove_holiday(self, day: str) -> None:
        self.holidays.remove(day)
        self._refresh()


def zones() -> list[Line]:
    """Every time zone by its name; this country's first."""
    lines = [Line(zone, zone.replace("_", " "), note) for zone, note in FIRST_ZONES.items()]
    names = (bytes(id.data()).decode() for id in QTimeZone.availableTimeZoneIds())
    lines += [
        Line(name, name.replace("_", " "))
        for name in sorted(names)
        if name not in FIRST_ZONES and ("/" in name or name == "UTC") and "Etc/" not in name
    ]
    return lines


def _plain(span: tuple[str, str]) -> tuple[str, str]:
    """Hours and minutes, as the fields write them."""
    return span[0][:5], span[1][:5]


def _normal(hours: Hours | None) -> object:
    if hours is None:
        return None
    week = {day: [_plain(span) for span in hours.week.get(day, ())] for day in DAYS}
    return hours.zone, week, sorted(hours.holidays)


def _said(holiday: str) -> str:
    try:
        return whole_day(date.fromisoformat(holiday))
    except ValueError:
        return holiday


def _clear(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
