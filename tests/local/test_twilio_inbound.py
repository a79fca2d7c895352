"""The webhooks of the simulator carry exactly the parameters that were captured from Twilio."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from console.local.twilio.signing import signature
from tests.local.twilio_world import SMS, WHATSAPP, Received, World, is_signed, simulated_world

SITI = "whatsapp:+6281234567801"
PLAIN = {
    "ExternalUserId",
    "SmsMessageSid",
    "NumMedia",
    "ProfileName",
    "MessageType",
    "SmsSid",
    "WaId",
    "SmsStatus",
    "Body",
    "To",
    "NumSegments",
    "ReferralNumMedia",
    "MessageSid",
    "AccountSid",
    "ChannelMetadata",
    "From",
    "ApiVersion",
}
REPLY = {
    "OriginalRepliedMessageSender",
    "OriginalRepliedMessageSid",
    "Forwarded",
    "FrequentlyForwarded",
}
FILE = {"MediaContentType0", "MediaUrl0"}
PLACES = {
    f"{side}{part}" for side in ("From", "To") for part in ("City", "State", "Zip", "Country")
}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with simulated_world() as running:
        yield running


def _written(world: World, **fields: Any) -> Received:
    """A customer writes; returns the webhook that came of it."""
    fields = {"from": SITI, "name": "Siti Rahmawati", **fields}
    answer = world.post("/sim/inbound", **fields)
    assert answer["answer"] == 200
    return world.receiver.webhooks(MessageSid=answer["sid"])[-1]


KINDS: dict[str, tuple[dict[str, Any], set[str], str]] = {
    "text": ({"body": "Halo"}, PLAIN, "text"),
    "image": ({"body": "resi", "media": [{"sample": "resi.jpg"}]}, PLAIN | FILE, "image"),
    "voice": ({"media": [{"sample": "suara.ogg"}]}, PLAIN | FILE, "audio"),
    "video": ({"media": [{"sample": "video.mp4"}]}, PLAIN | FILE, "video"),
    "document": ({"media": [{"sample": "faktur.pdf"}]}, PLAIN | FILE, "document"),
    "sticker": ({"media": [{"sample": "stiker.webp"}]}, PLAIN | FILE, "sticker"),
    "contact": ({"media": [{"sample": "kurir.vcf"}]}, PLAIN | FILE, "contacts"),
    "location": (
        {"location": {"latitude": "-6.2", "longitude": "106.8"}},
        PLAIN | {"Latitude", "Longitude"},
        "location",
    ),
    "place": (
        {"location": {"latitude": "-6.2", "longitude": "106.8", "label": "L", "address": "A"}},
        PLAIN | {"Latitude", "Longitude", "Label", "Address"},
        "location",
    ),
    "forwarded": (
        {"body": "promo", "forwarded": True},
        PLAIN | {"Forwarded", "FrequentlyForwarded"},
        "text",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_whatsapp_message_of_each_kind_has_its_own_keys(world: World, kind: str) -> None:
    fields, keys, message_type = KINDS[kind]
    call = _written(world, **fields)
    assert set(call.params) == keys
    assert call.params["MessageType"] == message_type
    assert call.params["To"] == WHATSAPP
    assert is_signed(call)
    assert call.headers["content-type"] == "application/x-www-form-urlencoded; charset=UTF-8"
    assert call.headers["i-twilio-idempotency-token"]


def test_a_button_answer_has_exactly_the_captured_keys(world: World) -> None:
    asked = world.create(SITI, content_sid="HX0000000000000000000000000000a005", body=None)
    button = {"text": "Belum", "payload": "arrived_no"}
    call = _written(world, button=button, quoted=asked)
    assert set(call.params) == PLAIN | REPLY | {"ButtonText", "ButtonPayload"}
    assert (call.params["Body"], call.params["ButtonPayload"]) == ("Belum", "arrived_no")
    assert call.params["OriginalRepliedMessageSender"] == WHATSAPP
    assert call.params["Forwarded"] == "false"


def test_a_quoted_reply_names_the_message_and_its_sender(world: World) -> None:
    own = _written(world, body="Pesanan #INV-2207").params["MessageSid"]
    call = _written(world, body="Yang ini", quoted=own)
    assert set(call.params) == PLAIN | REPLY
    assert call.params["OriginalRepliedMessageSid"] == own
    assert call.params["OriginalRepliedMessageSender"] == SITI


def test_a_list_answer_an_advertisement_and_unknown_keys_come_along(world: World) -> None:
    row = {"id": "jne", "title": "JNE", "description": "2-3 hari"}
    call = _written(world, row=row, extra={"BrandNewKey": "1"})
    assert {"ListId", "ListTitle", "ListDescription", "BrandNewKey"} <= set(call.params)
    advert = _written(world, body="Masih promo?", referral={"Headline": "Panci", "SourceId": "12"})
    assert advert.params["ReferralHeadline"] == "Panci"
    assert is_signed(advert)


def test_someone_with_only_a_username_has_no_number_anywhere(world: World) -> None:
    yusuf = "whatsapp:ID.4566546130240823"
    call = _written(world, **{"from": yusuf, "name": "Yusuf", "body": "Halo"})
    assert set(call.params) == PLAIN - {"WaId"}
    assert call.params["From"] == call.params["ExternalUserId"] == yusuf
    assert json.loads(call.params["ChannelMetadata"]) == {
        "type": "whatsapp",
        "data": {"context": {"ProfileName": "Yusuf"}},
    }
    world.ends(world.create(yusuf), "read")


def test_an_sms_has_places_and_no_whatsapp_keys(world: World) -> None:
    call = _written(world, **{"from": "+6285712340104", "body": "Halo"})
    whatsapp_only = {"ExternalUserId", "ProfileName", "MessageType", "WaId", "ChannelMetadata"}
    assert set(call.params) == (PLAIN - whatsapp_only) | PLACES
    assert (call.params["To"], call.params["FromCountry"]) == (SMS, "ID")


def test_an_address_that_customers_wrote_to_can_answer(world: World) -> None:
    second = "whatsapp:+622150003333"
    assert world.refusal(SITI, from_=second).code == 63007
    assert _written(world, body="Halo cabang", to=second).params["To"] == second
    assert world.create(SITI, from_=second)


def test_stop_by_sms_opts_out_until_start(world: World) -> None:
    number = "+6285712340199"
    assert _written(world, **{"from": number, "body": "Stop"}).params["OptOutType"] == "STOP"
    assert world.refusal(number).code == 21610
    assert _written(world, **{"from": number, "body": "START"}).params["OptOutType"] == "START"
    assert world.create(number)


def test_a_second_delivery_is_the_same_request_with_the_same_token(world: World) -> None:
    first = _written(world, body="Dua kali")
    sid = first.params["MessageSid"]
    world.post(f"/sim/inbound/{sid}/deliver")
    one, two = world.receiver.webhooks(MessageSid=sid)
    assert one.params == two.params
    token = "i-twilio-idempotency-token"
    assert one.headers[token] == two.headers[token]


def test_a_webhook_never_called_is_still_in_twilios_list(world: World) -> None:
    customer = "whatsapp:+6281300000021"
    fields = {"from": customer, "body": "Tidak pernah sampai", "deliver": False}
    sid = world.post("/sim/inbound", **fields)["sid"]
    assert not world.receiver.webhooks(MessageSid=sid)
    (listed,) = world.client.messages.list(from_=customer)
    assert (listed.sid, listed.status, listed.body) == (sid, "received", "Tidak pernah sampai")


def test_a_connection_refused_is_tried_twice_and_an_error_answer_once(world: World) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}/webhook"
    refused = world.post("/sim/inbound", **{"from": SITI, "body": "x", "webhook_url": nobody})
    assert refused["answer"] is None
    (entry,) = world.get("/sim/webhooks", sid=refused["sid"])["webhooks"]
    assert entry["attempts"] == 2
    world.receiver.status = 503
    try:
        failed = world.post("/sim/inbound", **{"from": SITI, "body": "y"})
    finally:
        world.receiver.status = 200
    assert failed["answer"] == 503
    (entry,) = world.get("/sim/webhooks", sid=failed["sid"])["webhooks"]
    assert entry["attempts"] == 1


def test_the_typing_indicator_marks_the_customers_message_as_seen(world: World) -> None:
    sid = _written(world, body="Ada orang?").params["MessageSid"]
    world.client.messaging.v2.typing_indicator.create(channel="whatsapp", message_id=sid)
    assert world.get("/sim/typing", sid=sid)["count"] >= 1
    thread = world.get("/phone/api/thread", address=SITI)["messages"]
    assert next(one for one in thread if one["sid"] == sid)["status"] == "read"


def test_the_published_vector_is_signed_as_published() -> None:
    params = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature("12345", url, params) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
