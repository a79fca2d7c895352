"""Files, both ways: MediaUrl fetched like Twilio does, inbound files behind a redirect."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]

from console.local.samples import sample
from console.local.twilio.cdn import MEDIA_FAULTS
from tests.local.twilio_world import ACCOUNT, TOKEN, World, simulated_world
from tests.waiting import wait_until

SITI = "whatsapp:+6281234567801"
KEY = httpx.BasicAuth(ACCOUNT, TOKEN)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with simulated_world() as running:
        yield running


def _inbound(world: World, **media: object) -> httpx.URL:
    """A customer sends one file; returns the MediaUrl0 that our webhook got."""
    sid = world.post("/sim/inbound", **{"from": SITI, "media": [media]})["sid"]
    (call,) = world.receiver.webhooks(MessageSid=sid)
    return httpx.URL(call.params["MediaUrl0"])


def test_a_pdf_goes_out_byte_for_byte_under_its_name(world: World) -> None:
    content = sample("faktur.pdf").content
    url = world.receiver.serve(
        "/signed/object?token=abc",
        content,
        "application/pdf",
        Content_Disposition="attachment; filename=\"x.pdf\"; filename*=UTF-8''Faktur%20Siti.pdf",
    )
    sid = world.create(SITI, body="Ini fakturnya", media_url=[url])
    world.ends(sid, "read")
    (listed,) = world.client.messages(sid).media.list()
    assert listed.content_type == "application/pdf"
    (kept,) = next(
        one["media"]
        for one in world.get("/sim/messages", customer=SITI)["messages"]
        if one["sid"] == sid
    )
    assert (kept["name"], kept["size"]) == ("Faktur Siti.pdf", len(content))
    assert world.sim.get(f"/sim/media/{kept['sid']}").content == content
    fetches = world.get("/sim/fetches", sid=sid)["fetches"]
    assert [one["method"] for one in fetches] == ["HEAD", "GET"]


@pytest.mark.parametrize(
    ("name", "content", "content_type", "code"),
    [
        ("wrong_type", b"<svg/>", "image/svg+xml", 63021),
        ("large_image", b"\xff\xd8\xff" + bytes(5 * 1024 * 1024), "image/jpeg", 63034),
        ("large_file", b"%PDF-" + bytes(16 * 1024 * 1024), "application/pdf", 63034),
        ("not_what_it_says", b"<html>", "image/png", 63021),
        ("empty", b"", "image/png", 63019),
    ],
)
def test_a_file_whatsapp_would_refuse_fails_the_message(
    world: World, name: str, content: bytes, content_type: str, code: int
) -> None:
    url = world.receiver.serve(f"/files/{name}", content, content_type)
    world.ends(world.create(SITI, media_url=[url]), "failed", code)


def test_a_file_that_cannot_be_fetched_fails_the_message(world: World) -> None:
    gone = world.create(SITI, media_url=[f"{world.receiver.url}/nothing/here"])
    nobody = world.create(SITI, media_url=["http://127.0.0.1:9/x.pdf"])
    world.ends(gone, "failed", 63019)
    world.ends(nobody, "failed", 63019)


def test_a_customers_file_lies_behind_a_key_and_a_redirect_to_another_host(world: World) -> None:
    leaked = world.get("/sim/leaks")["count"]
    url = _inbound(world, sample="resi.jpg")
    with httpx.Client(trust_env=False) as client:
        assert client.get(url).status_code == 401
        first = client.get(url, auth=KEY)
        assert first.status_code == 307
        there = urlsplit(first.headers["location"])
        assert there.netloc != url.netloc.decode()
        assert there.hostname != url.host
        got = client.get(url, auth=KEY, follow_redirects=True)
    assert got.content == sample("resi.jpg").content
    assert got.headers["content-type"] == "image/jpeg"
    assert world.get("/sim/leaks")["count"] == leaked


def test_a_key_that_reaches_the_media_host_is_recorded_and_refused(world: World) -> None:
    url = _inbound(world, sample="resi.jpg")
    with httpx.Client(trust_env=False) as client:
        there = client.get(url, auth=KEY).headers["location"]
        assert client.get(there, auth=KEY).status_code == 400
        assert client.get(there.replace("Signature=", "Signature=0")).status_code == 403
    leak = world.get("/sim/leaks")["leaks"][-1]
    assert leak["headers"]["authorization"].startswith("Basic ")


def test_a_download_can_be_resumed(world: World) -> None:
    whole = sample("faktur.pdf").content
    url = _inbound(world, sample="faktur.pdf")
    with httpx.Client(trust_env=False) as client:
        there = client.get(url, auth=KEY).headers["location"]
        rest = client.get(there, headers={"Range": "bytes=1000-"})
        assert (rest.status_code, rest.content) == (206, whole[1000:])
        beyond = client.get(there, headers={"Range": f"bytes={len(whole)}-"})
        assert beyond.status_code == 416


def test_media_is_told_about_and_deleted_through_the_client(world: World) -> None:
    url = _inbound(world, content_type="image/png", base64=base64.b64encode(b"png").decode())
    *_, message, _, media = url.path.split("/")
    assert world.client.messages(message).media(media).fetch().content_type == "image/png"
    assert world.client.messages(message).media(media).delete()
    with pytest.raises(TwilioRestException):
        world.client.messages(message).media(media).fetch()


def _download(url: httpx.URL) -> tuple[int | str, int]:
    """Status (or the failure's name) and how many bytes came within a moment."""
    got = 0
    timeout = httpx.Timeout(5.0, read=0.4)
    with httpx.Client(trust_env=False, auth=KEY, timeout=timeout, max_redirects=5) as client:
        try:
            with client.stream("GET", url, follow_redirects=True) as response:
                for chunk in response.iter_bytes():
                    got += len(chunk)
                    if got > 1_000_000:
                        return "endless", got
                return response.status_code, got
        except httpx.HTTPError as problem:
            return type(problem).__name__, got


MISBEHAVED: dict[str, tuple[int | str, int | None]] = {
    "not_found": (404, None),
    "unauthorized": (401, None),
    "redirect_loop": ("TooManyRedirects", 0),
    "server_error": (503, None),
    "slow_drip": ("endless", None),
    "wrong_type": (200, None),
    "empty": (200, 0),
    "cut_half": ("ReadError", None),
}


@pytest.mark.parametrize("fault", MEDIA_FAULTS)
def test_a_download_misbehaves_as_asked_and_is_well_afterwards(world: World, fault: str) -> None:
    times = 6 if fault == "redirect_loop" else 1
    url = _inbound(world, sample="resi.jpg", fault=fault, fault_times=times)
    expected, size = MISBEHAVED[fault]
    status, got = _download(url)
    assert status == expected or (fault == "cut_half" and isinstance(status, str))
    assert size is None or got == size
    if fault == "redirect_loop":
        return
    whole = len(sample("resi.jpg").content)
    assert _download(url) == (200, whole)
    assert fault != "cut_half" or got < whole


def test_an_mms_carries_several_files(world: World) -> None:
    one = world.receiver.serve("/mms/1", sample("resi.jpg").content, "image/jpeg")
    two = world.receiver.serve("/mms/2", sample("suara.ogg").content, "audio/ogg")
    sid = world.create("+6285712340104", media_url=[one, two])
    assert sid.startswith("MM")
    wait_until(lambda: len(world.client.messages(sid).media.list()) == 2)
    world.ends(sid, "delivered")
