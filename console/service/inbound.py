"""Twilio's parameters of an inbound message, made into what the database keeps.

Source: https://www.twilio.com/docs/messaging/guides/webhook-request and captured requests. New
parameters arrive without notice: unknown ones are kept in `metadata.raw`, never an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from console.domain.content import Kind, MediaState
from console.domain.conversation import Channel
from console.domain.phone import channel_of, phone_of

MOST_FILES = 10
# Real requests have about thirty; beyond this the request is suspicious and kept raw only.
MOST_PARAMETERS = 500
# Longer than any message of Twilio by far; the raw request keeps what is cut.
LONGEST_TEXT = 200_000

# Twilio's own opt-out words, https://help.twilio.com/articles/223134027, as OptOutType names them.
OPT_OUT = dict.fromkeys(
    ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"), "STOP"
) | dict.fromkeys(("START", "UNSTOP"), "START")

_SID = re.compile(r"[A-Za-z0-9_-]{2,64}")
_FALSE = frozenset({"", "false", "0", "no"})
_TEXT_TYPES = frozenset({"", "text", "interactive", "button", "reply", "sms", "template"})
_CARDS = frozenset({"text/vcard", "text/x-vcard", "text/directory", "application/vcard"})


@dataclass(frozen=True, slots=True)
class Parameters:
    """The form's fields as text, and what was wrong with their bytes.

    `flags` are short names of what does not look like a request of Twilio.
    """

    values: Mapping[str, str]
    flags: tuple[str, ...] = ()

    def get(self, name: str) -> str | None:
        """The value, None where missing or blank."""
        return self.values.get(name) or None


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message as `private.ingest` takes it; the names are those of its JSON."""

    sid: str
    sender: str
    recipient: str
    channel: Channel
    addresses: tuple[str, ...]  # all that name the same person, the sender first
    phone: str | None
    profile_name: str | None
    messaging_service_sid: str | None
    message_type: str
    content: str
    media: tuple[dict[str, Any], ...]
    metadata: dict[str, Any]
    quoted_sid: str | None
    opt_out: str | None
    flags: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """The argument of `private.ingest`."""
        return {
            "sid": self.sid,
            "from": self.sender,
            "to": self.recipient,
            "channel": self.channel.value,
            "addresses": list(self.addresses),
            "phone": self.phone,
            "profile_name": self.profile_name,
            "messaging_service_sid": self.messaging_service_sid,
            "message_type": self.message_type,
            "content": self.content,
            "media": list(self.media),
            "metadata": self.metadata,
            "quoted_sid": self.quoted_sid,
            "opt_out": self.opt_out,
        }


def decode(fields: list[tuple[bytes, bytes]]) -> Parameters:
    """Fields as text that Postgres can store: UTF-8, without NUL; the first of repeated keys.

    What had to be changed is named in `flags`; the raw bytes are kept beside.
    """
    flags: dict[str, None] = {}
    values: dict[str, str] = {}
    for raw_key, raw_value in fields:
        key, value = _text(raw_key, flags), _text(raw_value, flags)
        if key not in values:
            values[key] = value
        elif values[key] != value:
            flags["repeated_keys"] = None
    if len(values) > MOST_PARAMETERS:
        flags["too_many_keys"] = None
    return Parameters(values, tuple(flags))


def _text(raw: bytes, flags: dict[str, None]) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        flags["bad_utf8"] = None
        text = raw.decode("utf-8", "replace")
    if "\0" in text:
        flags["nul"] = None
        text = text.replace("\0", "")
    return text


def parse(parameters: Parameters) -> Inbound | None:
    """The message, or None where the request names no message, no sender or no recipient."""
    get = parameters.get
    sid, sender, recipient = get("MessageSid"), get("From"), get("To")
    if not (sid and _SID.fullmatch(sid) and sender and recipient):
        return None
    flags = dict.fromkeys(parameters.flags)
    channel = channel_of(sender)
    media = _media(parameters, flags)
    kind = _kind(parameters, channel, media)
    text = parameters.values.get("Body", "")
    if len(text) > LONGEST_TEXT:
        flags["long_text"] = None
        text = text[:LONGEST_TEXT]
    context = _channel_context(get("ChannelMetadata"))
    external = get("ExternalUserId")
    return Inbound(
        sid=sid,
        sender=sender,
        recipient=recipient,
        channel=channel,
        addresses=tuple(dict.fromkeys(a for a in (sender, external) if a)),
        phone=phone_of(sender, get("WaId") or context.get("WaId")),
        profile_name=get("ProfileName") or context.get("ProfileName"),
        messaging_service_sid=get("MessagingServiceSid"),
        message_type=_message_type(kind, media),
        content=text,
        media=media,
        metadata=_metadata(parameters, kind, context),
        quoted_sid=get("OriginalRepliedMessageSid"),
        opt_out=(get("OptOutType") or "").upper() or _opt_out(channel, text),
        flags=tuple(flags),
    )


def _opt_out(channel: Channel, text: str) -> str | None:
    """What a plain SMS says of itself: without Advanced Opt-Out no OptOutType comes with it."""
    return OPT_OUT.get(text.strip().upper()) if channel is Channel.SMS else None


def _media(parameters: Parameters, flags: dict[str, None]) -> tuple[dict[str, Any], ...]:
    """Every file that the request names, whatever NumMedia claims."""
    found = []
    for index in range(MOST_FILES):
        url = parameters.get(f"MediaUrl{index}")
        if url is None:
            continue
        found.append(
            {
                "bucket": "media",
                "path": None,
                "url": url,
                "content_type": (
                    parameters.get(f"MediaContentType{index}") or "application/octet-stream"
                ).lower(),
                "name": None,
                "size": None,
                "state": MediaState.PENDING.value,
                "error": None,
            }
        )
    claimed = parameters.values.get("NumMedia", "0") or "0"
    if not (claimed.isascii() and claimed.isdigit() and int(claimed[:4]) == len(found)):
        flags["num_media"] = None
    return tuple(found)


def _kind(parameters: Parameters, channel: Channel, media: tuple[dict[str, Any], ...]) -> Kind:
    get = parameters.get
    named = (get("MessageType") or "").lower()
    if media:
        content_type = str(media[0]["content_type"]).partition(";")[0].strip()
        if content_type in _CARDS:
            return Kind.CONTACT_CARD
        if named == "sticker" or (content_type == "image/webp" and channel is Channel.WHATSAPP):
            return Kind.STICKER
        for family in (Kind.IMAGE, Kind.VIDEO, Kind.AUDIO):
            if content_type.startswith(f"{family.value}/"):
                return family
        return Kind.DOCUMENT
    if _place(parameters) is not None:
        return Kind.LOCATION
    if get("ButtonText") or get("ButtonPayload"):
        return Kind.BUTTON
    if get("ListId") or get("ListTitle"):
        return Kind.LIST
    if named not in _TEXT_TYPES and not get("Body"):
        return Kind.UNSUPPORTED
    return Kind.TEXT


def _message_type(kind: Kind, media: tuple[dict[str, Any], ...]) -> str:
    """One of the five words that the user's own table allows."""
    if kind is Kind.STICKER:
        return Kind.IMAGE.value
    if kind in (Kind.IMAGE, Kind.VIDEO, Kind.AUDIO, Kind.DOCUMENT):
        return kind.value
    return Kind.DOCUMENT.value if media else Kind.TEXT.value


def _metadata(parameters: Parameters, kind: Kind, context: Mapping[str, str]) -> dict[str, Any]:
    get = parameters.get
    metadata: dict[str, Any] = {"kind": kind.value}
    if name := get("ProfileName") or context.get("ProfileName"):
        metadata["profile_name"] = name
    if place := _place(parameters):
        metadata["location"] = place
    if get("ButtonText") or get("ButtonPayload"):
        metadata["button"] = {
            "text": get("ButtonText") or get("Body"),
            "payload": get("ButtonPayload"),
        }
    if get("ListId") or get("ListTitle"):
        metadata["list"] = {
            "id": get("ListId"),
            "title": get("ListTitle") or get("Body"),
            "description": get("ListDescription"),
        }
    if referral := _referral(parameters):
        metadata["referral"] = referral
    if quoted := get("OriginalRepliedMessageSid"):
        metadata["quoted"] = {"sid": quoted, "sender": get("OriginalRepliedMessageSender")}
    for name, key in (("Forwarded", "forwarded"), ("FrequentlyForwarded", "frequently_forwarded")):
        if (get(name) or "").lower() not in _FALSE:
            metadata[key] = True
    if "too_many_keys" not in parameters.flags:
        metadata["raw"] = dict(parameters.values)
    return metadata


def _place(parameters: Parameters) -> dict[str, Any] | None:
    try:
        latitude = float(parameters.get("Latitude") or "")
        longitude = float(parameters.get("Longitude") or "")
    except ValueError:
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    return {
        "latitude": latitude,
        "longitude": longitude,
        "label": parameters.get("Label"),
        "address": parameters.get("Address"),
    }


_REFERRAL = {
    "ReferralHeadline": "headline",
    "ReferralBody": "body",
    "ReferralSourceUrl": "source_url",
    "ReferralSourceId": "source_id",
    "ReferralSourceType": "source_type",
    "ReferralCtwaClid": "ctwa_clid",
    "ReferralMediaUrl": "media_url",
    "ReferralMediaContentType": "media_content_type",
    "ReferralMediaId": "media_id",
}


def _referral(parameters: Parameters) -> dict[str, str]:
    """The advertisement's facts; plain messages carry only `ReferralNumMedia=0`."""
    found = {ours: parameters.get(theirs) for theirs, ours in _REFERRAL.items()}
    return {name: value for name, value in found.items() if value}


def _channel_context(text: str | None) -> dict[str, str]:
    """ProfileName and WaId inside ChannelMetadata; empty when it is not what we know."""
    try:
        data = json.loads(text or "null")
        context = data["data"]["context"]
        return {
            key: value.replace("\0", "")
            for key, value in context.items()
            if key in ("ProfileName", "WaId") and isinstance(value, str) and value
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
