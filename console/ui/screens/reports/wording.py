"""Numbers, spans and days as the reports write them."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, QLocale

from console.ui.language import translate


def count(value: float) -> str:
    """ "1.204" in Indonesian, "1,204" in English."""
    return QLocale().toString(round(value))


def span(seconds: float | None) -> str:
    """How long in at most two units: "45 s", "12 min", "3 h 5 m", "2 d 4 h"; "–" for never."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    if whole < 60:
        return translate("reports", "{seconds} s").format(seconds=whole)
    minutes = round(seconds / 60)
    if minutes < 60:
        return translate("reports", "{minutes} min").format(minutes=minutes)
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        if not rest:
            return translate("reports", "{hours} h").format(hours=hours)
        return translate("reports", "{hours} h {minutes} m").format(hours=hours, minutes=rest)
    days, over = divmod(round(seconds / 3600), 24)
    if not over:
        return translate("reports", "{days} d").format(days=days)
    return translate("reports", "{days} d {hours} h").format(days=days, hours=over)


def short_day(day: date) -> str:
    """Below a chart: "3 Nov"."""
    return QLocale().toString(QDate(day.year, day.month, day.day), "d MMM")


def whole_day(day: date) -> str:
    """In a table, and spoken: "Mon, 3 Nov 2025"."""
    return QLocale().toString(QDate(day.year, day.month, day.day), "ddd, d MMM yyyy")
