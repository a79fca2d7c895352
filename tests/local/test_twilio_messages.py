"""The simulator's REST API as the unmodified Twilio client finds it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]

from console.local.twilio.ledger import Ledger
from console.local.twilio.records import Message, new_sid
from tests.local.twilio_world import (
    ACCOUNT,
    SMS,
    WHATSAPP,
    Receiver,
    World,
    client_for,
    is_signed,
    simulated_world,
    start,
    stop,
)
from tests.waiting import wait_until

SITI = "whatsapp:+6281234567801"
AGUS = "+6285712340104"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with simulated_world() as running:
        yield running


def test_a_reply_is_sent_delivered_and_read_and_every_step_is_called_back(world: World) -> None:
    callback = f"{world.receiver.url}/status?attempt=7f0c&x=a%20b"
    message = world.client.messages.create(
        to=SITI, from_=WHATSAPP, body="Baik Bu Siti", status_callback=callback
    )
    assert (message.status, message.direction) == ("queued", "outbound-api")
    assert message.sid is not None
    sid = message.sid
    wait_until(lambda: world.receiver.statuses(sid) == ["sent", "delivered", "read"])
    calls = [one for one in world.receiver.received if one.params.get("MessageSid") == sid]
    assert all(one.url == callback and is_signed(one) for one in calls)
    assert {
        "MessageSid",
        "SmsSid",
        "MessageStatus",
        "SmsStatus",
        "To",
        "From",
        "AccountSid",
        "ApiVersion",
    } <= set(calls[0].params)
    content_type = calls[0].headers["content-type"]
    assert content_type == "application/x-www-form-urlencoded; charset=UTF-8"
    assert calls[1].params["EventType"] == "DELIVERED"
    fetched = world.client.messages(sid).fetch()
    assert fetched.status == "read"
    assert fetched.date_sent is not None


def test_an_sms_is_delivered_and_never_read(world: World) -> None:
    sid = world.create(AGUS)
    wait_until(lambda: world.receiver.statuses(sid) == ["sent", "delivered"])
    again = world.create(AGUS)
    wait_until(lambda: world.receiver.statuses(again) == ["sent", "delivered"])
    assert world.status_of(sid) == ("delivered", None)


def test_every_create_is_in_the_ledger_with_its_fields_and_who_asked(world: World) -> None:
    sid = world.create(SITI, body="Satu kali saja", validity_period=120)
    (entry,) = world.get("/sim/creates", sid=sid)["creates"]
    assert entry["form"] == {
        "To": [SITI],
        "From": [WHATSAPP],
        "Body": ["Satu kali saja"],
        "ValidityPeriod": ["120"],
    }
    assert (entry["status"], entry["user"]) == (201, ACCOUNT)
    assert "twilio-python" in entry["headers"]["user-agent"]


def test_messages_are_listed_newest_first_a_page_at_a_time(world: World) -> None:
    to = "whatsapp:+6281300000011"
    sids = [world.create(to, body=str(number)) for number in range(7)]
    assert [one.sid for one in world.client.messages.list(to=to, page_size=3)] == sids[::-1]
    assert [one.sid for one in world.client.messages.list(to=to, limit=2)] == sids[:-3:-1]


def test_the_list_is_filtered_by_sender_and_by_day(world: World) -> None:
    customer = "whatsapp:+6281300000012"
    inbound = world.post("/sim/inbound", **{"from": customer, "body": "halo"})["sid"]
    outbound = world.create(customer)
    today = datetime.now(UTC)
    listed = world.client.messages.list(from_=customer)
    assert [one.sid for one in listed] == [inbound]
    assert listed[0].direction == "inbound"
    assert {
        one.sid
        for one in world.client.messages.list(
            to=customer, date_sent_after=today - timedelta(hours=1)
        )
    } == {outbound}
    assert not world.client.messages.list(to=customer, date_sent_before=today - timedelta(days=1))


def test_a_message_is_redacted_and_deleted(world: World) -> None:
    sid = world.create(SITI, body="rahasia")
    assert world.client.messages(sid).update(body="").body == ""
    assert world.client.messages(sid).delete()
    with pytest.raises(TwilioRestException) as gone:
        world.client.messages(sid).fetch()
    assert (gone.value.status, gone.value.code) == (404, 20404)


def test_a_scheduled_message_waits_and_can_be_taken_back(world: World) -> None:
    sid = world.create(
        SITI,
        messaging_service_sid="MG" + "a" * 32,
        schedule_type="fixed",
        send_at=datetime.now(UTC) + timedelta(hours=1),
    )
    assert world.status_of(sid) == ("scheduled", None)
    assert world.client.messages(sid).update(status="canceled").status == "canceled"
    wait_until(lambda: world.receiver.statuses(sid) == ["canceled"])


REFUSED: dict[str, tuple[int, dict[str, Any]]] = {
    "no_such_number": (21211, {"to": "whatsapp:+62"}),
    "no_sender": (21603, {"from_": ""}),
    "foreign_whatsapp_sender": (63007, {"from_": "whatsapp:+14155238886"}),
    "foreign_sms_sender": (21606, {"to": AGUS, "from_": "+14155238886"}),
    "mixed_channels": (21910, {"to": AGUS}),
    "empty": (21602, {"body": ""}),
    "too_long": (21617, {"body": "x" * 1601}),
    "two_files_on_whatsapp": (21623, {"media_url": ["http://a.test/1", "http://a.test/2"]}),
    "eleven_files_on_sms": (
        21623,
        {"to": AGUS, "from_": SMS, "media_url": [f"http://a.test/{n}" for n in range(11)]},
    ),
    "bad_media_url": (21620, {"media_url": ["ftp://a.test/1"]}),
    "underscore_in_callback_host": (21609, {"status_callback": "http://my_host.test/"}),
    "unknown_template": (21655, {"content_sid": "HX" + "9" * 32}),
    "bad_variables": (
        21656,
        {"content_sid": "HX0000000000000000000000000000a001", "content_variables": "[1]"},
    ),
    "too_long_valid": (36001, {"validity_period": 36001}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_create_against_the_rules_is_refused_with_twilios_code(world: World, name: str) -> None:
    code, fields = REFUSED[name]
    more = {"from_": WHATSAPP, **fields}
    error = world.refusal(str(more.pop("to", SITI)), **more)
    assert (error.status, error.code) == (400, code)
    assert error.uri


def test_exactly_1600_characters_are_taken(world: World) -> None:
    assert world.create(SITI, body="🙏" * 1600)


def test_a_wrong_key_is_refused_and_an_api_key_is_taken(world: World) -> None:
    stranger = client_for(world.api_url, ACCOUNT, "wrong")
    friend = client_for(world.api_url, "SK" + "7" * 32, "hush")
    try:
        with pytest.raises(TwilioRestException) as refused:
            stranger.messages.create(to=SITI, from_=WHATSAPP, body="x")
        assert (refused.value.status, refused.value.code) == (401, 20003)
        assert friend.messages.create(to=SITI, from_=WHATSAPP, body="y").status == "queued"
    finally:
        for client in (stranger, friend):
            client.http_client.session.close()


def test_free_text_fails_when_the_customer_wrote_more_than_a_day_ago(world: World) -> None:
    silent = "whatsapp:+6281300000013"
    then = datetime.now(UTC) - timedelta(hours=25)
    world.post("/sim/customers", address=silent, last_inbound=then.isoformat())
    failed = world.create(silent, body="Masih di sana?")
    world.ends(failed, "failed", 63016)
    wait_until(lambda: world.receiver.statuses(failed) == ["failed"])
    template = world.create(
        silent,
        body=None,
        content_sid="HX0000000000000000000000000000a001",
        content_variables='{"1": "Bu Rini", "2": "#INV-9"}',
    )
    world.ends(template, "read")
    text = world.client.messages(template).fetch().body
    assert text == "Halo Bu Rini, pesanan #INV-9 sudah dikirim. Ada yang bisa kami bantu?"
    world.post("/sim/inbound", **{"from": silent, "body": "Ya, saya di sini"})
    world.ends(world.create(silent), "read")


def test_templates_are_listed_with_their_approval(world: World) -> None:
    states = {
        one.friendly_name: (one.approval_requests or {})["status"]
        for one in world.client.content.v1.content_and_approvals.list()
    }
    assert states["tindak_lanjut_pesanan"] == "approved"
    assert states["promo_akhir_tahun"] == "pending"
    fetched = world.client.content.v1.contents("HX0000000000000000000000000000a005").fetch()
    assert "twilio/quick-reply" in (fetched.types or {})
    approval = world.client.content.v1.contents(str(fetched.sid)).approval_fetch().fetch()
    assert (approval.whatsapp or {})["status"] == "approved"


def test_a_set_up_check_finds_the_account_and_its_senders(world: World) -> None:
    assert world.client.api.accounts(ACCOUNT).fetch().status == "active"
    (number,) = world.client.incoming_phone_numbers.list()
    assert (number.phone_number, number.sms_url) == (SMS, f"{world.receiver.url}/webhook")
    assert len(world.client.messaging.v1.services.list()) == 1


def test_a_killed_simulator_remembers_and_goes_on(tmp_path: Path) -> None:
    receiver = Receiver()
    process: subprocess.Popen[str] | None = None
    try:
        process, ready = start(receiver, "--data", str(tmp_path), "--speed", "0.05")
        client = client_for(ready["api_url"])
        sid = client.messages.create(to=SITI, from_=WHATSAPP, body="Tahan banting").sid
        assert sid is not None
        process.kill()
        stop(process)
        assert receiver.statuses(sid) == []
        process, ready = start(receiver, "--data", str(tmp_path))
        client.api.base_url = ready["api_url"]
        assert client.messages(sid).fetch().body == "Tahan banting"
        wait_until(lambda: receiver.statuses(sid) == ["sent", "delivered", "read"])
        client.http_client.session.close()
    finally:
        if process is not None:
            stop(process)
        receiver.close()


def test_twenty_thousand_messages_are_listed_as_quickly_as_ten(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    for number in range(20_000):
        ledger.add_message(
            Message(
                sid=new_sid("SM"),
                direction="outbound-api",
                from_address=WHATSAPP,
                to_address=f"whatsapp:+62813{number % 200:08d}",
                body="x",
                status="read",
                created=float(number),
            )
        )
    begun = perf_counter()
    for _ in range(20):
        page = ledger.messages(to="whatsapp:+6281300000007", limit=51)
        assert len(page) == 51
        assert len(ledger.messages(limit=51, before_seq=10_000)) == 51
    assert (perf_counter() - begun) / 20 < 0.05
    ledger.close()
