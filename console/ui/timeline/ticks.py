"""The tick of a message that was sent: how far it has come."""

from __future__ import annotations

from console.domain.delivery import Status

# Status → icon, token of its colour.
TICKS: dict[Status, tuple[str, str]] = {
    Status.SCHEDULED: ("alarm-clock", "on_bubble"),
    Status.QUEUED: ("clock", "on_bubble"),
    Status.SENDING: ("clock", "on_bubble"),
    Status.UNCERTAIN: ("circle-help", "warning"),
    Status.ACCEPTED: ("clock", "on_bubble"),
    Status.SENT: ("check", "on_bubble"),
    Status.DELIVERED: ("check-check", "on_bubble"),
    Status.READ: ("check-check", "read"),
    Status.FAILED: ("circle-alert", "danger"),
    Status.UNDELIVERED: ("circle-alert", "danger"),
    Status.CANCELED: ("x", "danger"),
}
