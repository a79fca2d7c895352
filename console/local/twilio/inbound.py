"""Customer → business: Twilio's webhook with exactly the parameters each kind of message has."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from console.local.twilio.records import Customer, Media, Message, new_sid
from console.local.twilio.signing import Answered, post_signed
from console.local.twilio.simulator import Simulator
from console.local.twilio.wire import media_path, segments

# English keywords of Twilio's default opt-out handling, SMS only.
# Source: https://help.twilio.com/articles/223134027
_STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit"})
_START = frozenset({"start", "yes", "unstop"})
_HELP = frozenset({"help", "info"})


@dataclass(frozen=True, slots=True)
class File:
    """A file that the customer sends. `fault` makes its download misbehave `fault_times` times."""

    content_type: str
    content: bytes
    name: str | None = None
    fault: str | None = None
    fault_times: int | None = None


@dataclass(frozen=True, slots=True)
class Writing:
    """What a customer writes. `kind` overrides the MessageType that the content suggests.

    `button` and `row` answer choices of ours ({"text", "payload"}; {"id", "title",
    "description"}), `quoted` is the SID of the message replied to, `extra` is added to the
    webhook's parameters as it is.
    """

    body: str = ""
    files: tuple[File, ...] = ()
    location: dict[str, str] | None = None
    button: dict[str, str] | None = None
    row: dict[str, str] | None = None
    quoted: str | None = None
    forwarded: bool = False
    frequently_forwarded: bool = False
    referral: dict[str, str] | None = None
    kind: str | None = None
    extra: dict[str, str] = field(default_factory=dict)


def add(simulator: Simulator, customer: Customer, writing: Writing, to: str | None) -> Message:
    """Keep the message as received by Twilio; the webhook is still to be called."""
    now = simulator.now()
    sid = new_sid("MM" if writing.files else "SM")
    files = [
        (
            Media(
                sid=new_sid("ME"),
                message_sid=sid,
                content_type=file.content_type,
                name=file.name,
                size=len(file.content),
                created=now,
                fault=file.fault,
                fault_left=file.fault_times,
            ),
            file.content,
        )
        for file in writing.files
    ]
    message = Message(
        sid=sid,
        direction="inbound",
        from_address=customer.address,
        to_address=to or simulator.config.sender_for(customer.address),
        body=_body(customer, writing),
        status="received",
        created=now,
        sent=now,
        num_media=len(files),
        data=_data(customer, writing),
    )
    kept = simulator.ledger.add_message(message, files)
    word = writing.body.strip().lower()
    opted_out = customer.opted_out
    if customer.channel == "sms" and word in _STOP | _START:
        opted_out = word in _STOP
    simulator.change_person(customer, last_inbound=now, opted_out=opted_out)
    simulator.hub.publish(
        {"event": "message", "customer": customer.address, "sid": sid, "status": "received"}
    )
    return kept


async def deliver(simulator: Simulator, message: Message, url: str | None = None) -> Answered:
    """Call the webhook for a kept message, once more if it was called before."""
    customer = simulator.person(message.from_address)
    params = parameters(simulator, customer, message)
    token = message.data.setdefault("idempotency", str(uuid.uuid4()))
    target = url or simulator.senders.inbound_url(message.to_address)
    answered = await post_signed(
        simulator.callers, simulator.config.auth_token, target, params, idempotency_token=token
    )
    simulator.ledger.update_message(message.sid, data={**message.data, "answered": answered.status})
    simulator.ledger.write(
        "webhooks",
        simulator.now(),
        message.from_address,
        message.sid,
        {
            "url": target,
            "params": params,
            "answer": answered.status,
            "answer_body": answered.body,
            "answer_type": answered.content_type,
            "error": answered.error,
            "attempts": answered.attempts,
            "elapsed": round(answered.elapsed, 4),
        },
    )
    simulator.hub.publish(
        {
            "event": "message",
            "customer": message.customer,
            "sid": message.sid,
            "status": "taken" if answered.ok else "lost",
        }
    )
    return answered


def _body(customer: Customer, writing: Writing) -> str:
    if writing.body:
        return writing.body
    if writing.button:
        return writing.button.get("text", "")
    if writing.row:
        return writing.row.get("title", "")
    if customer.channel == "whatsapp" and _type(writing) == "document" and writing.files:
        # A document without a caption has its file name as Body.
        return writing.files[0].name or ""
    return ""


def _type(writing: Writing) -> str:
    """MessageType, as Twilio names it."""
    if writing.kind:
        return writing.kind
    if writing.button:
        return "button"
    if writing.row:
        return "interactive"
    if writing.location:
        return "location"
    if not writing.files:
        return "text"
    return media_kind(writing.files[0].content_type)


def media_kind(content_type: str) -> str:
    """MessageType of a file: image, video, audio, sticker, contacts or document."""
    base = content_type.partition(";")[0].strip().lower()
    if base == "image/webp":
        return "sticker"
    if base in ("text/vcard", "text/x-vcard"):
        return "contacts"
    family = base.partition("/")[0]
    return family if family in ("image", "video", "audio") else "document"


def _data(customer: Customer, writing: Writing) -> dict[str, Any]:
    data: dict[str, Any] = {"type": _type(writing)}
    for name in ("location", "button", "row", "quoted", "referral", "extra"):
        if value := getattr(writing, name):
            data[name] = value
    if writing.forwarded or writing.frequently_forwarded:
        data["forwarded"] = True
        data["frequently_forwarded"] = writing.frequently_forwarded
    word = writing.body.strip().lower()
    if customer.channel == "sms":
        for kind, known in (("STOP", _STOP), ("START", _START), ("HELP", _HELP)):
            if word in known:
                data["opt_out"] = kind
    return data


def parameters(simulator: Simulator, customer: Customer, message: Message) -> dict[str, str]:
    """The form fields of the webhook, nothing more and nothing less than Twilio sends."""
    files = simulator.ledger.media_of(message.sid)
    build = _whatsapp if customer.channel == "whatsapp" else _sms
    params = build(simulator, customer, message)
    for index, media in enumerate(files):
        params[f"MediaContentType{index}"] = media.content_type
        path = media_path(simulator.config.account_sid, media)
        params[f"MediaUrl{index}"] = f"{simulator.config.api_url}{path}"
    extra: dict[str, str] = message.data.get("extra", {})
    return params | extra


def _common(simulator: Simulator, message: Message) -> dict[str, str]:
    return {
        "SmsMessageSid": message.sid,
        "NumMedia": str(message.num_media),
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "Body": message.body,
        "To": message.to_address,
        "NumSegments": str(segments(message.body, message.channel)),
        "ReferralNumMedia": "0",
        "MessageSid": message.sid,
        "AccountSid": simulator.config.account_sid,
        "From": message.from_address,
        "ApiVersion": "2010-04-01",
    }


def _sms(simulator: Simulator, customer: Customer, message: Message) -> dict[str, str]:
    """SMS and MMS: places of both numbers (empty outside North America), no MessageType."""
    params = _common(simulator, message)
    for side, number in (("From", message.from_address), ("To", message.to_address)):
        params |= {
            f"{side}City": "",
            f"{side}State": "",
            f"{side}Zip": "",
            f"{side}Country": "ID" if re.match(r"\+62", number) else "US",
        }
    if kind := message.data.get("opt_out"):
        params["OptOutType"] = kind
    return params


def _whatsapp(simulator: Simulator, customer: Customer, message: Message) -> dict[str, str]:
    params = _common(simulator, message)
    context: dict[str, str] = {}
    if customer.name:
        params["ProfileName"] = context["ProfileName"] = customer.name
    if customer.number:
        params["WaId"] = context["WaId"] = customer.number.removeprefix("+")
    if customer.external_id:
        params["ExternalUserId"] = customer.external_id
    params["MessageType"] = message.data["type"]
    params["ChannelMetadata"] = json.dumps(
        {"type": "whatsapp", "data": {"context": context}},
        separators=(",", ":"),
        ensure_ascii=False,
    )
    data = message.data
    if data.get("forwarded") or data.get("quoted") or data.get("button") or data.get("row"):
        params["Forwarded"] = "true" if data.get("forwarded") else "false"
        frequently = "true" if data.get("frequently_forwarded") else "false"
        params["FrequentlyForwarded"] = frequently
    if quoted := data.get("quoted"):
        original = simulator.ledger.message(quoted)
        sender = original.from_address if original else message.to_address
        params["OriginalRepliedMessageSender"] = sender
        params["OriginalRepliedMessageSid"] = quoted
    if button := data.get("button"):
        params["ButtonText"] = button.get("text", "")
        params["ButtonPayload"] = button.get("payload", "")
    if row := data.get("row"):
        params["ListId"] = row.get("id", "")
        params["ListTitle"] = row.get("title", "")
        if row.get("description"):
            params["ListDescription"] = row["description"]
    if place := data.get("location"):
        params["Latitude"], params["Longitude"] = place["latitude"], place["longitude"]
        for key in ("Address", "Label"):
            if place.get(key.lower()):
                params[key] = place[key.lower()]
    for key, value in (data.get("referral") or {}).items():
        params[f"Referral{key}"] = value
    return params


def writing_from(fields: dict[str, Any], files: Sequence[File]) -> Writing:
    """A Writing out of JSON fields of the same names; unknown fields are ignored."""
    place = fields.get("location")
    return Writing(
        body=str(fields.get("body") or ""),
        files=tuple(files),
        location={key: str(value) for key, value in place.items()} if place else None,
        button=fields.get("button"),
        row=fields.get("row"),
        quoted=fields.get("quoted"),
        forwarded=bool(fields.get("forwarded")),
        frequently_forwarded=bool(fields.get("frequently_forwarded")),
        referral=fields.get("referral"),
        kind=fields.get("kind"),
        extra=dict(fields.get("extra") or {}),
    )
