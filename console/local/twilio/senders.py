"""What stands in Twilio's console: the account, its number, Messaging Service and WhatsApp sender.

Resources are dicts with the names of Twilio's JSON, and what was changed outlasts a restart.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from console.local.twilio.config import Config
from console.local.twilio.ledger import Ledger

_KEPT: Final = "senders"
RESOURCES: Final = ("account", "number", "service", "sender", "webhook")


def _fixed_sid(prefix: str, text: str) -> str:
    return prefix + hashlib.sha256(text.encode()).hexdigest()[:32]


class Senders:
    """The business's senders and where each of them brings its messages.

    `sender` is the WhatsApp sender without its `webhook`. A resource whose `listed` is false is
    not there: an account that has only the sandbox has no sender.
    """

    def __init__(self, config: Config, ledger: Ledger) -> None:
        self._config = config
        self._ledger = ledger
        inbound, status = config.webhook_url, config.status_url
        self._values: dict[str, dict[str, Any]] = {
            "account": {"status": "active", "type": "Full", "friendly_name": config.business},
            "number": {
                "sid": _fixed_sid("PN", config.sms_address),
                "phone_number": config.sms_address,
                "friendly_name": config.business,
                "sms_url": inbound,
                "sms_method": "POST",
                "sms_fallback_url": "",
                "sms_application_sid": "",
                "status": "in-use",
                "listed": True,
            },
            "service": {
                "sid": _fixed_sid("MG", config.account_sid),
                "friendly_name": config.business,
                "inbound_request_url": inbound,
                "inbound_method": "POST",
                "status_callback": status,
                "use_inbound_webhook_on_number": True,
                "validity_period": 14400,
                "holds": [config.whatsapp_address, config.sms_address],
                "listed": True,
            },
            "sender": {
                "sid": _fixed_sid("XE", config.whatsapp_address),
                "status": "ONLINE",
                "sender_id": config.whatsapp_address,
                "configuration": {},
                "profile": {"name": config.business},
                "properties": {"quality_rating": "HIGH", "messaging_limit": "10K Customers/24hr"},
                "offline_reasons": None,
                "listed": True,
            },
            "webhook": {
                "callback_url": inbound,
                "callback_method": "POST",
                "fallback_url": "",
                "fallback_method": "POST",
                "status_callback_url": status,
                "status_callback_method": "POST",
            },
        }
        self._changed: dict[str, dict[str, Any]] = ledger.setting(_KEPT, {})

    def __getitem__(self, resource: str) -> dict[str, Any]:
        """A copy of one of RESOURCES. Raises KeyError."""
        return self._values[resource] | self._changed.get(resource, {})

    def change(self, resource: str, values: dict[str, Any]) -> None:
        """Change some of a resource's values. Raises KeyError for a name that it has not."""
        unknown = values.keys() - self._values[resource].keys()
        if unknown:
            raise KeyError(min(unknown))
        self._changed.setdefault(resource, {}).update(values)
        self._ledger.put_setting(_KEPT, self._changed)

    def inbound_url(self, address: str) -> str:
        """Where a message to our `address` is brought; empty when nobody is called."""
        service = self["service"]
        if (
            service["listed"]
            and address in service["holds"]
            and not service["use_inbound_webhook_on_number"]
        ):
            return str(service["inbound_request_url"] or "")
        if address.startswith("whatsapp:"):
            return str(self["webhook"]["callback_url"] or "")
        number = self["number"]
        return "" if number["sms_application_sid"] else str(number["sms_url"] or "")

    def status_url(self, address: str, service_sid: str | None) -> str:
        """Where statuses of a message go that named no place; empty when nowhere."""
        service = self["service"]
        if service_sid == service["sid"] and service["status_callback"]:
            return str(service["status_callback"])
        if address.startswith("whatsapp:"):
            return str(self["webhook"]["status_callback_url"] or "")
        return self._config.status_url
