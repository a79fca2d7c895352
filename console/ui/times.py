"""Times as people read them: the clock, the day, how much of the window is left."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from PySide6.QtCore import QDate, QLocale, QTime

from console.ui.language import translate


def clock(moment: datetime) -> str:
    """ "10.42" in Indonesian, "10:42" in English; local time."""
    local = moment.astimezone()
    return QLocale().toString(QTime(local.hour, local.minute), QLocale.FormatType.ShortFormat)


def clock_seconds(moment: datetime) -> str:
    """The clock with seconds, for the ledger."""
    local = moment.astimezone()
    sign = "." if QLocale().language() is QLocale.Language.Indonesian else ":"
    return f"{clock(moment)}{sign}{local.second:02}"


def short_day(day: date, today: date) -> str:
    """ "12 Nov", with the year when it is another one."""
    form = "d MMM" if day.year == today.year else "d MMM yyyy"
    return QLocale().toString(QDate(day.year, day.month, day.day), form)


def list_time(moment: datetime | None, now: datetime) -> str:
    """The inbox list's time: clock today, "Yesterday", a weekday, then the date."""
    if moment is None:
        return ""
    day, today = moment.astimezone().date(), now.astimezone().date()
    age = (today - day).days
    if age <= 0:
        return clock(moment)
    if age == 1:
        return translate("times", "Yesterday")
    if age < 7:
        return QLocale().dayName(day.isoweekday(), QLocale.FormatType.LongFormat)
    return short_day(day, today)


def day_line(moment: datetime, now: datetime) -> str:
    """The thread's day line."""
    day, today = moment.astimezone().date(), now.astimezone().date()
    age = (today - day).days
    if age == 0:
        return translate("times", "Today")
    if age == 1:
        return translate("times", "Yesterday")
    form = "dddd, d MMMM" if day.year == today.year else "d MMMM yyyy"
    return QLocale().toString(QDate(day.year, day.month, day.day), form)


def left(span: timedelta) -> str:
    """What is left of the window: "23 h 18 m", "48 min"."""
    minutes = max(1, int(span.total_seconds() // 60))
    if minutes < 60:
        return translate("times", "{minutes} min").format(minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    return translate("times", "{hours} h {minutes} m").format(hours=hours, minutes=minutes)


def left_short(span: timedelta) -> str:
    """The same where there is little room: "23 h", "48 min"."""
    hours = int(span.total_seconds() // 3600)
    return translate("times", "{hours} h").format(hours=hours) if hours else left(span)


def unbroken(span: str) -> str:
    """A span that keeps to one line where words around it wrap."""
    return span.replace(" ", "\u00a0")


def waited_days(span: timedelta) -> str:
    """A wait of days: "3 d"."""
    return translate("times", "{days} d").format(days=max(1, span.days))


def length(seconds: float) -> str:
    """A recording's length: "0:21"."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"


def number(value: float) -> str:
    """A number for people, without what it does not need: "1,5", "2"."""
    return QLocale().toString(value, "g", 3)


def pixels(wide: int, tall: int) -> str:
    """A picture's size: "12.000 × 9.000 px"."""
    number = QLocale()
    return f"{number.toString(wide)} × {number.toString(tall)} px"


def size(count: int) -> str:
    """Bytes for people: "412 KB", "1,2 MB"."""
    number = QLocale()
    if count < 1024:
        return f"{number.toString(count)} B"
    if count < 1024 * 1024:
        return f"{number.toString(round(count / 1024))} KB"
    value = count / (1024 * 1024)
    digits = 0 if abs(value - round(value)) < 0.05 else 1
    return f"{number.toString(value, 'f', digits)} MB"
