"""A report as CSV that a spreadsheet opens rightly, and runs nothing of."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from PySide6.QtCore import QLocale

from console.domain.reports import Grouping, Report, ReportLine, Span
from console.ui.language import translate

# A cell that begins so is a formula to a spreadsheet, whoever wrote it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
MARK = "\ufeff"  # without it spreadsheets read UTF-8 as the system's old code page


def safe(text: str) -> str:
    """A name as a cell that is only text."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def separator() -> str:
    """Spreadsheets that write 1,5 divide cells by semicolons."""
    return ";" if QLocale().decimalPoint() == "," else ","


def as_csv(reports: Sequence[Report]) -> str:
    """All tables one under the other; times are whole seconds, days as 2025-11-17."""
    out = io.StringIO()
    writer = csv.writer(
        out, delimiter=separator(), quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n"
    )
    for place, report in enumerate(reports):
        if place:
            writer.writerow([])
        writer.writerow([_whose(report.grouping), *_headings()])
        for line in report.lines:
            name = line.day.isoformat() if line.day else safe(line.name or line.id)
            writer.writerow([name, *_cells(line)])
        writer.writerow([translate("reports", "All"), *_cells(report.total)])
    return MARK + out.getvalue()


def _whose(grouping: Grouping) -> str:
    return {
        Grouping.DAYS: translate("reports", "Day"),
        Grouping.AGENTS: translate("reports", "Person"),
        Grouping.INBOXES: translate("reports", "Inbox"),
    }[grouping]


def _headings() -> list[str]:
    made = [
        translate("reports", "From customers"),
        translate("reports", "Replies"),
        translate("reports", "Automatic"),
        translate("reports", "Opened"),
        translate("reports", "Resolved"),
    ]
    for name in (
        translate("reports", "First response"),
        translate("reports", "Response"),
        translate("reports", "Resolution"),
    ):
        made += [
            f"{name}: {translate('reports', 'number')}",
            f"{name}: {translate('reports', 'half within (s)')}",
            f"{name}: {translate('reports', '90% within (s)')}",
            f"{name}: {translate('reports', 'average (s)')}",
        ]
    return made


def _cells(line: ReportLine) -> list[object]:
    v = line.volume
    cells: list[object] = [v.inbound, v.outbound, v.automatic, v.opened, v.resolved]
    for span in (line.first_response, line.response, line.resolution):
        cells += _span(span)
    return cells


def _span(span: Span) -> list[object]:
    values = (span.median, span.p90, span.average)
    return [span.n, *("" if value is None else round(value) for value in values)]
