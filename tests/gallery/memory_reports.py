"""A server's reports in memory: a month of a busy shop, the same on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from console.domain.ids import InboxId, ProfileId
from console.domain.reports import Grouping, Report, ReportLine, Span, Volume

PEOPLE = (("raka", "Raka Aditya"), ("me", "Dewi Wulandari"), ("nita", "Nita Kusuma"))
SENDERS = (("wa", "Toko Sentosa"), ("sms", "SMS Sentosa"))


def _line(seed: int, size: float) -> ReportLine:
    wave = 0.6 + ((seed * 37) % 50) / 60
    inbound = round(140 * wave * size)
    first = 90 + (seed * 53) % 400
    return ReportLine(
        Volume(
            inbound,
            round(inbound * 0.86),
            round(inbound * 0.12),
            round(inbound * 0.31),
            round(inbound * 0.28),
        ),
        Span(round(inbound * 0.3), first * 1.4, first, first * 3.1),
        Span(round(inbound * 0.8), first * 1.1, first * 0.8, first * 2.6),
        Span(round(inbound * 0.28), first * 60, first * 44, first * 160),
    )


def _sum(lines: Sequence[ReportLine]) -> ReportLine:
    def of(name: str) -> int:
        return sum(getattr(line.volume, name) for line in lines)

    whole = Volume(*(of(n) for n in ("inbound", "outbound", "automatic", "opened", "resolved")))
    if not lines:
        return ReportLine()
    return replace(lines[len(lines) // 2], volume=whole, day=None)


class MemoryReports:
    """`failure` is raised instead of an answer; `quiet` has days on which nothing happened."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.quiet = False
        self.names: tuple[tuple[str, str], ...] = PEOPLE
        self.asked: list[tuple[Grouping, datetime, datetime, str | None, str | None]] = []

    async def read(
        self,
        grouping: Grouping,
        since: datetime,
        until: datetime,
        *,
        inbox_id: InboxId | None = None,
        agent_id: ProfileId | None = None,
        zone: str = "UTC",
    ) -> Report:
        self.asked.append((grouping, since, until, inbox_id, agent_id))
        if self.failure is not None:
            raise self.failure
        first = since.astimezone().date()
        count = (until.astimezone() - timedelta(microseconds=1)).date().toordinal()
        days = range(count - first.toordinal() + 1)
        if self.quiet:
            return Report(
                grouping,
                since,
                until,
                ReportLine(),
                tuple(ReportLine(day=first + timedelta(days=n)) for n in days),
            )
        if grouping is Grouping.DAYS:
            lines = [
                replace(
                    _line(
                        first.toordinal() + n, 0.3 if (first + timedelta(n)).weekday() > 4 else 1
                    ),
                    day=first + timedelta(days=n),
                )
                for n in days
            ]
        else:
            names = self.names if grouping is Grouping.AGENTS else SENDERS
            lines = [
                replace(_line(place + 3, len(days) / (place + 1.5)), id=id, name=name)
                for place, (id, name) in enumerate(names)
            ]
            lines.sort(key=lambda line: -line.volume.outbound)  # as the server does
        return Report(grouping, since, until, _sum(lines), tuple(lines))
