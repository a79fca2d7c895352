"""Storage: raw uploads, signed URLs with ranges, and what its policies, sizes and types refuse."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from storage3.exceptions import StorageApiError

from tests.contract.conftest import Open, Seat, SignIn
from tests.contract.targets import Target, fetch
from tests.database.conftest import Desk

PICTURE = os.urandom(30_000)


@pytest.fixture(autouse=True)
def _storage(target: Target) -> None:
    target.needs("storage")


@dataclass
class Thread:
    """A conversation in Jakarta, and where its files lie."""

    desk: Desk
    id: str

    def path(self, name: str = "foto.png") -> str:
        return f"{self.id}/{uuid.uuid4()}/0/{name}"


@pytest.fixture
def thread(desk: Desk) -> Thread:
    return Thread(desk, desk.conversation(desk.jakarta))


def put(target: Target, seat: Seat, path: str, content: bytes = PICTURE, **more: str) -> Any:
    headers = {"content-type": "image/png", "x-upsert": "false"} | more
    path = f"/storage/v1/object/{path}"
    return target.ask("POST", path, seat.token, content=content, headers=headers)


def refused(answer: httpx.Response) -> tuple[str, str]:
    """What the body says; on the wire most refusals are a 400."""
    assert answer.status_code >= 400
    body = answer.json()
    assert body.keys() >= {"statusCode", "error", "message"}
    return body["statusCode"], body["message"]


async def test_a_raw_upload_streams_and_is_stored_once(
    sari: Seat, target: Target, thread: Thread
) -> None:
    path = thread.path()

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(PICTURE), 4096):
            yield PICTURE[start : start + 4096]

    async with httpx.AsyncClient() as http:
        length = {"content-length": str(len(PICTURE)), "content-type": "image/png"}
        answer = await http.post(
            f"{target.url}/storage/v1/object/attachments/{path}",
            content=pieces(),
            headers=target.headers(sari.token, **length) | {"x-upsert": "false"},
        )
    assert answer.status_code == 200
    assert answer.json().keys() >= {"Key", "Id"}
    assert answer.json()["Key"] == f"attachments/{path}"
    assert refused(put(target, sari, f"attachments/{path}"))[0] == "409"
    assert await sari.client.storage.from_("attachments").download(path) == PICTURE


async def test_a_signed_url_is_relative_and_serves_ranges(
    sari: Seat, target: Target, thread: Thread
) -> None:
    path = thread.path()
    put(target, sari, f"attachments/{path}")
    asked = target.ask(
        "POST", f"/storage/v1/object/sign/attachments/{path}", sari.token, json={"expiresIn": "60"}
    )
    relative = asked.json()["signedURL"]
    assert relative.startswith("/object/sign/attachments/")
    assert parse_qs(urlsplit(relative).query).keys() == {"token"}
    url = f"{target.url}/storage/v1{relative}"
    whole = fetch(url)  # without a key: the URL carries its own proof
    assert (whole.status_code, whole.content) == (200, PICTURE)
    part = fetch(url, {"range": "bytes=1000-"})
    assert (part.status_code, part.content) == (206, PICTURE[1000:])
    assert part.headers["content-range"] == f"bytes 1000-{len(PICTURE) - 1}/{len(PICTURE)}"
    beyond = fetch(url, {"range": f"bytes={len(PICTURE)}-"})
    assert beyond.status_code == 416
    named = fetch(f"{url}&download=nota.png")
    assert "nota.png" in named.headers["content-disposition"]
    assert fetch(url.replace("/attachments/", "/media/", 1)).status_code == 400


async def test_who_does_not_see_the_thread_finds_none_of_its_files(
    sari: Seat, target: Target, thread: Thread, sign_in: SignIn, client: Open
) -> None:
    path = thread.path()
    put(target, sari, f"attachments/{path}")
    other = await sign_in(target.agent("budi", thread.desk.bandung))
    for stranger in (other.client, await client()):
        files = stranger.storage.from_("attachments")
        with pytest.raises(StorageApiError) as read:
            await files.download(path)
        assert (read.value.status, read.value.message) == ("404", "Object not found")
        assert await files.list(thread.id) == []
        assert await files.remove([path]) == []
    signing = f"/storage/v1/object/sign/attachments/{path}"
    answer = target.ask("POST", signing, other.token, json={"expiresIn": "60"})
    assert refused(answer)[0] == "404"
    assert refused(put(target, other, f"attachments/{thread.path()}"))[0] == "403"
    public = fetch(f"{target.url}/storage/v1/object/public/attachments/{path}")
    assert public.status_code == 400


@pytest.mark.parametrize("bucket", ["media", "attachments"])
async def test_agents_put_only_what_they_send_and_change_nothing(
    sari: Seat, target: Target, thread: Thread, bucket: str
) -> None:
    path = thread.path()
    first = put(target, sari, f"{bucket}/{path}")
    assert first.status_code == 200 if bucket == "attachments" else refused(first)[0] == "403"
    over = put(target, sari, f"{bucket}/{path}", b"other", **{"x-upsert": "true"})
    assert refused(over)[0] == "403"
    assert await sari.client.storage.from_(bucket).remove([path]) == []


@pytest.fixture
def narrow(desk: Desk) -> Iterator[None]:
    """The bucket takes pictures of at most 20,000 bytes."""
    limits = (
        "update storage.buckets set file_size_limit = %s, allowed_mime_types = %s where id = %s"
    )
    before = desk.admin.execute(
        "select file_size_limit, allowed_mime_types from storage.buckets where id = 'attachments'"
    ).fetchone()
    desk.run(limits, 20_000, ["image/*"], "attachments")
    yield
    desk.run(limits, *(before or ()), "attachments")


@pytest.mark.usefixtures("narrow")
async def test_a_buckets_limits_are_kept(sari: Seat, target: Target, thread: Thread) -> None:
    assert refused(put(target, sari, f"attachments/{thread.path()}"))[0] == "413"
    pdf = {"content-type": "application/pdf"}
    path = f"attachments/{thread.path('a.pdf')}"
    assert refused(put(target, sari, path, b"%PDF", **pdf))[0] == "415"


async def test_no_such_bucket_and_no_such_name(sari: Seat, target: Target, thread: Thread) -> None:
    assert refused(put(target, sari, f"nowhere/{thread.path()}"))[0] == "404"
    assert refused(put(target, sari, f"attachments/{thread.path('a%5Bb.png')}"))[0] == "400"


async def test_an_expired_token_is_refused_with_its_name(
    target: Target, desk: Desk, thread: Thread
) -> None:
    seat_token = target.token_for(target.agent("lama", desk.jakarta), lifetime=-60)
    answer = target.ask(
        "POST",
        f"/storage/v1/object/sign/attachments/{thread.path()}",
        seat_token,
        json={"expiresIn": "60"},
    )
    status, words = refused(answer)
    assert status == "403"
    assert "exp" in words


async def test_a_private_bucket_is_not_listed_and_not_public(
    sari: Seat, client: Open, target: Target
) -> None:
    for one in (sari.client, await client()):
        assert await one.storage.list_buckets() == []
    answer = fetch(f"{target.url}/storage/v1/object/public/media/x/y/0/z.png")
    assert answer.status_code == 400
