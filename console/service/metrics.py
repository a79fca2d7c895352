"""What Prometheus may know about the service: counts, times and queue lengths, nothing personal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

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
    """The numbers of one webhook process, and those of the queue as the database sees them."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
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
        self._spool = {
            name: Gauge(f"balas_spool_{name}", words, registry=self._registry)
            for name, words in _SPOOL.items()
        }
        self._waiting = Gauge(
            "balas_queue_waiting", "Jobs due but not begun", registry=self._registry
        )
        self._lag = Gauge(
            "balas_queue_lag_seconds", "Age of the oldest job due", registry=self._registry
        )
        self._messages = Gauge(
            "balas_messages_in_flight",
            "Outbound messages on their way to Twilio, by status",
            ("status",),
            registry=self._registry,
        )

    def page(self, health: Mapping[str, Any] | None, spool: Depth | None = None) -> bytes:
        """The exposition text. `health` is the answer of `private.service_health`, if any."""
        if spool is not None:
            for name, value in spool.as_json().items():
                self._spool[name].set(value)
        if health is not None:
            queue = health.get("queue") or {}
            self._waiting.set(float(queue.get("waiting") or 0))
            self._lag.set(float(queue.get("lag_seconds") or 0))
            for status in ("queued", "sending", "uncertain"):
                count = (health.get("messages") or {}).get(status, 0)
                self._messages.labels(status).set(float(count))
        return generate_latest(self._registry)
