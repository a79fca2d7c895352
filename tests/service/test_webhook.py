"""Inbound messages: what a signed request becomes, and that nothing is lost or doubled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.service.conftest import Rows, Twilio
from tests.service.requests import (
    CAPTURED_BUTTON_KEYS,
    CUSTOMER,
    INBOX,
    SMS_CUSTOMER,
    SMS_INBOX,
    button_answer,
    encoded,
    media,
    new_sid,
    sms,
    whatsapp,
)

_MESSAGE = "select * from public.messages where direction = 'inbound'"


async def test_a_text_becomes_a_message_of_a_new_contact_in_the_configured_inbox(
    twilio: Twilio, rows: Rows, an_inbox: Callable[[str], Any]
) -> None:
    inbox = an_inbox(INBOX)
    request = whatsapp()
    await twilio.delivers(request)

    message = rows.one(_MESSAGE)
    assert message["message_sid"] == request["MessageSid"]
    assert message["content"] == "Halo, apakah pesanan saya sudah dikirim? 🙏"
    assert message["message_type"] == "text"
    assert (message["from_number"], message["to_number"]) == (CUSTOMER, INBOX)
    assert message["status"] == "received"
    assert message["metadata"]["kind"] == "text"
    assert message["metadata"]["raw"] == request
    assert message["media"] == []
    thread = rows.one("select * from public.conversations")
    assert thread["id"] == message["conversation_id"]
    assert (thread["inbox_id"], thread["status"]) == (inbox, "open")
    moments = {thread["last_message_at"], thread["last_inbound_at"], thread["waiting_since"]}
    assert moments == {message["timestamp"]}
    contact = rows.one("select * from public.contacts")
    assert (contact["name"], contact["phone"]) == ("Siti Rahma", "+6281234567890")
    kept = rows.one("select * from private.webhook_requests")
    assert bytes(kept["body"]) == encoded(request)
    assert (kept["message_id"], kept["flagged"]) == (message["id"], None)
    assert kept["parameters"] == request
    assert "x-twilio-signature" not in kept["headers"]


async def test_a_captured_button_answer_is_understood(twilio: Twilio, rows: Rows) -> None:
    request = button_answer()
    assert set(request) == CAPTURED_BUTTON_KEYS
    await twilio.delivers(request)

    message = rows.one(_MESSAGE)
    assert message["metadata"]["kind"] == "button"
    assert message["metadata"]["button"] == {"text": "Ya, kirim ulang", "payload": "resend_yes"}
    assert message["metadata"]["quoted"]["sid"] == request["OriginalRepliedMessageSid"]
    assert "forwarded" not in message["metadata"]
    assert message["reply_to"] is None
    addresses = rows.all("select address from public.contact_addresses order by address")
    assert [row["address"] for row in addresses] == [CUSTOMER, "whatsapp:ID.4566546130240823"]
    assert rows.one("select flagged from private.webhook_requests")["flagged"] is None


async def test_a_list_answer_is_understood(twilio: Twilio, rows: Rows) -> None:
    await twilio.delivers(
        whatsapp(
            MessageType="interactive",
            Body="Ambil di toko",
            ListId="pickup",
            ListTitle="Ambil di toko",
            ListDescription="Jl. Sudirman 12",
        )
    )
    metadata = rows.one(_MESSAGE)["metadata"]
    assert metadata["kind"] == "list"
    assert metadata["list"] == {
        "id": "pickup",
        "title": "Ambil di toko",
        "description": "Jl. Sudirman 12",
    }


async def test_a_location_has_degrees_and_no_text(twilio: Twilio, rows: Rows) -> None:
    await twilio.delivers(
        whatsapp(
            MessageType="location",
            Body="",
            Latitude="-6.2088",
            Longitude="106.8456",
            Label="Rumah",
            Address="Jl. Sudirman 12",
        )
    )
    message = rows.one(_MESSAGE)
    assert (message["message_type"], message["content"]) == ("text", "")
    assert message["metadata"]["location"] == {
        "latitude": -6.2088,
        "longitude": 106.8456,
        "label": "Rumah",
        "address": "Jl. Sudirman 12",
    }
    assert message["metadata"]["kind"] == "location"


@pytest.mark.parametrize(
    ("content_type", "kind", "message_type"),
    [
        ("image/jpeg", "image", "image"),
        ("video/mp4", "video", "video"),
        ("audio/ogg", "audio", "audio"),
        ("application/pdf", "document", "document"),
        ("image/webp", "sticker", "image"),
        ("text/vcard", "contact_card", "document"),
    ],
)
async def test_a_file_gives_the_message_its_kind(
    twilio: Twilio, rows: Rows, content_type: str, kind: str, message_type: str
) -> None:
    await twilio.delivers(whatsapp(**media(content_type)))
    message = rows.one(_MESSAGE)
    assert message["metadata"]["kind"] == kind
    assert message["message_type"] == message_type
    assert message["media_content_type"] == content_type
    assert message["media_url"].endswith("/ME0")
    job = rows.one("select * from jobs.procrastinate_jobs where task_name = 'copy_media'")
    assert job["args"] == {"message_id": str(message["id"])}


@pytest.mark.parametrize("count", [0, 1, 10])
async def test_all_files_are_kept_in_their_order(twilio: Twilio, rows: Rows, count: int) -> None:
    await twilio.delivers(sms(**media(*["image/png"] * count)))
    message = rows.one(_MESSAGE)
    assert [item["url"].rpartition("/")[2] for item in message["media"]] == [
        f"ME{index}" for index in range(count)
    ]
    assert {item["state"] for item in message["media"]} <= {"pending"}
    assert (message["media_url"] is None) == (count == 0)


async def test_a_quoted_reply_points_to_the_message_it_answers(twilio: Twilio, rows: Rows) -> None:
    first = whatsapp()
    await twilio.delivers(first)
    await twilio.delivers(
        whatsapp(
            Body="Ini maksud saya",
            OriginalRepliedMessageSid=first["MessageSid"],
            OriginalRepliedMessageSender=CUSTOMER,
        )
    )
    quoted, reply = rows.all(_MESSAGE + ' order by "timestamp"')
    assert reply["reply_to"] == quoted["id"]


async def test_forwarded_and_referral_marks_are_kept(twilio: Twilio, rows: Rows) -> None:
    await twilio.delivers(
        whatsapp(
            Forwarded="true",
            FrequentlyForwarded="true",
            ReferralHeadline="Promo Lebaran",
            ReferralBody="Diskon 20%",
            ReferralSourceUrl="https://fb.example/ad",
            ReferralCtwaClid="clid",
        )
    )
    metadata = rows.one(_MESSAGE)["metadata"]
    assert metadata["forwarded"] is True
    assert metadata["frequently_forwarded"] is True
    assert metadata["referral"]["headline"] == "Promo Lebaran"
    assert metadata["referral"]["ctwa_clid"] == "clid"


async def test_unknown_parameters_and_types_are_kept(twilio: Twilio, rows: Rows) -> None:
    await twilio.delivers(whatsapp(MessageType="hologram", Body="", NewThing="seven"))
    metadata = rows.one(_MESSAGE)["metadata"]
    assert metadata["kind"] == "unsupported"
    assert metadata["raw"]["NewThing"] == "seven"


async def test_a_person_without_a_phone_number_is_known_by_their_id(
    twilio: Twilio, rows: Rows
) -> None:
    hidden = {
        "From": "whatsapp:ID.4566546130240823",
        "WaId": None,
        "ChannelMetadata": None,
        "ExternalUserId": "whatsapp:ID.4566546130240823",
    }
    await twilio.delivers(whatsapp(**hidden))
    await twilio.delivers(whatsapp(**hidden))
    contact = rows.one("select * from public.contacts")
    assert (contact["name"], contact["phone"]) == ("Siti Rahma", None)
    assert len(rows.all(_MESSAGE)) == 2
    rows.one("select * from public.conversations")


async def test_who_shows_their_number_later_is_the_same_person(twilio: Twilio, rows: Rows) -> None:
    identity = "whatsapp:ID.4566546130240823"
    await twilio.delivers(
        whatsapp(From=identity, ExternalUserId=identity, WaId=None, ChannelMetadata=None)
    )
    await twilio.delivers(whatsapp(ExternalUserId=identity))
    assert rows.one("select phone from public.contacts")["phone"] == "+6281234567890"
    rows.one("select * from public.conversations")


async def test_the_name_that_an_agent_gave_stays(twilio: Twilio, rows: Rows) -> None:
    await twilio.delivers(whatsapp(ProfileName=None, ChannelMetadata=None))
    assert rows.one("select name from public.contacts")["name"] is None
    await twilio.delivers(whatsapp())
    assert rows.one("select name from public.contacts")["name"] == "Siti Rahma"
    rows.do("update public.contacts set name = 'Bu Siti'")
    await twilio.delivers(whatsapp(ProfileName="siti 🌸"))
    assert rows.one("select name from public.contacts")["name"] == "Bu Siti"


async def test_an_address_that_nobody_configured_gets_a_flagged_inbox(
    twilio: Twilio, rows: Rows
) -> None:
    await twilio.delivers(sms(To="+14155550199"))
    await twilio.delivers(sms(To="+14155550199", From="+6281111111111"))
    inbox = rows.one("select * from public.inboxes")
    assert (inbox["address"], inbox["channel"], inbox["flagged"]) == ("+14155550199", "sms", True)
    assert len(rows.all(_MESSAGE)) == 2


async def test_sms_and_whatsapp_of_one_number_are_two_threads(twilio: Twilio, rows: Rows) -> None:
    await twilio.delivers(sms(From=CUSTOMER.removeprefix("whatsapp:")))
    await twilio.delivers(whatsapp())
    assert len(rows.all("select * from public.conversations")) == 2


async def test_a_customer_who_writes_again_reopens_the_conversation(
    twilio: Twilio, rows: Rows
) -> None:
    await twilio.delivers(whatsapp())
    for status in ("resolved", "snoozed"):
        rows.do(
            "update public.conversations set status = %s, snoozed_until = now(),"
            " waiting_since = null",
            status,
        )
        await twilio.delivers(whatsapp())
        thread = rows.one("select * from public.conversations")
        assert (thread["status"], thread["snoozed_until"]) == ("open", None)
        assert thread["waiting_since"] == thread["last_inbound_at"]
    events = rows.all("select data ->> 'was' as was from public.events order by created_at")
    assert [event["was"] for event in events] == ["resolved", "snoozed"]


async def test_stop_and_start_are_remembered_with_the_address(twilio: Twilio, rows: Rows) -> None:
    opted_out = "select opted_out_at from public.contact_addresses"
    await twilio.delivers(sms(Body="STOP", OptOutType="STOP"))
    assert rows.value(opted_out) is not None
    await twilio.delivers(sms(Body="HELP", OptOutType="HELP"))
    assert rows.value(opted_out) is not None
    await twilio.delivers(sms(Body="START", OptOutType="START"))
    assert rows.value(opted_out) is None


async def test_the_same_request_six_times_at_once_is_one_message(
    twilio: Twilio, rows: Rows
) -> None:
    request = whatsapp(**media("image/jpeg"))
    answers = await asyncio.gather(*(twilio.post("/webhook", request) for _ in range(6)))
    assert [answer.status_code for answer in answers] == [200] * 6
    rows.one(_MESSAGE)
    rows.one("select * from private.webhook_requests")
    rows.one("select * from jobs.procrastinate_jobs")
    before = rows.one("select count(*) as changes from private.changes")
    await twilio.delivers(request)
    assert rows.one("select count(*) as changes from private.changes") == before


async def test_an_album_of_parallel_requests_is_one_thread_in_strict_order(
    twilio: Twilio, rows: Rows
) -> None:
    requests = [whatsapp(**media("image/jpeg")) for _ in range(10)]
    await asyncio.gather(*(twilio.delivers(request) for request in requests))
    rows.one("select * from public.contacts")
    rows.one("select * from public.conversations")
    moments = [row["timestamp"] for row in rows.all(_MESSAGE)]
    assert len(set(moments)) == 10


async def test_one_person_in_two_guises_at_once_does_not_deadlock(
    twilio: Twilio, rows: Rows
) -> None:
    identity = "whatsapp:ID.4566546130240823"
    requests = [
        whatsapp(ExternalUserId=identity),
        whatsapp(From=identity, ExternalUserId=CUSTOMER),
    ] * 4
    await asyncio.gather(
        *(twilio.delivers({**request, "MessageSid": new_sid()}) for request in requests)
    )
    rows.one("select * from public.contacts")
    assert len(rows.all(_MESSAGE)) == 8


async def test_an_sms_short_code_is_an_address_without_a_phone(twilio: Twilio, rows: Rows) -> None:
    await twilio.delivers(sms(From="TOKOPEDIA"))
    assert rows.one("select phone from public.contacts")["phone"] is None


async def test_the_whole_history_of_a_number_is_in_the_view(twilio: Twilio, rows: Rows) -> None:
    await twilio.delivers(sms())
    entry = rows.one("select * from public.chat_history where from_number = %s", SMS_CUSTOMER)
    assert (entry["to_number"], entry["direction"]) == (SMS_INBOX, "inbound")
