"""What the simulator is told at its start: keys, addresses of the business, pace."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a message takes on its way, in seconds; `speed` 10 makes all of it ten times faster.

    `sent` counts from the create, the others from the step before. `slow` is how long the fault
    of that name keeps the answer back, `hold` how long an answer that never comes stays open.
    """

    speed: float = 1.0
    sent: float = 0.5
    delivered: float = 0.7
    read: float = 1.6
    slow: float = 5.0
    hold: float = 300.0

    def scaled(self, seconds: float) -> float:
        return seconds / self.speed


@dataclass(frozen=True, slots=True)
class Config:
    """One business with one WhatsApp sender and one SMS number.

    `status_url` is the status callback configured on the senders: it is called for messages
    that name no StatusCallback of their own. `api_url` and `media_url` are origins.
    """

    account_sid: str
    auth_token: str
    webhook_url: str
    status_url: str
    api_url: str
    media_url: str
    whatsapp_address: str
    sms_address: str
    business: str = "Toko Makmur"
    api_key: str | None = None
    api_secret: str | None = None
    pace: Pace = field(default_factory=Pace)

    @property
    def phone_url(self) -> str:
        return f"{self.api_url}/phone/"

    def sender_for(self, customer_address: str) -> str:
        """The business's own address on the customer's channel."""
        if customer_address.startswith("whatsapp:"):
            return self.whatsapp_address
        return self.sms_address
