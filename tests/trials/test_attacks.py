"""Attacks on the open door: refused, harmless, and without a crash."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import random
import socket
from types import SimpleNamespace

import pytest

from console.local.cluster import HOST
from console.service.signature import sign
from tests.bench.payloads import request
from tests.service.requests import encoded, media, new_sid, whatsapp
from tests.trials.callers import read_status
from tests.trials.test_content import bounded, mine
from tests.trials.test_files import element
from tests.trials.world import WEBHOOKS, World
from tests.waiting import eventually

Size = SimpleNamespace

__all__ = ["bounded"]  # a fixture, used by name


@pytest.mark.trial("A1")
@pytest.mark.usefixtures("bounded")
def test_without_the_right_signature_nothing_is_stored(world: World, size: Size) -> None:
    body = encoded(mine(world))
    right, before = world.signature(body), world.stored()
    wrong = ["", "x", right[:-1], right + "=", right.swapcase(), "é" * 28, "x" * size.length]
    for signature in (None, *wrong):
        headers = {"x-twilio-signature": signature}
        if signature is not None and not signature.isascii():
            answer = world.http.post(
                world.facts["webhook_url"],
                content=body,
                headers={b"x-twilio-signature": signature.encode("latin-1")},
            )
        else:
            answer = world.post(body, signed="", headers=headers)
        assert answer.status_code == 403, signature
    assert world.stored() == before


@pytest.mark.trial("A2")
def test_a_changed_body_is_refused(world: World) -> None:
    body = encoded(mine(world, Body="bayar 100"))
    before = world.stored()
    headers = {"x-twilio-signature": world.signature(body)}
    for changed in (
        body.replace(b"100", b"900"),
        body + b"&Added=1",
        body + b"&Body=bayar+900",
        body.replace(b"Body=", b"body="),
        body.partition(b"&")[2],
    ):
        assert world.post(changed, headers=headers).status_code == 403
    assert world.stored() == before
    assert world.post(body, headers=headers).status_code == 200


@pytest.mark.trial("A3")
def test_only_the_configured_address_counts(world: World) -> None:
    body, ours = encoded(mine(world)), world.facts["webhook_url"]
    port = ours.rpartition(":")[2].partition("/")[0]
    elsewhere = [
        ours.replace("http://", "https://"),
        ours.replace("127.0.0.1", "evil.example"),
        ours.replace(port, "1"),
        ours + "/",
        ours + "?a=1",
    ]
    for url in elsewhere:
        host = url.partition("//")[2].partition("/")[0]
        forged = {
            "host": host,
            "x-forwarded-host": host,
            "x-forwarded-proto": url.partition(":")[0],
            "x-forwarded-port": host.rpartition(":")[2],
            "forwarded": f"host={host};proto=https",
        }
        assert world.post(body, signed=url, headers=forged).status_code == 403, url
        assert world.post(body, signed=url).status_code == 403, url
    assert world.post(body, headers={"host": "evil.example"}).status_code == 200


@pytest.mark.trial("A4")
async def test_a_replayed_request_changes_nothing(world: World, size: Size) -> None:
    message = next(world.threads(1)[0])
    await world.send([[message]])
    changes = (
        "select count(*) from private.changes"
        " where kind in ('messages', 'conversations', 'contacts')"
    )
    before = world.stored(), world.ledger.value(changes)
    sent = await world.send([[message] * (size.times // 10) for _ in range(10)])
    assert set(sent.statuses) == {200}
    assert (world.stored(), world.ledger.value(changes)) == before


@pytest.mark.trial("A6")
def test_json_with_the_wrong_hash_is_refused(world: World) -> None:
    body = json.dumps({"MessageSid": new_sid()}).encode()
    token, headers = world.facts["twilio_auth_token"], {"content-type": "application/json"}
    for content, status in ((b"{}", 403), (body, 200)):
        url = f"{world.facts['webhook_url']}?bodySHA256={hashlib.sha256(content).hexdigest()}"
        signed = {**headers, "x-twilio-signature": sign(token, url, [])}
        assert world.post(body, url=url, signed="", headers=signed).status_code == status


def shown_out(line: socket.socket) -> bool:
    """Whether the other side has ended the connection, with a word or without."""
    line.setblocking(False)
    try:
        while line.recv(4096):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


@pytest.mark.trial("A7")
@pytest.mark.usefixtures("bounded")
async def test_floods_are_refused_and_customers_still_heard(world: World, size: Size) -> None:
    head = b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nBody="
    lines = []
    try:
        for number in range(size.slow):  # each sends a little, of the head or the body, and stops
            line = socket.create_connection((HOST, world.front.port), 5)
            line.sendall(head[: 10 + number % (len(head) - 10)])
            lines.append(line)
        assert world.post(b"Body=" + b"x" * 10_000_000).status_code == 413
        fields = {f"k{n}": "v" for n in range(10_000)}
        for signature in ("", world.signature_of(fields)):
            many = {"x-twilio-signature": signature}
            assert world.post(encoded(fields), signed="", headers=many).status_code in (403, 413)
        bomb = gzip.compress(bytes(100_000_000), 9)
        answer = world.post(bomb, signed="", headers={"content-encoding": "gzip"})
        assert answer.status_code == 403
        signed = world.post(bomb, headers={"content-encoding": "gzip"})
        assert signed.status_code == 200  # kept as the bytes that it is
        for thread in world.threads(3):
            assert (await world.send([[next(thread)]])).statuses == {200: 1}
        if size.to_the_end:  # whoever never ends is shown out
            await eventually(lambda: all(map(shown_out, lines)), within=60)
    finally:
        for line in lines:
            line.close()


@pytest.mark.trial("A8")
async def test_no_connection_is_made_to_where_it_must_not_go(world: World) -> None:
    port, before = world.private.port, world.private.connections
    world.trusted.redirects = {
        "/to-private": f"http://{HOST}:{port}/",
        "/to-metadata": "http://169.254.169.254/latest/meta-data/",
    }
    urls = [
        f"http://{HOST}:{port}/",
        f"https://{HOST}:{port}/",
        f"http://localhost:{port}/",
        f"http://[::1]:{port}/",
        f"http://[0:0:0:0:0:0:0:1]:{port}/",
        f"http://[::]:{port}/",
        f"http://[::127.0.0.1]:{port}/",
        f"http://[::ffff:127.0.0.1]:{port}/",
        f"http://[::ffff:7f00:1]:{port}/",
        f"http://[64:ff9b::7f00:1]:{port}/",
        f"http://[2002:7f00:1::]:{port}/",
        f"http://[fd00::1]:{port}/",
        f"http://2130706433:{port}/",
        f"http://0x7f000001:{port}/",
        f"http://0177.0.0.1:{port}/",
        f"http://017700000001:{port}/",
        f"http://127.0.0.1.:{port}/",
        f"http://１２７.0.0.1:{port}/",
        f"http://127.1:{port}/",
        f"http://0.0.0.0:{port}/",
        f"http://user:word@{HOST}:{port}/",
        f"https://api.twilio.com@{HOST}:{port}/",
        f"https://api.twilio.com.evil.example:{port}/",
        f"https://api.twilio.com:{port}/",
        f"https://api.twilio.com%2eevil.example:{port}/",
        f"https://api.twilio.com\\@{HOST}:{port}/",
        f"https://аpi.twilio.com:{port}/",  # a Cyrillic letter
        "http://169.254.169.254.nip.io/latest/meta-data/",
        "gopher://127.0.0.1:70/",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        f"//{HOST}:{port}/",
        f"http://[fe80::1%25lo]:{port}/",
        f"http://{HOST}:{world.trusted.port}/to-private",
        f"http://{HOST}:{world.trusted.port}/to-metadata",
    ]
    sids = []
    for start in range(0, len(urls), 10):
        part = urls[start : start + 10]
        files = media(*["image/jpeg"] * len(part))
        files |= {f"MediaUrl{n}": url for n, url in enumerate(part)}
        sent = mine(world, **files)
        assert world.post(encoded(sent)).status_code == 200
        sids.append(sent["MessageSid"])

    def failed() -> bool:
        found = [item for sid in sids for item in world.message(sid)["media"]]
        return all(item["state"] == "failed" for item in found)

    await eventually(failed, within=60)
    found = {item["url"]: item["error"] for sid in sids for item in world.message(sid)["media"]}
    assert found == dict.fromkeys(urls, "unsafe_address")
    assert world.private.connections == before


@pytest.mark.trial("A9")
async def test_credentials_never_leave_the_first_hop(world: World) -> None:
    first, second = (f"http://{HOST}:{host.port}" for host in (world.trusted, world.other))
    world.trusted.redirects = {"/first": f"{second}/second"}
    world.other.redirects = {"/second": f"{first}/third"}  # and back to where they would be right
    sent = mine(world, **media("text/plain") | {"MediaUrl0": f"{first}/first"})
    assert world.post(encoded(sent)).status_code == 200
    await eventually(lambda: element(world, sent["MessageSid"]).get("state") == "stored", within=60)
    seen = dict([*world.trusted.asked, *world.other.asked])
    assert "Authorization" in seen["/first"]
    assert "Authorization" not in seen["/second"]
    assert "Authorization" not in seen["/third"]
    assert world.sim("leaks")["count"] == 0


def fuzzed(chance: random.Random, to: str) -> bytes:
    """A body that is nearly one of Twilio's, or nothing like it."""
    kind = chance.randrange(6)
    if kind == 0:
        return chance.randbytes(chance.randrange(400))
    fields = whatsapp(To=to, From=f"whatsapp:+62899{chance.randrange(10**6):07d}")
    if kind == 1:
        fields["ChannelMetadata"] = "[" * chance.randrange(3000)
    if kind == 2:
        name = chance.choice([*fields, "Latitude", "NumMedia", "MediaUrl0", "OptOutType"])
        fields[name] = chance.choice(["", "-1", "1e999", "\0", "\ud7ff", "٣", "x" * 5000, "nan"])
    body = bytearray(encoded(fields))
    for _ in range(chance.randrange(12) if kind > 2 else 0):
        at = chance.randrange(len(body))
        match chance.randrange(4):
            case 0:
                body[at] = chance.randrange(256)
            case 1:
                del body[at : at + chance.randrange(20)]
            case 2:
                body[at:at] = chance.choice([b"%", b"%ff", b"&", b"=", b"%00", b"+", b"&&", b"%e2"])
            case _:
                body += body[: chance.randrange(200)]
        body = body or bytearray(b"x")
    return bytes(body)


@pytest.mark.trial("A15")
@pytest.mark.usefixtures("bounded")
async def test_no_fuzzed_body_makes_it_stumble(world: World, size: Size) -> None:
    seed = random.randrange(10**9)
    chance, statuses = random.Random(seed), set()
    url, token = (
        world.facts["webhook_url"].removesuffix("/webhook"),
        world.facts["twilio_auth_token"],
    )
    left = iter(range(size.bodies))

    async def caller(number: int) -> None:
        port = world.ports[WEBHOOKS[number % len(WEBHOOKS)]]
        reader, writer = await asyncio.open_connection(HOST, port)
        for _ in left:
            body = fuzzed(chance, world.facts["inbox_address"])
            path = chance.choice(["/webhook", "/webhook", "/status"])
            writer.write(request(path, body, url, token))
            statuses.add(await read_status(reader))
        writer.close()

    await asyncio.gather(*map(caller, range(size.callers)))
    assert statuses <= {200, 413}, f"seed {seed}"
