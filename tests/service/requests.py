"""Requests exactly as Twilio sends them: captured key sets, form-encoded, signed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from console.service.signature import fields_of, sign

TOKEN = "0123456789abcdef0123456789abcdef"
ACCOUNT = "AC" + "1" * 32
PUBLIC_URL = "https://balas.example.com"
FORM = "application/x-www-form-urlencoded"

CUSTOMER = "whatsapp:+6281234567890"
INBOX = "whatsapp:+628001234567"
SMS_CUSTOMER = "+6281298765432"
SMS_INBOX = "+14155550100"


def new_sid(kind: str = "SM") -> str:
    return kind + uuid.uuid4().hex


def whatsapp(**changes: str | None) -> dict[str, str]:
    """A text message on WhatsApp with the keys of a captured request; None takes one away."""
    sid = changes.get("MessageSid") or new_sid()
    request: dict[str, str | None] = {
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ProfileName": "Siti Rahma",
        "MessageType": "text",
        "SmsSid": sid,
        "WaId": "6281234567890",
        "SmsStatus": "received",
        "Body": "Halo, apakah pesanan saya sudah dikirim? 🙏",
        "To": INBOX,
        "NumSegments": "1",
        "ReferralNumMedia": "0",
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "ChannelMetadata": '{"type":"whatsapp","data":{"context":'
        '{"ProfileName":"Siti Rahma","WaId":"6281234567890"}}}',
        "From": CUSTOMER,
        "ApiVersion": "2010-04-01",
    }
    request.update(changes)
    return {key: value for key, value in request.items() if value is not None}


def button_answer() -> dict[str, str]:
    """The captured answer to a button, with exactly its keys."""
    return whatsapp(
        OriginalRepliedMessageSender=INBOX,
        ExternalUserId="whatsapp:ID.4566546130240823",
        FrequentlyForwarded="false",
        MessageType="button",
        Body="Ya, kirim ulang",
        Forwarded="false",
        ButtonText="Ya, kirim ulang",
        ButtonPayload="resend_yes",
        OriginalRepliedMessageSid=new_sid(),
    )


CAPTURED_BUTTON_KEYS = frozenset(
    [
        "OriginalRepliedMessageSender",
        "ExternalUserId",
        "SmsMessageSid",
        "FrequentlyForwarded",
        "NumMedia",
        "ProfileName",
        "MessageType",
        "SmsSid",
        "WaId",
        "SmsStatus",
        "Body",
        "Forwarded",
        "ButtonText",
        "To",
        "ButtonPayload",
        "NumSegments",
        "ReferralNumMedia",
        "MessageSid",
        "AccountSid",
        "OriginalRepliedMessageSid",
        "ChannelMetadata",
        "From",
        "ApiVersion",
    ]
)


def sms(**changes: str | None) -> dict[str, str]:
    """A text message by SMS."""
    sid = changes.get("MessageSid") or new_sid()
    request: dict[str, str | None] = {
        "ToCountry": "US",
        "ToState": "CA",
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ToCity": "SAN FRANCISCO",
        "FromZip": "",
        "SmsSid": sid,
        "FromState": "",
        "SmsStatus": "received",
        "FromCity": "",
        "Body": "Is my order on its way?",
        "FromCountry": "ID",
        "To": SMS_INBOX,
        "ToZip": "94105",
        "NumSegments": "1",
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": SMS_CUSTOMER,
        "ApiVersion": "2010-04-01",
    }
    request.update(changes)
    return {key: value for key, value in request.items() if value is not None}


def media(*types: str) -> dict[str, str]:
    """The parameters of files of these types."""
    parameters = {"NumMedia": str(len(types)), "Body": "", "MessageType": "image"}
    for index, content_type in enumerate(types):
        parameters[f"MediaContentType{index}"] = content_type
        parameters[f"MediaUrl{index}"] = (
            f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME{index}"
        )
    return parameters


def encoded(parameters: Mapping[str, str] | Sequence[tuple[str, str]]) -> bytes:
    return urlencode(parameters).encode()


def signed(path: str, body: bytes, *, base: str = PUBLIC_URL) -> dict[str, str]:
    """The headers that Twilio would send with this body."""
    return {
        "content-type": FORM,
        "user-agent": "TwilioProxy/1.1",
        "x-twilio-signature": sign(TOKEN, base + path, fields_of(body)),
    }
