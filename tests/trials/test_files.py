"""Customers' files that do not come at once: tried again, resumed, told of, never half."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from typing import Any

import pytest

from console.local.cluster import HOST
from console.local.gateway.storage_files import GLOBAL_LIMIT
from tests.service.requests import encoded, media
from tests.trials.test_content import mine
from tests.trials.trap import ANSWER
from tests.trials.world import WORKERS, World
from tests.waiting import eventually

Size = SimpleNamespace

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 400


def element(world: World, sid: str) -> dict[str, Any]:
    """What is known of the one file of a message."""
    if not world.is_stored(sid):
        return {}
    (found,) = world.message(sid)["media"]
    return dict(found)


def kept(world: World, sid: str) -> int:
    """How many bytes of it lie in our bucket."""
    size: int = world.ledger.value(
        "select (metadata ->> 'size')::int as size from storage.objects where name = %s",
        element(world, sid)["path"],
    )
    return size


def arrives(world: World, address: str, fault: str, times: int | None) -> str:
    """A photo comes in whose download misbehaves so often; the message's SID."""
    file = {
        "base64": base64.b64encode(JPEG).decode(),
        "content_type": "image/jpeg",
        "name": f"{fault}.jpg",
        "fault": fault,
        "fault_times": times,
    }
    sid: str = world.tell_sim("inbound", **{"from": address, "media": [file]})["sid"]
    return sid


@pytest.mark.trial("F24")
@pytest.mark.parametrize(
    ("fault", "times", "told"),
    [
        ("not_found", 2, "not_found"),
        ("unauthorized", 2, "refused"),
        ("wrong_type", 2, "wrong_type"),
        ("empty", 2, "empty"),
        ("server_error", 2, "unreachable"),
    ],
)
async def test_a_file_that_does_not_come_is_told_of_and_comes_later(
    world: World, fault: str, times: int, told: str
) -> None:
    sid = arrives(world, world.customer(), fault, times)
    await eventually(lambda: element(world, sid).get("error") == told, within=60)
    assert element(world, sid)["state"] == "pending"
    assert not element(world, sid).get("path")
    await eventually(lambda: element(world, sid)["state"] == "stored", within=120)
    assert element(world, sid)["error"] is None
    assert kept(world, sid) == element(world, sid)["size"] == len(JPEG)
    assert world.sim("leaks")["count"] == 0


@pytest.mark.trial("F24")
async def test_an_address_that_leads_in_circles_is_told_of_and_tried_again(world: World) -> None:
    host = f"http://{HOST}:{world.trusted.port}"
    world.trusted.redirects = {"/circle": f"{host}/circle"}
    sent = mine(world, **media("text/plain") | {"MediaUrl0": f"{host}/circle"})
    assert world.post(encoded(sent)).status_code == 200
    sid = sent["MessageSid"]
    await eventually(lambda: element(world, sid).get("error") == "redirect_loop", within=60)
    assert element(world, sid)["state"] == "pending"
    world.trusted.redirects = {}
    await eventually(lambda: element(world, sid)["state"] == "stored", within=60)
    assert kept(world, sid) == len(ANSWER)


@pytest.mark.trial("F24")
async def test_a_file_that_is_cut_at_half_goes_on_from_there(world: World) -> None:
    world.trusted.files["/half"] = JPEG
    url = f"http://{HOST}:{world.trusted.port}/half"
    sent = mine(world, **media("image/jpeg") | {"MediaUrl0": url})
    assert world.post(encoded(sent)).status_code == 200
    sid = sent["MessageSid"]
    await eventually(lambda: element(world, sid).get("state") == "stored", within=60)
    assert kept(world, sid) == len(JPEG)
    first, second = (headers for path, headers in world.trusted.asked if path == "/half")
    assert "range" not in first
    assert second["range"] == f"bytes={len(JPEG) // 2}-"
    # And once more at Twilio's own, which resets the connection.
    sid = arrives(world, world.customer(), "cut_half", 1)
    await eventually(lambda: element(world, sid).get("state") == "stored", within=120)
    assert kept(world, sid) == len(JPEG)


@pytest.mark.trial("F24")
async def test_a_file_that_drips_holds_nobody_up_and_takes_no_memory(
    world: World, size: Size
) -> None:
    before = {name: world.memory(name) for name in WORKERS}
    host, dripping = f"http://{HOST}:{world.trusted.port}", {}
    for number in size.drips:
        world.trusted.drips[f"/{number}"] = number
        sent = mine(world, **media("application/pdf") | {"MediaUrl0": f"{host}/{number}"})
        assert world.post(encoded(sent)).status_code == 200
        dripping[number] = sent["MessageSid"]
    address = world.customer()

    def is_told(number: int) -> bool:
        found = element(world, dripping[number])
        if number > GLOBAL_LIMIT:  # of our bucket: tried again for days, and said meanwhile
            return bool(found["error"] == "storage" and found["state"] == "pending")
        return bool(found["state"] == "stored")

    try:
        for sid in [arrives(world, address, "empty", 1) for _ in range(3)]:
            await eventually(lambda sid=sid: element(world, sid)["state"] == "stored", within=60)  # type: ignore[misc]
        for sid in dripping.values():
            assert element(world, sid)["state"] == "pending"
            assert not element(world, sid).get("path")
        if size.in_a_hurry:
            world.trusted.hurry.set()
        for number in dripping:
            await eventually(lambda number=number: is_told(number), within=1800)  # type: ignore[misc]
    finally:
        world.trusted.hurry.set()
    for number, sid in dripping.items():
        if number > GLOBAL_LIMIT:
            assert not element(world, sid).get("path")
        else:
            assert kept(world, sid) == number
    for name, megabytes in before.items():
        assert world.peak(name) < megabytes + 50
