"""What stands in the simulator's console decides who is called, how often, and can be changed."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]
from twilio.rest.messaging.v2.channels_sender import (  # type: ignore[import-untyped]
    ChannelsSenderList,
)

from console.local.twilio.signing import Overrides
from tests.local.twilio_world import SMS, WHATSAPP, World, simulated_world

SITI = "whatsapp:+628123000001"
BUDI = "+628123000002"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with simulated_world() as made:
        yield made


@pytest.fixture(autouse=True)
def as_it_was(world: World) -> Iterator[None]:
    before = world.get("/sim/state")["senders"]
    yield
    world.post("/sim/senders", **before)
    world.post("/sim/settings", clock_offset=0)
    world.receiver.status = 200


def webhook_of(url: str) -> Any:
    return ChannelsSenderList.MessagingV2ChannelsSenderRequestsUpdate(
        {"webhook": {"callback_url": url, "callback_method": "POST"}}
    )


def test_each_sender_brings_its_messages_where_it_is_told(world: World) -> None:
    (sender,) = world.client.messaging.v2.channels_senders.list(channel="whatsapp")
    assert (sender.sender_id, sender.status) == (WHATSAPP, "ONLINE")
    # Plain JSON, because the SDK sends null for whatever is not said.
    world.sim.post(
        f"/v2/Channels/Senders/{sender.sid}",
        json={"webhook": {"callback_url": f"{world.receiver.url}/webhook?by=sender"}},
        auth=(world.client.username, world.client.password),
    )
    (number,) = world.client.incoming_phone_numbers.list()
    number.update(sms_url=f"{world.receiver.url}/webhook?by=number")
    for customer in (SITI, BUDI):
        world.post("/sim/inbound", **{"from": customer, "body": "Halo"})
    urls = {call.params["From"]: call.url for call in world.receiver.webhooks()}
    assert urls[SITI].endswith("?by=sender")
    assert urls[BUDI].endswith("?by=number")
    fetched = world.client.messaging.v2.channels_senders(sender.sid).fetch()
    assert fetched.webhook["status_callback_url"].endswith("/status")


def test_a_messaging_service_can_take_over_from_its_senders_or_swallow_everything(
    world: World,
) -> None:
    (service,) = world.client.messaging.v1.services.list()
    held = [one.sender for one in service.channel_senders.list()]
    assert (held, [one.phone_number for one in service.phone_numbers.list()]) == ([WHATSAPP], [SMS])
    url = f"{world.receiver.url}/webhook?by=service"
    service.update(inbound_request_url=url, use_inbound_webhook_on_number=False)
    world.post("/sim/inbound", **{"from": SITI, "body": "Lewat layanan"})
    assert world.receiver.webhooks(Body="Lewat layanan")[0].url == url
    service.update(inbound_request_url="")
    swallowed = world.post("/sim/inbound", **{"from": SITI, "body": "Hilang"})
    assert swallowed["answer"] is None
    assert not world.receiver.webhooks(Body="Hilang")


def test_what_is_no_url_is_refused(world: World) -> None:
    (number,) = world.client.incoming_phone_numbers.list()
    with pytest.raises(TwilioRestException, match="not a valid URL"):
        number.update(sms_url="balas.example.com")
    (sender,) = world.client.messaging.v2.channels_senders.list(channel="whatsapp")
    with pytest.raises(TwilioRestException):
        sender.update(webhook_of("balas.example.com"))


@pytest.mark.parametrize(
    ("fragment", "tries"),
    [("", 1), ("#rc=3", 1), ("#rc=3&rp=5xx", 4), ("#rc=5&rp=all&ct=2000&rt=4000&e=singapore", 6)],
)
def test_what_stands_after_the_hash_says_how_often_twilio_tries(
    world: World, fragment: str, tries: int
) -> None:
    (number,) = world.client.incoming_phone_numbers.list()
    number.update(sms_url=f"{world.receiver.url}/webhook{fragment}")
    world.receiver.status = 503
    body = f"Coba{fragment}"
    assert world.post("/sim/inbound", **{"from": BUDI, "body": body})["answer"] == 503
    calls = world.receiver.webhooks(Body=body)
    assert len(calls) == tries
    assert len({call.headers["i-twilio-idempotency-token"] for call in calls}) == 1


def test_times_stay_within_what_twilio_allows() -> None:
    told = Overrides.of("https://a.example/#rc=99&ct=1&rt=999999&rp=ct,4xx")
    assert (told.retries, told.connect, told.read) == (5, 0.1, 15.0)
    assert told.policy == {"ct", "4xx"}
    assert Overrides.of("https://a.example/") == Overrides()


def test_answers_carry_the_simulators_own_time(world: World) -> None:
    world.post("/sim/settings", clock_offset=3600)
    answer = world.sim.get("/sim/state")
    assert len(answer.headers.get_list("date")) == 1
    ahead = parsedate_to_datetime(answer.headers["date"]).timestamp()
    world.post("/sim/settings", clock_offset=0)
    now = parsedate_to_datetime(world.sim.get("/sim/state").headers["date"]).timestamp()
    assert 3590 <= ahead - now <= 3610
