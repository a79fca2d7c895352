"""Files up and down: progress, resuming, and refusals in words."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable

import pytest

from console.domain.errors import RefusedError
from console.remote.client import Remote
from console.remote.storage import PIECE
from tests.remote.project import Project

CONTENT = secrets.token_bytes(3 * PIECE + 17)


@pytest.fixture
def place(project: Project) -> str:
    """Where a file of a conversation of Sari's inbox goes."""
    return f"{project.desk.conversation(project.desk.jakarta)}/m/0/berkas (1) ü.bin"


def pieces() -> AsyncIterator[bytes]:
    async def give() -> AsyncIterator[bytes]:
        for start in range(0, len(CONTENT), PIECE):
            yield CONTENT[start : start + PIECE]

    return give()


async def upload(
    remote: Remote, place: str, progress: Callable[[int], None] = lambda _: None
) -> None:
    await remote.files.upload(
        "attachments", place, pieces, len(CONTENT), "application/octet-stream", progress
    )


async def download(remote: Remote, place: str, start: int = 0) -> tuple[int, bytes]:
    """Where it began, and all that came."""
    found = [part async for part in remote.files.download("attachments", place, start)]
    return found[0][0], b"".join(piece for _, piece in found)


@pytest.fixture
def ascii_place(place: str) -> str:
    """A name that Storage takes."""
    return place.replace("ü", "u")


async def test_a_file_goes_up_by_pieces_and_comes_down_the_same(
    signed_in: Remote, ascii_place: str
) -> None:
    told: list[int] = []
    await upload(signed_in, ascii_place, told.append)
    assert told == [PIECE, 2 * PIECE, 3 * PIECE, len(CONTENT)]
    assert await download(signed_in, ascii_place) == (0, CONTENT)


async def test_the_same_upload_again_counts_as_done(signed_in: Remote, ascii_place: str) -> None:
    await upload(signed_in, ascii_place)
    await upload(signed_in, ascii_place)


async def test_a_download_goes_on_where_it_stopped(signed_in: Remote, ascii_place: str) -> None:
    await upload(signed_in, ascii_place)
    assert await download(signed_in, ascii_place, PIECE) == (PIECE, CONTENT[PIECE:])


async def test_a_download_that_was_complete_needs_nothing_more(
    signed_in: Remote, ascii_place: str
) -> None:
    await upload(signed_in, ascii_place)
    rest = [p async for p in signed_in.files.download("attachments", ascii_place, len(CONTENT))]
    assert rest == []


async def test_a_file_of_another_inbox_is_refused(signed_in: Remote, project: Project) -> None:
    there = f"{project.desk.conversation(project.desk.bandung)}/m/0/a.bin"
    with pytest.raises(RefusedError):
        await upload(signed_in, there)
    with pytest.raises(RefusedError):
        await download(signed_in, there)


async def test_an_upload_with_an_expired_token_renews_it(
    remote: Remote, project: Project, ascii_place: str
) -> None:
    sari = project.agent("wati", project.desk.jakarta)
    project.misbehave(token_lifetime=-5)
    await remote.auth.sign_in(sari.email, sari.password)
    project.misbehave(token_lifetime=0)
    await upload(remote, ascii_place)
    assert await download(remote, ascii_place) == (0, CONTENT)
