"""The reports, as the server counts them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from console.domain.ids import InboxId, ProfileId
from console.domain.reports import Grouping, Report, ReportLine, Span, Volume
from console.remote import rows
from console.remote.asking import Asking, as_object


class Reports(Asking):
    """Every method raises RefusedError (our rules), SignedOutError, or EnvironmentFaultError."""

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
        """One report; see `console.ui.server.reports`."""
        arguments = {
            "kind": grouping.value,
            "from": since.isoformat(),
            "to": until.isoformat(),
            "inbox_id": inbox_id,
            "agent_id": agent_id,
            "time_zone": zone,
        }
        wire = as_object(await self.ask("reports", arguments))
        return report(wire, grouping, since, until)


def report(wire: Mapping[str, Any], grouping: Grouping, since: datetime, until: datetime) -> Report:
    """The answer of `reports`; what is not named counts as nothing."""
    found = wire.get("rows")
    return Report(
        grouping,
        rows.moment(wire.get("from")) or since,
        rows.moment(wire.get("to")) or until,
        _line(_object(wire.get("total"))),
        tuple(_line(_object(row)) for row in (found if isinstance(found, list) else ())),
    )


def _line(wire: Mapping[str, Any]) -> ReportLine:
    day = wire.get("day")
    return ReportLine(
        Volume(
            inbound=_count(wire.get("inbound")),
            outbound=_count(wire.get("outbound")),
            automatic=_count(wire.get("automatic")),
            opened=_count(wire.get("opened")),
            resolved=_count(wire.get("resolved")),
        ),
        _span(_object(wire.get("first_response"))),
        _span(_object(wire.get("response"))),
        _span(_object(wire.get("resolution"))),
        day=date.fromisoformat(str(day)) if day else None,
        id=str(wire.get("agent_id") or wire.get("inbox_id") or ""),
        name=str(wire.get("name") or ""),
    )


def _span(wire: Mapping[str, Any]) -> Span:
    return Span(
        _count(wire.get("n")),
        _seconds(wire.get("average")),
        _seconds(wire.get("median")),
        _seconds(wire.get("p90")),
    )


def _object(wire: Any) -> Mapping[str, Any]:
    return wire if isinstance(wire, Mapping) else {}


def _count(wire: Any) -> int:
    return int(wire) if isinstance(wire, int | float) else 0


def _seconds(wire: Any) -> float | None:
    return float(wire) if isinstance(wire, int | float) else None
