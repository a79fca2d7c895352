"""What a report says: how much was written, how soon it was answered, by day, person and inbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Grouping(StrEnum):
    """What the lines of a report stand for; each of them has all the numbers."""

    DAYS = "days"
    AGENTS = "agents"
    INBOXES = "inboxes"


@dataclass(frozen=True, slots=True)
class Volume:
    """How many. `outbound` were written by people, `automatic` by rules."""

    inbound: int = 0
    outbound: int = 0
    automatic: int = 0
    opened: int = 0
    resolved: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """How long something took, `n` times; in seconds, None where it never happened."""

    n: int = 0
    average: float | None = None
    median: float | None = None
    p90: float | None = None


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One line. `day` or `id` says whose, `name` for people; the total has none of them."""

    volume: Volume = Volume()
    first_response: Span = Span()
    response: Span = Span()
    resolution: Span = Span()
    day: date | None = None
    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Days in their order, the others busiest first. `since` and `until` are as the server cut."""

    grouping: Grouping
    since: datetime
    until: datetime
    total: ReportLine = ReportLine()
    lines: tuple[ReportLine, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing happened in these days."""
        return self.total == ReportLine()
