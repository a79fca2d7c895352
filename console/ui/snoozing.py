"""The moments to which a conversation is put away, as people name them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from PySide6.QtCore import QDate, QLocale

from console.ui.language import translate
from console.ui.times import clock

MORNING = time(8)
EVENING = time(18)
_EVENING_UNTIL = timedelta(hours=1)  # "this evening" is offered until an hour before it


@dataclass(frozen=True, slots=True)
class Moment:
    """`until` has the agent's time zone; `words` name it, `when` says the exact time."""

    words: str
    when: str
    until: datetime


def moments(now: datetime) -> list[Moment]:
    """What to offer at `now`, soonest first; days begin at the agent's own midnight."""
    local = now.astimezone()
    today = local.date()
    tomorrow = today + timedelta(days=1)
    monday = today + timedelta(days=7 - today.weekday())

    def at(day: date, moment: time) -> datetime:
        return datetime.combine(day, moment).astimezone()

    offered = [
        (translate("snooze", "In one hour"), local + timedelta(hours=1)),
        (translate("snooze", "In three hours"), local + timedelta(hours=3)),
        (translate("snooze", "This evening"), at(today, EVENING)),
        (translate("snooze", "Tomorrow morning"), at(tomorrow, MORNING)),
        (translate("snooze", "Next Monday"), at(monday, MORNING)),
        (translate("snooze", "In one week"), at(today + timedelta(days=7), MORNING)),
    ]
    evening = at(today, EVENING)
    kept = [
        (words, until)
        for words, until in offered
        if until != evening or evening - local >= _EVENING_UNTIL
    ]
    if monday == tomorrow:
        kept = [entry for entry in kept if entry[0] != translate("snooze", "Tomorrow morning")]
    if today.weekday() == 0:
        kept = [entry for entry in kept if entry[0] != translate("snooze", "Next Monday")]
    return [Moment(words, _when(until, tomorrow, now), until) for words, until in kept]


def _when(until: datetime, tomorrow: date, now: datetime) -> str:
    """The time alone where the words say the day."""
    return clock(until) if until.date() == tomorrow else until_words(until, now)


def until_words(until: datetime, now: datetime) -> str:
    """ "18.00", "tomorrow, 08.00", "Mon 24 Nov, 08.00"."""
    local, today = until.astimezone(), now.astimezone().date()
    days = (local.date() - today).days
    if days == 0:
        return clock(until)
    if days == 1:
        return translate("snooze", "tomorrow, {time}").format(time=clock(until))
    form = "ddd d MMM" if local.year == today.year else "ddd d MMM yyyy"
    day = QLocale().toString(QDate(local.year, local.month, local.day), form)
    return translate("snooze", "{day}, {time}").format(day=day, time=clock(until))
