"""What Twilio checks before it takes a message: the rules of Messages.create."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from console.local.twilio.codes import ApiError
from console.local.twilio.records import channel_of
from console.local.twilio.simulator import Simulator

BODY_LIMIT = 1600
MEDIA_LIMIT = 10

_E164 = re.compile(r"^\+[1-9]\d{6,14}$")
_EXTERNAL = re.compile(r"^[A-Z]{2}\.\d{6,20}$")
_SEND_AT_LEAST = 300.0
_SEND_AT_MOST = 35 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Request:
    """A create call that passed the rules; `template` is the Content resource it names."""

    to: str
    sender: str
    body: str
    media_urls: tuple[str, ...]
    callback: str | None
    service_sid: str | None
    template: dict[str, Any] | None
    variables: dict[str, str]
    send_at: float | None
    location: dict[str, str] | None


def check(simulator: Simulator, form: dict[str, list[str]]) -> Request:
    """Judge the form fields of a create call; raises ApiError with Twilio's code."""

    def one(name: str) -> str:
        return form.get(name, [""])[-1]

    to = one("To").strip()
    if not to:
        raise ApiError(400, 21604)
    if not _is_address(to):
        raise ApiError(400, 21211, to)
    service_sid = one("MessagingServiceSid") or None
    sender = _sender(simulator, to, one("From").strip(), service_sid)
    customer = simulator.ledger.customer(to)
    if customer is not None and customer.opted_out:
        raise ApiError(400, 21610)
    template, variables = _template(simulator, one("ContentSid"), one("ContentVariables"))
    body = one("Body")
    media_urls = tuple(url for url in form.get("MediaUrl", []) if url)
    if len(body) > BODY_LIMIT:
        raise ApiError(400, 21617)
    _check_media(media_urls, channel_of(to))
    location = _location(form.get("PersistentAction", []))
    if template is None and not body and not media_urls and location is None:
        raise ApiError(400, 21602)
    callback = one("StatusCallback") or None
    if callback is not None and not _is_callable(callback):
        raise ApiError(400, 21609, callback)
    _check_validity(one("ValidityPeriod"))
    return Request(
        to=to,
        sender=sender,
        body=fill(template_body(template), variables) if template else body,
        media_urls=media_urls,
        callback=callback,
        service_sid=service_sid,
        template=template,
        variables=variables,
        send_at=_send_at(simulator, one("ScheduleType"), one("SendAt"), service_sid),
        location=location,
    )


def _is_address(address: str) -> bool:
    if channel_of(address) == "whatsapp":
        bare = address.removeprefix("whatsapp:")
        return bool(_E164.match(bare) or _EXTERNAL.match(bare))
    return bool(_E164.match(address))


def _sender(simulator: Simulator, to: str, sender: str, service_sid: str | None) -> str:
    config = simulator.config
    if service_sid is not None and not re.fullmatch(r"MG[0-9a-f]{32}", service_sid):
        raise ApiError(400, 21701)
    if not sender:
        if service_sid is None:
            raise ApiError(400, 21603)
        return config.sender_for(to)
    if not _is_address(sender):
        raise ApiError(400, 21212, sender)
    if channel_of(sender) != channel_of(to):
        raise ApiError(400, 21910)
    own = (config.whatsapp_address, config.sms_address)
    # An address that customers could write to is a sender of this account too.
    if sender not in own and not simulator.ledger.has_received(sender):
        if channel_of(sender) == "whatsapp":
            raise ApiError(400, 63007)
        raise ApiError(400, 21606, sender)
    return sender


def _template(
    simulator: Simulator, content_sid: str, variables: str
) -> tuple[dict[str, Any] | None, dict[str, str]]:
    if not content_sid:
        return None, {}
    template = simulator.ledger.template(content_sid)
    if template is None:
        raise ApiError(400, 21655)
    if not variables:
        return template, {}
    try:
        values = json.loads(variables)
    except ValueError:
        raise ApiError(400, 21656) from None
    if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
        raise ApiError(400, 21656)
    return template, values


def template_body(template: dict[str, Any] | None) -> str:
    """The text of a Content resource, whichever of its types has one."""
    for kind in (template or {}).get("types", {}).values():
        if isinstance(kind, dict) and kind.get("body"):
            return str(kind["body"])
    return ""


def fill(text: str, variables: dict[str, str]) -> str:
    """Put the values in place of {{1}}, {{name}} …; one without a value stays as it is."""
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda match: variables.get(match[1], match[0]), text)


def choices(template: dict[str, Any]) -> dict[str, Any]:
    """The buttons and list rows of a Content resource, as the phone shows them."""
    found: dict[str, Any] = {}
    for kind, value in template.get("types", {}).items():
        if kind in ("twilio/quick-reply", "whatsapp/card", "twilio/card"):
            found["buttons"] = [
                {"text": action.get("title", ""), "payload": action.get("id", "")}
                for action in value.get("actions", [])
            ]
        elif kind == "twilio/list-picker":
            found["list"] = {"button": value.get("button", ""), "items": value.get("items", [])}
    return found


def _check_media(urls: tuple[str, ...], channel: str) -> None:
    if len(urls) > MEDIA_LIMIT or (channel == "whatsapp" and len(urls) > 1):
        raise ApiError(400, 21623)
    for url in urls:
        if not _is_callable(url):
            raise ApiError(400, 21620)


def _is_callable(url: str) -> bool:
    """An absolute http(s) URL; Twilio refuses hosts with an underscore."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and "_" not in host


def _check_validity(text: str) -> None:
    if text and not (text.isdigit() and 1 <= int(text) <= 36000):
        raise ApiError(400, 36001)


def _send_at(
    simulator: Simulator, schedule: str, text: str, service_sid: str | None
) -> float | None:
    if schedule != "fixed":
        return None
    if service_sid is None:
        raise ApiError(400, 35118)
    try:
        at = datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise ApiError(400, 35114) from None
    if not _SEND_AT_LEAST <= at - simulator.now() <= _SEND_AT_MOST:
        raise ApiError(400, 35114)
    return at


def _location(actions: list[str]) -> dict[str, str] | None:
    """PersistentAction `geo:latitude,longitude|label` is a place on the map."""
    for action in actions:
        match = re.match(r"^geo:(-?[\d.]+),(-?[\d.]+)(?:\|(.*))?$", action)
        if match:
            return {"latitude": match[1], "longitude": match[2], "label": match[3] or ""}
    return None
