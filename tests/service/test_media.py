"""Copies of inbound files: byte for byte, from safe places only, never half a file."""

from __future__ import annotations

import inspect
import re
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from console.domain.file_faults import FILE_FAULTS
from console.service import fetch
from console.service.config import Config
from console.service.fetch import FetchError, MediaFetcher, NeverFetchError
from console.service.file_types import default_name, true_type
from console.service.jobs import copy_media
from console.service.partial import Partial
from tests.conftest import Database as Clone
from tests.service.conftest import Rows, Twilio, config_of
from tests.service.requests import ACCOUNT, TOKEN, media, whatsapp
from tests.service.stand_in import Answer, StandIn, running
from tests.service.working import worker
from tests.waiting import eventually

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 5000


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    async with running() as server:
        yield server


@pytest.fixture
async def another_host() -> AsyncIterator[StandIn]:
    """Where Twilio keeps the bytes."""
    async with running() as server:
        yield server


@pytest.fixture
def config(database: Clone, stand_in: StandIn, another_host: StandIn) -> Config:
    return config_of(
        database.dsn,
        SUPABASE_URL=stand_in.url,
        TWILIO_API_URL=stand_in.url,
        TWILIO_MEDIA_HOSTS=f"127.0.0.1:{stand_in.port}, 127.0.0.1:{another_host.port}",
    )


@pytest.fixture
async def fetcher(config: Config) -> AsyncIterator[MediaFetcher]:
    fetcher = MediaFetcher(config)
    yield fetcher
    await fetcher.close()


@pytest.fixture
def arrives(twilio: Twilio, stand_in: StandIn) -> Callable[..., Any]:
    """A message arrives whose files the stand-in serves, each by its answers in turn."""

    async def deliver(files: list[tuple[str, list[Answer]]], **more: str) -> None:
        request = whatsapp(**media(*(content_type for content_type, _ in files))) | more
        for index, (_, answers) in enumerate(files):
            stand_in.media[f"/media/{index}"] = deque(answers)
            request[f"MediaUrl{index}"] = f"{stand_in.url}/media/{index}"
        await twilio.delivers(request)

    return deliver


def _state(rows: Rows, index: int = 0) -> Any:
    return rows.value("select media -> %s from public.messages", index)


async def test_a_file_is_copied_byte_for_byte_into_its_place(
    config: Config, stand_in: StandIn, rows: Rows, arrives: Callable[..., Any]
) -> None:
    await arrives([("image/jpeg", [Answer(200, JPEG, {"content-type": "image/jpeg"})])])
    async with worker(config):
        await eventually(lambda: _state(rows)["state"] == "stored")
    message = rows.one("select id, conversation_id from public.messages")
    element = _state(rows)
    assert element["path"] == f"{message['conversation_id']}/{message['id']}/0/image.jpg"
    assert (element["size"], element["content_type"]) == (len(JPEG), "image/jpeg")
    assert element["url"].endswith("/media/0")
    assert stand_in.objects[f"media/{element['path']}"] == ("image/jpeg", JPEG)
    (upload,) = stand_in.storage_requests
    assert upload.headers["x-upsert"] == "true"
    assert upload.headers["apikey"] == "sb_secret_test"


async def test_credentials_go_to_the_first_hop_only(
    config: Config,
    stand_in: StandIn,
    another_host: StandIn,
    rows: Rows,
    arrives: Callable[..., Any],
) -> None:
    elsewhere = f"{another_host.url}/media/bytes"
    another_host.media["/media/bytes"] = deque([Answer(200, JPEG)])
    await arrives([("image/jpeg", [Answer(307, headers={"location": elsewhere})])])
    async with worker(config):
        await eventually(lambda: _state(rows)["state"] == "stored")
    assert stand_in.media_requests[0].login == f"{ACCOUNT}:{TOKEN}"
    (second,) = another_host.media_requests
    assert "authorization" not in second.headers
    assert second.headers["host"] == f"127.0.0.1:{another_host.port}"


async def test_ten_files_come_each_to_its_own_place(
    config: Config, rows: Rows, arrives: Callable[..., Any]
) -> None:
    files = [("image/jpeg", [Answer(200, JPEG + bytes([index]))]) for index in range(10)]
    await arrives(files)
    async with worker(config):
        await eventually(
            lambda: (
                rows.value(
                    "select count(*) from public.messages, jsonb_array_elements(media) file"
                    " where file ->> 'state' = 'stored'"
                )
                == 10
            )
        )
    paths = {_state(rows, index)["path"] for index in range(10)}
    assert len(paths) == 10


@pytest.mark.usefixtures("warnings_expected")
@pytest.mark.parametrize(
    "bad",
    [
        Answer(404),
        Answer(401),
        Answer(503),
        Answer(200, JPEG, cut=1000),
        Answer(200, b""),
    ],
    ids=["not-there-yet", "refused", "away", "cut-at-half", "empty"],
)
async def test_a_file_that_does_not_come_is_tried_again(
    config: Config, stand_in: StandIn, rows: Rows, arrives: Callable[..., Any], bad: Answer
) -> None:
    await arrives([("image/jpeg", [bad, Answer(200, JPEG)])])
    async with worker(config):
        await eventually(lambda: stand_in.media_requests)
        await eventually(lambda: _state(rows)["state"] == "stored")
    assert [stored for _, stored in stand_in.objects.values()] == [JPEG]


async def test_a_document_is_named_as_the_customer_named_it(
    config: Config, stand_in: StandIn, rows: Rows, arrives: Callable[..., Any]
) -> None:
    pdf = Answer(200, b"%PDF-1.7 ...")
    named = Answer(
        200,
        b"%PDF-1.7 ...",
        {"content-disposition": "attachment; filename*=UTF-8''..%2Fb%C3%BC.pdf"},
    )
    await arrives([("application/pdf", [pdf])], Body="Bukti transfer.pdf")
    async with worker(config):
        await eventually(lambda: _state(rows)["state"] == "stored")
    assert _state(rows)["name"] == "Bukti transfer.pdf"
    assert _state(rows)["path"].endswith("/0/Bukti_transfer.pdf")
    rows.do("delete from public.messages")
    await arrives([("application/pdf", [named])])
    async with worker(config):
        await eventually(lambda: _state(rows)["state"] == "stored")
    assert _state(rows)["name"] == "../bü.pdf"
    assert _state(rows)["path"].endswith("/0/bu.pdf")


async def test_the_bytes_decide_about_the_type(
    config: Config, rows: Rows, arrives: Callable[..., Any]
) -> None:
    await arrives([("image/jpeg", [Answer(200, b"MZ\x90\x00 a program")])])
    async with worker(config):
        await eventually(lambda: _state(rows)["state"] == "stored")
    assert _state(rows)["content_type"] == "application/x-msdownload"


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:5432/",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://2130706433/x",
        "https://0x7f000001/x",
        "https://api.twilio.com.evil.example/x",
        "https://eviltwilio.com/x",
        "https://api.twilio.com@127.0.0.1/x",
        "https://user:pw@api.twilio.com/x",
        "http://api.twilio.com/x",
        "ftp://api.twilio.com/x",
        "file:///etc/passwd",
        "not a url",
        "https://",
        "https://api.twilio.com:99999/x",
    ],
)
async def test_no_connection_is_made_to_an_unsafe_address(
    fetcher: MediaFetcher, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    async def never(*_: object, **__: object) -> None:
        pytest.fail("a connection was made")

    monkeypatch.setattr(fetcher._client, "send", never)
    with Partial() as part, pytest.raises(NeverFetchError):
        await fetcher.fetch(url, part)


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/",
        "https://10.0.0.1/x",
        "https://localhost/x",
        "//[::1]/",
        "file:///x",
    ],
)
async def test_a_redirect_to_an_unsafe_address_is_not_followed(
    fetcher: MediaFetcher, stand_in: StandIn, location: str
) -> None:
    stand_in.media["/media/0"] = deque([Answer(302, headers={"location": location})])
    with Partial() as part, pytest.raises(NeverFetchError):
        await fetcher.fetch(f"{stand_in.url}/media/0", part)


async def test_a_redirect_loop_ends(fetcher: MediaFetcher, stand_in: StandIn) -> None:
    again = Answer(302, headers={"location": "/media/0"})
    stand_in.media["/media/0"] = deque([again] * 20)
    with Partial() as part, pytest.raises(FetchError):
        await fetcher.fetch(f"{stand_in.url}/media/0", part)
    assert len(stand_in.media_requests) == fetch.MOST_HOPS


async def test_a_file_that_is_too_large_is_not_fetched(
    fetcher: MediaFetcher, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "LARGEST_FILE", 1000)
    stand_in.media["/media/0"] = deque([Answer(200, b"a" * 1001)])
    with Partial() as part, pytest.raises(NeverFetchError) as caught:
        await fetcher.fetch(f"{stand_in.url}/media/0", part)
    assert caught.value.code == "too_large"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("100.64.0.1", False),
        ("192.168.1.1", False),
        ("0.0.0.0", False),  # noqa: S104  an address to refuse
        ("224.0.0.1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_private_addresses_are_told_from_public_ones(address: str, public: bool) -> None:
    assert fetch._is_public(address) is public


@pytest.mark.parametrize(
    ("declared", "head", "kept"),
    [
        ("image/jpg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("image/png", b"<script>alert(1)</script>", "text/html"),
        ("image/jpeg", b"nothing known", "application/octet-stream"),
        ("audio/ogg; codecs=opus", b"OggS", "audio/ogg"),
        ("audio/mp4", b"\0\0\0\x18ftypM4A ", "audio/mp4"),
        ("image/heic", b"\0\0\0\x18ftypheic", "image/heic"),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            b"PK\x03\x04",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("application/msword", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
        ("text/x-vcard", b"BEGIN:VCARD", "text/vcard"),
        ("application/pdf", b"%PDF-1.4", "application/pdf"),
        ("", b"", "application/octet-stream"),
    ],
)
def test_the_type_that_is_kept(declared: str, head: bytes, kept: str) -> None:
    assert true_type(declared, head) == kept
    assert "." in default_name(kept)


def test_every_reason_not_to_have_a_file_has_words() -> None:
    source = inspect.getsource(fetch) + inspect.getsource(copy_media)
    raised = set(re.findall(r'FetchError\("(\w+)"', source)) | {"storage", "expired"}
    assert raised == set(FILE_FAULTS)
