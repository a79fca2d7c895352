"""Each fault number makes the simulator misbehave in its own way, on both channels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

import httpx
import phonenumbers
import pytest

from console.local.twilio.faults import FAULT_NUMBERS, FAULTS
from tests.local.twilio_world import ACCOUNT, TOKEN, WHATSAPP, World, simulated_world
from tests.waiting import wait_until

CREATE = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with simulated_world() as running:
        yield running


def _post(world: World, fault: str, *, seconds: float = 10.0) -> httpx.Response:
    """One raw create to a fault's number; the client must not be in the way of what comes back."""
    fields = {"To": f"whatsapp:{FAULT_NUMBERS[fault]}", "From": WHATSAPP, "Body": fault}
    with httpx.Client(base_url=world.api_url, auth=(ACCOUNT, TOKEN), trust_env=False) as client:
        return client.post(CREATE, data=fields, timeout=seconds)


def _sid(world: World, fault: str) -> str:
    """The message that the simulator made of the last create to a fault's number."""
    entries = world.get("/sim/creates", to=f"whatsapp:{FAULT_NUMBERS[fault]}")["creates"]
    assert entries[-1]["fault"] == fault
    assert entries[-1]["sid"]
    return str(entries[-1]["sid"])


def test_every_fault_number_is_a_phone_number_of_its_own() -> None:
    assert len(set(FAULT_NUMBERS.values())) == len(FAULTS)
    for number in FAULT_NUMBERS.values():
        assert phonenumbers.is_valid_number(phonenumbers.parse(number)), number


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("invalid", 400, 21211),
        ("opted_out", 400, 21610),
        ("region_off", 400, 21408),
        ("auth_refused", 401, 20003),
        ("server_error_500", 500, 20500),
        ("server_error_503", 503, 20503),
    ],
)
@pytest.mark.parametrize("prefix", ["whatsapp:", ""])
def test_a_refusal_has_twilios_status_and_code_on_both_channels(
    world: World, fault: str, status: int, code: int, prefix: str
) -> None:
    error = world.refusal(f"{prefix}{FAULT_NUMBERS[fault]}")
    assert (error.status, error.code) == (status, code)


@pytest.mark.parametrize(
    ("fault", "retry_after"), [("rate_limited", "1"), ("rate_limited_no_retry_after", None)]
)
def test_a_rate_limit_refuses_twice_and_then_takes_the_message_once(
    world: World, fault: str, retry_after: str | None
) -> None:
    answers = [_post(world, fault) for _ in range(3)]
    assert [one.status_code for one in answers] == [429, 429, 201]
    assert answers[0].headers.get("retry-after") == retry_after
    assert answers[0].json()["code"] == 20429
    assert len(world.client.messages.list(to=f"whatsapp:{FAULT_NUMBERS[fault]}")) == 1


def test_a_bad_gateway_hides_a_message_that_went_out(world: World) -> None:
    answer = _post(world, "server_error_502")
    assert (answer.status_code, answer.text[:6]) == (502, "<html>")
    wait_until(lambda: "delivered" in world.receiver.statuses(_sid(world, "server_error_502")))
    to = f"whatsapp:{FAULT_NUMBERS['server_error_502']}"
    assert world.get("/sim/creates", to=to)["creates"][-1]["status"] == 502


@pytest.mark.parametrize("fault", ["timeout", "timeout_callbacks_lost"])
def test_a_timeout_hides_a_message_that_went_out(world: World, fault: str) -> None:
    with pytest.raises(httpx.ReadTimeout):
        _post(world, fault, seconds=0.3)
    sid = _sid(world, fault)
    world.ends(sid, "read")
    wait_until(lambda: bool(world.receiver.statuses(sid)) == (fault == "timeout"))


def test_a_timeout_may_also_mean_that_nothing_was_sent(world: World) -> None:
    with pytest.raises(httpx.ReadTimeout):
        _post(world, "timeout_not_sent", seconds=0.3)
    assert not world.client.messages.list(to=f"whatsapp:{FAULT_NUMBERS['timeout_not_sent']}")


def test_a_reset_half_way_hides_a_message_that_went_out(world: World) -> None:
    with pytest.raises(httpx.TransportError):
        _post(world, "reset_half_way")
    world.ends(_sid(world, "reset_half_way"), "read")


def test_half_a_json_and_a_web_page_come_with_201(world: World) -> None:
    cut = _post(world, "truncated_json")
    assert cut.status_code == 201
    with pytest.raises(json.JSONDecodeError):
        cut.json()
    page = _post(world, "html_201")
    assert (page.status_code, page.headers["content-type"].split(";")[0]) == (201, "text/html")
    world.ends(_sid(world, "html_201"), "read")


def test_a_slow_answer_is_still_right(world: World) -> None:
    assert _post(world, "slow").json()["status"] == "queued"


def _was_told(world: World, sid: str, status: str) -> bool:
    return status in world.receiver.statuses(sid)


@pytest.mark.parametrize(
    ("fault", "whatsapp_end", "sms_end"),
    [
        ("not_on_whatsapp", ("failed", 63024), ("failed", 30003)),
        ("undelivered_30003", ("undelivered", 30003), ("undelivered", 30003)),
        ("account_suspended", ("failed", 63051), ("failed", 30002)),
        ("window_closed", ("failed", 63016), ("failed", 30008)),
        ("filtered", ("undelivered", 63049), ("undelivered", 30007)),
    ],
)
def test_a_message_fails_later_with_the_code_of_its_channel(
    world: World, fault: str, whatsapp_end: tuple[str, int], sms_end: tuple[str, int]
) -> None:
    for prefix, end in (("whatsapp:", whatsapp_end), ("", sms_end)):
        sid = world.create(f"{prefix}{FAULT_NUMBERS[fault]}")
        world.ends(sid, *end)
        wait_until(partial(_was_told, world, sid, end[0]))
        call = next(
            one
            for one in world.receiver.received
            if one.params.get("MessageSid") == sid and one.params["MessageStatus"] == end[0]
        )
        assert call.params["ErrorCode"] == str(end[1])
        assert call.params["ErrorMessage"]


def test_someone_who_blocked_us_stays_at_sent(world: World) -> None:
    blocked = world.create(f"whatsapp:{FAULT_NUMBERS['blocked']}")
    later = world.create("whatsapp:+6281234567801")
    world.ends(later, "read")
    assert world.status_of(blocked) == ("sent", None)
    assert world.receiver.statuses(blocked) == ["sent"]


def test_callbacks_get_lost_turned_around_repeated_and_early(world: World) -> None:
    def to(fault: str) -> str:
        return world.create(f"whatsapp:{FAULT_NUMBERS[fault]}")

    lost, turned, repeated = (
        to("callbacks_lost"),
        to("callbacks_reordered"),
        to("callbacks_repeated"),
    )
    early = to("callbacks_before_response")
    # The create has only just been answered, and its callbacks are here already.
    assert world.receiver.statuses(early)[:2] == ["sent", "delivered"]
    wait_until(lambda: world.receiver.statuses(turned) == ["read", "delivered", "sent"])
    wait_until(lambda: world.receiver.statuses(repeated).count("read") == 3)
    world.ends(lost, "read")
    assert world.receiver.statuses(lost) == []


def test_a_test_can_make_any_recipient_misbehave_and_end_it(world: World) -> None:
    somebody = "whatsapp:+6281300000099"
    world.post("/sim/faults", number=somebody, fault="server_error_503", times=2)
    assert [world.refusal(somebody).status for _ in range(2)] == [503, 503]
    assert world.create(somebody)
    world.post("/sim/faults", number="*", fault="rate_limited")
    assert world.refusal(somebody).code == 20429
    world.post("/sim/faults", number="*", fault=None)
    assert world.create(somebody)
