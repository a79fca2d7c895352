"""What Prometheus may know about the service: counts, times and queue lengths, nothing personal.

A webhook tells its own numbers (each process is scraped by itself) and those of the database,
which are the same whichever webhook tells them: in queries, take `max` of these and `sum` of the
others. The worker answers no requests; what it does is counted in the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    Metric,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from console import __version__
from console.service.spool import Depth

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SPOOL = {
    "waiting": "Requests in the spool of this process's machine",
    "bytes": "Size of the spool",
    "oldest_seconds": "Age of the oldest request in the spool",
    "stuck": "Requests in the spool that the database refuses although it works",
    "locked": "Files of the spool that no configured secret opens",
    "set_aside": "Files of the spool that were damaged",
}


class Metrics:
    """The numbers of one webhook process, and those of the whole as the database sees them."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._outside = _Outside()
        self._registry.register(self._outside)
        ProcessCollector(registry=self._registry)
        self.requests = Counter(
            "balas_requests_total",
            "Requests of Twilio by endpoint and result",
            ("endpoint", "result"),
            registry=self._registry,
        )
        self.connections_refused = Counter(
            "balas_connections_refused_total",
            "Connections that the listener ended by itself, by reason",
            ("reason",),
            registry=self._registry,
        )
        self.ingest_seconds = Histogram(
            "balas_ingest_seconds",
            "Time until a request was committed",
            registry=self._registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
        )
        self.drained = Counter(
            "balas_drained_total",
            "Requests that left the spool, by what became of them",
            ("result",),
            registry=self._registry,
        )

    def page(self, numbers: Mapping[str, Any] | None, spool: Depth | None = None) -> bytes:
        """The exposition text.

        `numbers` is the answer of `private.service_metrics`; None while the database is away, and
        then the page tells that and nothing that may have changed since.
        """
        self._outside.numbers = numbers
        self._outside.spool = spool
        return generate_latest(self._registry)


class _Outside(Collector):
    """What is read for each page anew."""

    def __init__(self) -> None:
        self.numbers: Mapping[str, Any] | None = None
        self.spool: Depth | None = None

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        yield _labelled("balas_build_info", "Which release runs", "version", {__version__: 1})
        up = self.numbers is not None
        yield GaugeMetricFamily("balas_database_up", "Whether the database answers", float(up))
        if self.spool is not None:
            for name, value in self.spool.as_json().items():
                yield GaugeMetricFamily(f"balas_spool_{name}", _SPOOL[name], value)
        if self.numbers is not None:
            yield from _work(self.numbers)
            if (sweep := self.numbers.get("completeness")) is not None:
                yield from _completeness(sweep)


def _work(numbers: Mapping[str, Any]) -> Iterator[Metric]:
    """Queue, workers and messages."""
    queue = numbers.get("queue") or {}
    yield GaugeMetricFamily(
        "balas_queue_waiting", "Jobs due but not begun", float(queue.get("waiting") or 0)
    )
    yield GaugeMetricFamily(
        "balas_queue_lag_seconds", "Age of the oldest job due", float(queue.get("lag_seconds") or 0)
    )
    jobs = GaugeMetricFamily("balas_jobs", "Jobs by queue and state", labels=["queue", "state"])
    for job in numbers["jobs"]:
        jobs.add_metric([job["queue"], job["state"]], job["count"])
    yield jobs
    yield _labelled(
        "balas_workers", "Worker processes; silent ones have ended unasked", "state",
        numbers["workers"],
    )  # fmt: skip
    in_flight = {"queued": 0, "sending": 0, "uncertain": 0} | numbers["messages"]
    yield _labelled(
        "balas_messages_in_flight",
        "Outbound messages on their way to Twilio, by status",
        "status",
        in_flight,
    )
    yield GaugeMetricFamily(
        "balas_uncertain_oldest_seconds",
        "For how long it is not known whether some message was sent",
        float(numbers["uncertain_seconds"]),
    )
    sends = CounterMetricFamily(
        "balas_sends_total", "Calls to Twilio that ended, by outcome", labels=["outcome"]
    )
    outcomes = dict.fromkeys(("accepted", "refused", "retry", "uncertain", "settled"), 0)
    for outcome, count in (outcomes | numbers["sends"]).items():
        sends.add_metric([outcome], count)
    yield sends
    yield GaugeMetricFamily(
        "balas_sending_stopped",
        "Whether nothing is sent, because Twilio refuses the account",
        float(numbers["sending"] != "running"),
    )


def _completeness(sweep: Mapping[str, Any]) -> Iterator[Metric]:
    """How far the comparison with Twilio's list has come."""
    reached = datetime.fromisoformat(sweep["complete_to"])
    failing = sweep["failing_since"]
    since = datetime.fromisoformat(failing) if failing else None
    gauges: list[tuple[str, str, float]] = [
        (
            "complete_to_timestamp_seconds",
            "Up to when every message of Twilio's list is stored",
            reached.timestamp(),
        ),
        ("behind_seconds", "Age of that time", sweep["behind_seconds"]),
        ("listed", "Messages of Twilio's list that were compared", sweep["listed"]),
        (
            "unsure",
            "Messages of Twilio's list that may be sends of ours of unknown fate",
            sweep["unsure"],
        ),
        (
            "elsewhere",
            "Numbers of the account that customers write to and that are no inbox",
            len(sweep["elsewhere"]),
        ),
        (
            "failing_seconds",
            "For how long the comparison fails, 0 while it works",
            (datetime.now(UTC) - since).total_seconds() if since else 0,
        ),
    ]
    for name, words, value in gauges:
        yield GaugeMetricFamily(f"balas_sweep_{name}", words, float(value))
    yield _labelled(
        "balas_sweep_filled",
        "Messages that only the comparison with Twilio's list brought",
        "direction",
        sweep["filled"],
    )


def _labelled(name: str, words: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
