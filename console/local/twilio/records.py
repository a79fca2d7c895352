"""What the simulator remembers: messages, their files, and the people who write."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

ENDED = frozenset({"delivered", "read", "failed", "undelivered", "canceled", "received"})


def new_sid(prefix: str) -> str:
    """An identifier of Twilio's form: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


def channel_of(address: str) -> str:
    return "whatsapp" if address.startswith("whatsapp:") else "sms"


@dataclass(frozen=True, slots=True)
class Message:
    """One message, either way. Times are Unix seconds; `seq` grows with every message.

    `data` holds what the wire form has no field for: kind, location, quoted, buttons, fault …
    """

    sid: str
    direction: str
    from_address: str
    to_address: str
    body: str
    status: str
    created: float
    seq: int = 0
    updated: float = 0.0
    sent: float | None = None
    error_code: int | None = None
    error_text: str | None = None
    num_media: int = 0
    service_sid: str | None = None
    callback: str | None = None
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def is_inbound(self) -> bool:
        return self.direction == "inbound"

    @property
    def customer(self) -> str:
        """The customer's address, whichever way the message went."""
        return self.from_address if self.is_inbound else self.to_address

    @property
    def channel(self) -> str:
        return channel_of(self.from_address)


@dataclass(frozen=True, slots=True)
class Media:
    """One file of a message, without its bytes. `fault` is how its download misbehaves."""

    sid: str
    message_sid: str
    content_type: str
    name: str | None
    size: int
    created: float
    fault: str | None = None
    fault_left: int | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """Someone with a phone. `address` is what the business sees as From.

    `number` is None for people with a WhatsApp username only. `player` says who reads and
    answers for them: "" (they read by themselves), "scenario" or "person".
    """

    address: str
    name: str
    number: str | None
    external_id: str | None
    player: str = ""
    opted_out: bool = False
    last_inbound: float | None = None
    created: float = 0.0

    @property
    def channel(self) -> str:
        return channel_of(self.address)
