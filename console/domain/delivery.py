"""Delivery of a message as a one-way state machine."""

from __future__ import annotations

from enum import StrEnum


class Direction(StrEnum):
    """Which way a message travelled, seen from the team."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Status(StrEnum):
    """Every value of `messages.status`; adopted old rows have none."""

    RECEIVED = "received"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNDELIVERED = "undelivered"
    CANCELED = "canceled"


ENDS = frozenset({Status.FAILED, Status.UNDELIVERED, Status.CANCELED})

# Twilio's callbacks come unordered; a status replaces another only when its rank is higher.
# The ends outrank everything but proof: a later delivered or read wins over a reported failure.
RANK: dict[Status, int] = {
    Status.SCHEDULED: 0,
    Status.QUEUED: 1,
    Status.SENDING: 2,
    Status.UNCERTAIN: 3,
    Status.ACCEPTED: 4,
    Status.SENT: 5,
    Status.FAILED: 6,
    Status.UNDELIVERED: 6,
    Status.CANCELED: 6,
    Status.DELIVERED: 7,
    Status.READ: 8,
    Status.RECEIVED: 9,
}

# What a status word of Twilio's callback means for us. Its "queued" and "sending" come after
# the create call answered, so they are our "accepted".
FROM_TWILIO: dict[str, Status] = {
    "accepted": Status.ACCEPTED,
    "scheduled": Status.ACCEPTED,
    "queued": Status.ACCEPTED,
    "sending": Status.ACCEPTED,
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.READ,
    "failed": Status.FAILED,
    "undelivered": Status.UNDELIVERED,
    "canceled": Status.CANCELED,
}


def advance(current: Status | None, reported: Status) -> Status:
    """The status after `reported` arrives: the higher rank, so that ticks never jump back."""
    if current is None or RANK[reported] > RANK[current]:
        return reported
    return current
