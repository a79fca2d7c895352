"""The phone page's own API: writing as a customer, seeing replies live, reading them."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from console.local.samples import SAMPLES, sample
from console.local.twilio.phone import PAGE
from tests.local.twilio_world import World, simulated_world
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with simulated_world() as running:
        yield running


def _customer(world: World, name: str, number: str, channel: str = "whatsapp") -> str:
    fields = {"name": name, "number": number, "channel": channel}
    return str(world.post("/phone/api/customers", **fields)["address"])


@pytest.fixture(scope="module")
def siti(world: World) -> str:
    """The address of a customer."""
    return _customer(world, "Siti Rahmawati", "0812-3456-7801")


def _send(world: World, address: str, files: Any = None, **fields: str) -> list[dict[str, Any]]:
    response = world.sim.post("/phone/api/send", data={"address": address, **fields}, files=files)
    assert response.status_code == 201, response.text
    return list(response.json()["messages"])


def _thread(world: World, address: str) -> list[dict[str, Any]]:
    return list(world.get("/phone/api/thread", address=address)["messages"])


@contextmanager
def _listening(world: World) -> Iterator[list[dict[str, Any]]]:
    """The events of the page's live stream, as they come."""
    heard: list[dict[str, Any]] = []

    def listen() -> None:
        with (
            httpx.Client(base_url=world.api_url, trust_env=False, timeout=20) as client,
            client.stream("GET", "/phone/events") as response,
        ):
            for line in response.iter_lines():
                if line.startswith("data: "):
                    event = json.loads(line.removeprefix("data: "))
                    heard.append(event)
                    if event.get("customer") == "whatsapp:+6280000000000":
                        return

    thread = threading.Thread(target=listen)
    thread.start()
    wait_until(lambda: heard)
    yield heard
    world.post("/sim/inbound", **{"from": "whatsapp:+6280000000000", "body": "enough"})
    thread.join(20)


def test_a_written_message_reaches_the_webhook_and_gets_its_ticks(world: World, siti: str) -> None:
    assert siti == "whatsapp:+6281234567801"
    (message,) = _send(world, siti, body="Halo <b>kak</b>")
    wait_until(lambda: world.receiver.webhooks(MessageSid=message["sid"]))
    (call,) = world.receiver.webhooks(MessageSid=message["sid"])
    assert (call.params["Body"], call.params["From"]) == ("Halo <b>kak</b>", siti)
    wait_until(lambda: _thread(world, siti)[-1]["status"] == "taken")


def test_a_message_that_we_did_not_take_says_so_and_can_be_sent_again(
    world: World, siti: str
) -> None:
    world.receiver.status = 500
    (message,) = _send(world, siti, body="Masuk tidak?")
    wait_until(lambda: _thread(world, siti)[-1]["status"] == "lost")
    world.receiver.status = 200
    world.post(f"/phone/api/deliver/{message['sid']}")
    assert _thread(world, siti)[-1]["status"] == "taken"


def test_an_album_becomes_one_message_a_file(world: World, siti: str) -> None:
    content = sample("resi.jpg").content
    files = [("file", (f"{n}.jpg", content, "image/jpeg")) for n in range(3)]
    messages = _send(world, siti, files, body="Tiga foto")
    assert [one["body"] for one in messages] == ["Tiga foto", "", ""]
    wait_until(lambda: all(world.receiver.webhooks(MessageSid=one["sid"]) for one in messages))
    url = f"/phone/{messages[1]['media'][0]['url']}"
    shown = world.sim.get(url)
    assert shown.content == content
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in shown.headers["content-security-policy"]
    assert world.sim.get(url, headers={"Range": "bytes=0-3"}).status_code == 206


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_can_be_sent(world: World, siti: str, name: str) -> None:
    (message,) = _send(world, siti, sample=name)
    assert message["media"][0]["type"] == SAMPLES[name]


def test_a_place_a_quote_and_a_forwarded_text_are_sent(world: World, siti: str) -> None:
    place = {"latitude": "-6.2", "longitude": "106.8", "label": "Rumah", "place_address": "Jl. A"}
    (located,) = _send(world, siti, **place)
    assert located["location"]["address"] == "Jl. A"
    (quoting,) = _send(world, siti, body="di sini", quoted=located["sid"])
    assert quoting["quoted"]["sid"] == located["sid"]
    (forwarded,) = _send(world, siti, body="promo", forwarded="true")
    wait_until(lambda: world.receiver.webhooks(MessageSid=forwarded["sid"]))
    assert world.receiver.webhooks(MessageSid=forwarded["sid"])[0].params["Forwarded"] == "true"


def test_a_reply_shows_live_and_is_read_only_when_the_chat_is_looked_at(world: World) -> None:
    rini = _customer(world, "Rini", "+6281234567802")
    _send(world, rini, body="Halo")
    with _listening(world) as heard:
        sid = world.create(rini, body="Ada yang bisa dibantu?")
        wait_until(lambda: any(e.get("sid") == sid and e.get("message") for e in heard))
        shown = next(e["message"] for e in heard if e.get("sid") == sid and e.get("message"))
        assert (shown["body"], shown["mine"]) == ("Ada yang bisa dibantu?", False)
        world.ends(sid, "delivered")
        assert world.post("/phone/api/read", address=rini) == {"read": 1}
    world.ends(sid, "read")
    wait_until(lambda: world.receiver.statuses(sid) == ["sent", "delivered", "read"])


def test_a_failed_reply_never_shows_on_the_phone(world: World) -> None:
    number = world.faults["not_on_whatsapp"]
    address = _customer(world, "Lina", number)
    sid = world.create(address, body="Tidak sampai")
    world.ends(sid, "failed", 63024)
    assert _thread(world, address) == []


def test_the_customer_answers_by_a_button_of_ours(world: World) -> None:
    dewi = _customer(world, "Dewi", "+6281234567803")
    sid = world.create(dewi, body=None, content_sid="HX0000000000000000000000000000a005")
    world.ends(sid, "delivered")
    button = _thread(world, dewi)[-1]["buttons"][1]
    assert button == {"text": "Belum", "payload": "arrived_no"}
    fields = {"button_text": button["text"], "button_payload": button["payload"], "quoted": sid}
    (answer,) = _send(world, dewi, **fields)
    wait_until(lambda: world.receiver.webhooks(MessageSid=answer["sid"]))
    params = world.receiver.webhooks(MessageSid=answer["sid"])[0].params
    assert (params["MessageType"], params["ButtonPayload"]) == ("button", "arrived_no")


def test_someone_without_a_number_can_be_added_and_sms_needs_one(world: World) -> None:
    address = _customer(world, "Yusuf", "")
    assert address.startswith("whatsapp:ID.")
    assert world.create(address)
    for fields, why in (
        ({"name": "X", "number": "", "channel": "sms"}, "sms_needs_number"),
        ({"name": "X", "number": "812", "channel": "whatsapp"}, "bad_number"),
        ({"name": "", "number": "", "channel": "whatsapp"}, "needs_name"),
    ):
        refused = world.sim.post("/phone/api/customers", json=fields)
        assert (refused.status_code, refused.json()["error"]) == (400, why)


def test_nothing_and_nobody_are_refused(world: World, siti: str) -> None:
    empty = world.sim.post("/phone/api/send", data={"address": siti, "body": ""})
    assert (empty.status_code, empty.json()["error"]) == (400, "nothing_to_send")
    nobody = world.sim.post("/phone/api/send", data={"address": "whatsapp:+1", "body": "x"})
    assert nobody.status_code == 404


def test_the_page_takes_nothing_from_elsewhere(world: World) -> None:
    page = world.sim.get("/phone/")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    names = [path.name for path in PAGE.iterdir()]
    assert {"index.html", "main.js", "phone.css"} <= set(names)
    for path in PAGE.iterdir():
        assert world.sim.get(f"/phone/{path.name}").status_code == 200
        text = path.read_text("utf-8")
        assert "innerHTML" not in text
        assert "//cdn" not in text
        assert " onclick=" not in text.replace("{ ", "")
    assert world.sim.get("/phone/../cast.py").status_code == 404


def test_a_page_of_another_origin_cannot_drive_the_simulator(world: World) -> None:
    foreign = {"Origin": "http://evil.test"}
    assert world.sim.get("/sim/state", headers=foreign).status_code == 403
    own = {"Origin": world.api_url}
    assert world.sim.get("/sim/state", headers=own).status_code == 200


def test_both_languages_of_the_page_have_the_same_words() -> None:
    text = (PAGE / "words.js").read_text("utf-8")
    indonesian, english = (
        re.findall(r"^    (\w+): \"", part, re.MULTILINE) for part in text.split("\n  en: {")
    )
    assert len(indonesian) > 50
    assert indonesian == english
