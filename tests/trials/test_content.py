"""What comes in may be anything: it is kept, shown or labelled, and never half a file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from tests.service.requests import encoded, new_sid, whatsapp
from tests.trials.world import WEBHOOKS, World

Size = SimpleNamespace


@pytest.fixture
def bounded(world: World) -> Iterator[None]:
    """The webhooks neither die nor grow by more than 50 MB at any moment, and log no error."""
    before = {name: world.pid(name) for name in WEBHOOKS}
    held = {name: world.memory(name) for name in WEBHOOKS} if sys.platform == "linux" else {}
    yield
    assert {name: world.pid(name) for name in WEBHOOKS} == before
    for name, megabytes in held.items():
        assert world.peak(name) < megabytes + 50
    assert world.complaints() == []


def mine(world: World, **changes: str | None) -> dict[str, str]:
    """A message to the inbox of this world."""
    return whatsapp(To=world.facts["inbox_address"], **changes)


@pytest.mark.trial("F22")
@pytest.mark.usefixtures("bounded")
def test_malformed_webhooks_are_kept_and_flagged_when_signed(world: World, size: Size) -> None:
    bodies = {
        "empty": b"",
        "bad UTF-8": encoded(mine(world)) + b"&Extra=%ff%fe",
        "NUL": encoded(mine(world, Body=None)) + b"&Body=a%00b",
        "many keys": encoded(mine(world) | {f"k{n}": "v" for n in range(size.keys)}),
        "repeated keys": encoded(mine(world)) + b"&Body=another",
        "-1 files": encoded(mine(world, NumMedia="-1")),
        "99 files": encoded(mine(world, NumMedia="99")),
        "abc files": encoded(mine(world, NumMedia="abc")),
        "no SID": encoded(mine(world, MessageSid=None, SmsSid=None)),
        "nothing of a form": b"\x00\x01\xfe\xff" * 100,
    }
    for what, body in bodies.items():
        before = len(world.raw(body))
        assert world.post(body, signed="").status_code == 403, what
        assert len(world.raw(body)) == before, what
        assert world.post(body).status_code == 200, what
        *_, kept = world.raw(body)
        # What another trial sent just so is the same request, come once more: it is kept once.
        assert len(world.raw(body)) in {before + 1, max(1, before)}, what
        assert kept["flagged"], what
    wrong_type = encoded(mine(world))
    assert world.post(wrong_type, headers={"content-type": "text/csv"}).status_code == 200
    assert world.raw(wrong_type)[0]["flagged"]
    assert world.http.get(world.facts["webhook_url"]).status_code == 405
    assert world.http.put(world.facts["webhook_url"], content=wrong_type).status_code == 405
    large = b"Body=" + b"x" * size.bytes
    assert world.post(large).status_code == 413
    assert world.post(large, signed="").status_code == 413


@pytest.mark.trial("F23")
@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize(
    "text",
    [
        "👩‍👩‍👧‍👦" * 1600,
        "\u202eمرحبا بالعالم\u202c שלום",
        "{lines}",
        "<b>tebal</b> 'or'1'='1 %s {0}",
    ],
    ids=["families", "right to left", "lines", "markup"],
)
def test_strange_texts_arrive_as_they_were_written(world: World, size: Size, text: str) -> None:
    text = text.replace("{lines}", "\n".join("x" * size.lines))
    sent = mine(world, Body=text)
    assert world.post(encoded(sent)).status_code == 200
    assert world.message(sent["MessageSid"])["content"] == text


@pytest.mark.trial("F23")
@pytest.mark.usefixtures("bounded")
def test_unknown_kinds_are_labelled_and_kept_raw(world: World, size: Size) -> None:
    hologram = mine(world, MessageType="hologram", HologramUrl="x", Body="")
    assert world.post(encoded(hologram)).status_code == 200
    metadata = world.message(hologram["MessageSid"])["metadata"]
    assert metadata["kind"] == "unsupported"
    assert metadata["raw"] == hologram
    sender = f"whatsapp:ID.{new_sid()[2:18]}"
    nameless = mine(world, From=sender, WaId=None, ProfileName=None, ChannelMetadata=None)
    assert world.post(encoded(nameless)).status_code == 200
    assert world.message(nameless["MessageSid"])["from_number"] == sender
