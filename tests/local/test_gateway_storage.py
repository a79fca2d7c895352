"""Storage through supabase-py and bare HTTP: round trips, signed URLs, Range, row security."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest
from storage3.exceptions import StorageApiError
from supabase import AsyncClient

from tests.local.conftest import Client, Gateway, token_of

PICTURE = os.urandom(70_000)


async def _own(one: AsyncClient, name: str) -> str:
    answer = await one.auth.get_user()
    assert answer is not None
    return f"{answer.user.id}/{name}"


async def test_a_file_comes_back_byte_for_byte(budi: AsyncClient) -> None:
    path = await _own(budi, "foto.png")
    files = budi.storage.from_("files")
    stored = await files.upload(path, PICTURE, {"content-type": "image/png"})
    assert stored.full_path == f"files/{path}"
    assert await files.download(path) == PICTURE
    about = await files.info(path)
    assert (about["size"], about["content_type"]) == (len(PICTURE), "image/png")
    assert await files.exists(path)
    assert not await files.exists(path + ".bak")


async def test_a_raw_stream_of_unknown_pieces_is_stored(
    budi: AsyncClient, gateway: Gateway
) -> None:
    path = await _own(budi, "besar.pdf")

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(PICTURE), 4096):
            yield PICTURE[start : start + 4096]

    async with httpx.AsyncClient() as http:
        answer = await http.post(
            f"{gateway.url}/storage/v1/object/files/{path}",
            headers={
                "apikey": gateway.config.keys.publishable_key,
                "authorization": f"Bearer {await token_of(budi)}",
                "content-type": "application/pdf",
                "content-length": str(len(PICTURE)),
            },
            content=pieces(),
        )
    assert answer.json()["Key"] == f"files/{path}"
    assert await budi.storage.from_("files").download(path) == PICTURE


async def test_a_signed_url_serves_ranges_heads_and_download_names(
    budi: AsyncClient, gateway: Gateway
) -> None:
    path = await _own(budi, "nota.pdf")
    files = budi.storage.from_("files")
    await files.upload(path, PICTURE, {"content-type": "application/pdf"})
    url = (await files.create_signed_url(path, 60, {"download": "nota é.pdf"}))["signedURL"]
    assert url is not None
    async with httpx.AsyncClient() as bare:
        whole = await bare.get(url)
        assert (whole.content, whole.headers["content-type"]) == (PICTURE, "application/pdf")
        disposition = whole.headers["content-disposition"]
        assert disposition.startswith("attachment; filename=")
        assert "filename*=UTF-8''nota%20%C3%A9.pdf" in disposition
        part = await bare.get(url, headers={"range": "bytes=100-199"})
        assert (part.status_code, part.content) == (206, PICTURE[100:200])
        assert part.headers["content-range"] == f"bytes 100-199/{len(PICTURE)}"
        head = await bare.head(url)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(PICTURE))
        other = url.replace("nota.pdf?", "lain.pdf?")
        assert (await bare.get(other)).json()["error"] == "InvalidSignature"
        forged = url.replace("token=", "token=x")
        assert (await bare.get(forged)).status_code == 400
    assert urlsplit(url).path.startswith("/storage/v1/object/sign/files/")


async def test_an_expired_signed_url_is_refused(budi: AsyncClient, gateway: Gateway) -> None:
    path = await _own(budi, "a.txt")
    files = budi.storage.from_("files")
    await files.upload(path, b"a", {"content-type": "text/plain"})
    with pytest.raises(StorageApiError):
        await files.create_signed_url(path, 0)
    missing = await files.create_signed_urls([path, path + "x"], 60)
    assert [bool(one["signedURL"]) for one in missing] == [True, False]


async def test_nobody_reads_or_writes_in_a_folder_of_others(
    budi: AsyncClient, citra: AsyncClient, client: Client, gateway: Gateway
) -> None:
    path = await _own(budi, "rahasia.txt")
    await budi.storage.from_("files").upload(path, b"x", {"content-type": "text/plain"})
    stranger = await client()
    for other in (citra, stranger):
        files = other.storage.from_("files")
        with pytest.raises(StorageApiError) as read:
            await files.download(path)
        assert (read.value.status, read.value.message) == ("404", "Object not found")
        with pytest.raises(StorageApiError):
            await files.create_signed_url(path, 60)
        with pytest.raises(StorageApiError) as written:
            await files.upload(path + "2", b"x", {"content-type": "text/plain"})
        assert written.value.status == "403"
        assert await files.remove([path]) == []
        assert await files.list(path.split("/")[0]) == []
        assert await other.storage.list_buckets() == []
    service = await client(gateway.config.keys.secret_key)
    assert await service.storage.from_("files").download(path) == b"x"


async def test_a_second_upload_needs_upsert_and_then_replaces(
    budi: AsyncClient, gateway: Gateway
) -> None:
    path = await _own(budi, "a.txt")
    files = budi.storage.from_("files")
    await files.upload(path, b"lama", {"content-type": "text/plain"})
    with pytest.raises(StorageApiError) as caught:
        await files.upload(path, b"baru", {"content-type": "text/plain"})
    assert caught.value.status == "409"
    await files.upload(path, b"baru", {"content-type": "text/plain", "upsert": "true"})
    assert await files.download(path) == b"baru"
    await files.update(path, b"lagi", {"content-type": "text/plain"})
    assert await files.download(path) == b"lagi"
    kept = [one for one in gateway.config.files.rglob("*") if one.is_file()]
    assert len(kept) == 1


@pytest.mark.parametrize(
    ("name", "content", "kind", "status"),
    [
        ("a.txt", b"x" * 1_000_001, "text/plain", "413"),
        ("a.exe", b"x", "application/x-msdownload", "415"),
        ("é.txt", b"x", "text/plain", "400"),
    ],
)
async def test_too_large_wrong_type_and_bad_names_are_refused(
    budi: AsyncClient, gateway: Gateway, name: str, content: bytes, kind: str, status: str
) -> None:
    path = await _own(budi, name)
    with pytest.raises(StorageApiError) as caught:
        await budi.storage.from_("files").upload(path, content, {"content-type": kind})
    assert caught.value.status == status
    assert not [one for one in gateway.config.files.rglob("*") if one.is_file()]


async def test_dots_in_a_path_lead_nowhere(gateway: Gateway) -> None:
    for path in ("files/..%2f..%2fetc/passwd", "files/%2e%2e/x", "files/a//b"):
        answer = gateway.ask(
            "POST",
            f"/storage/v1/object/{path}",
            headers=gateway.headers() | {"content-type": "text/plain"},
            content=b"x",
        )
        assert answer.status_code in {400, 404, 501}, answer.text


async def test_files_are_listed_moved_copied_and_removed(budi: AsyncClient) -> None:
    files = budi.storage.from_("files")
    folder = await _own(budi, "")
    await files.upload(f"{folder}b/dua.txt", b"2", {"content-type": "text/plain"})
    await files.upload(f"{folder}satu.txt", b"1", {"content-type": "text/plain"})
    listed = await files.list(folder)
    assert [(one["name"], one["id"] is None) for one in listed] == [
        ("b", True),
        ("satu.txt", False),
    ]
    await files.move(f"{folder}satu.txt", f"{folder}tiga.txt")
    await files.copy(f"{folder}tiga.txt", f"{folder}empat.txt")
    assert await files.download(f"{folder}empat.txt") == b"1"
    removed = await files.remove([f"{folder}tiga.txt", f"{folder}none.txt"])
    assert [one["name"] for one in removed] == [f"{folder}tiga.txt"]
    assert await files.download(f"{folder}empat.txt") == b"1"


async def test_a_signed_upload_url_takes_one_file_without_a_session(
    budi: AsyncClient, client: Client
) -> None:
    path = await _own(budi, "titip.txt")
    signed = await budi.storage.from_("files").create_signed_upload_url(path)
    stranger = (await client()).storage.from_("files")
    await stranger.upload_to_signed_url(
        path, signed["token"], b"isi", {"content-type": "text/plain"}
    )
    assert await budi.storage.from_("files").download(path) == b"isi"
    with pytest.raises(StorageApiError):
        await stranger.upload_to_signed_url(path + "2", signed["token"], b"isi")


async def test_the_service_keeps_buckets(client: Client, gateway: Gateway) -> None:
    storage = (await client(gateway.config.keys.secret_key)).storage
    await storage.create_bucket("media", options={"public": False, "file_size_limit": 1000})
    with pytest.raises(StorageApiError):
        await storage.create_bucket("media")
    assert {one.id for one in await storage.list_buckets()} == {"files", "media"}
    assert (await storage.get_bucket("media")).file_size_limit == 1000
    await storage.from_("media").upload("a.txt", b"a", {"content-type": "text/plain"})
    with pytest.raises(StorageApiError):
        await storage.delete_bucket("media")
    await storage.empty_bucket("media")
    await storage.delete_bucket("media")
    with pytest.raises(StorageApiError) as caught:
        await storage.get_bucket("media")
    assert caught.value.status == "404"
