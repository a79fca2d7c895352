"""Files that do not come at once: resumed where they broke, tried for days, given up in words."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

import psycopg
import pytest

from console.service import partial
from console.service.config import Config
from console.service.fetch import FetchError, MediaFetcher
from console.service.jobs.copy_media import _is_lost
from console.service.partial import Partial, Partials
from tests.conftest import Database as Clone
from tests.service.conftest import Rows, Twilio, config_of
from tests.service.requests import media, whatsapp
from tests.service.stand_in import Answer, Request, StandIn, running
from tests.service.working import worker
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("warnings_expected")

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 5000
HOUR, DAY = 3600.0, 86400.0


class Shelf(StandIn):
    """A media host with one file, which gives parts of it and breaks off after `breaks` bytes."""

    content = JPEG
    tag = '"one"'
    breaks: int | None = None

    def answer(self, request: Request) -> Answer:
        if not request.path.startswith("/media/"):
            return super().answer(request)
        self.media_requests.append(request)
        asked = request.headers.get("range", "")
        headers = {"content-type": "image/jpeg", "etag": self.tag}
        whole = request.headers.get("if-range", self.tag) != self.tag
        if not asked or whole:
            return Answer(200, self.content, headers, cut=self.breaks)
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        size = len(self.content)
        headers["content-range"] = f"bytes {start}-{size - 1}/{size}"
        return Answer(206, self.content[start:], headers, cut=self.breaks)


@pytest.fixture
async def shelf() -> AsyncIterator[Shelf]:
    async with running(Shelf()) as server:
        assert isinstance(server, Shelf)
        yield server


@pytest.fixture
def config(database: Clone, shelf: Shelf) -> Config:
    return config_of(
        database.dsn,
        SUPABASE_URL=shelf.url,
        TWILIO_API_URL=shelf.url,
        TWILIO_MEDIA_HOSTS=f"127.0.0.1:{shelf.port}",
    )


@pytest.fixture
async def fetcher(config: Config) -> AsyncIterator[MediaFetcher]:
    fetcher = MediaFetcher(config)
    yield fetcher
    await fetcher.close()


@pytest.fixture
def arrives(twilio: Twilio, shelf: Shelf) -> Callable[[], Any]:
    async def deliver() -> None:
        request = whatsapp(**media("image/jpeg"))
        await twilio.delivers(request | {"MediaUrl0": f"{shelf.url}/media/0"})

    return deliver


def _state(rows: Rows) -> Any:
    return rows.value("select media -> 0 from public.messages")


def _bytes(part: Partial) -> bytes:
    part.file.seek(0)
    return part.file.read()


async def test_a_file_that_breaks_off_goes_on_from_there(
    fetcher: MediaFetcher, shelf: Shelf
) -> None:
    shelf.breaks = len(JPEG) // 4 + 1
    part = Partial()
    fetched = await fetcher.fetch(f"{shelf.url}/media/0", part)
    assert (fetched.size, fetched.content_type) == (len(JPEG), "image/jpeg")
    assert _bytes(part) == JPEG
    ranges = [request.headers.get("range") for request in shelf.media_requests]
    assert ranges[0] is None
    assert len(ranges) == 4
    assert ranges[1] == f"bytes={shelf.breaks}-"
    assert {request.headers.get("if-range") for request in shelf.media_requests[1:]} == {'"one"'}
    part.close()


async def test_what_came_is_kept_for_the_next_try(fetcher: MediaFetcher, shelf: Shelf) -> None:
    shelf.breaks = len(JPEG) // 20
    part = Partial()
    with pytest.raises(FetchError):
        await fetcher.fetch(f"{shelf.url}/media/0", part)
    had = part.size
    assert 0 < had < len(JPEG)
    shelf.breaks = None
    await fetcher.fetch(f"{shelf.url}/media/0", part)
    assert shelf.media_requests[-1].headers["range"] == f"bytes={had}-"
    assert _bytes(part) == JPEG
    part.close()


@pytest.mark.parametrize("says_so", [True, False], ids=["by its tag", "by its size alone"])
async def test_a_file_that_is_another_one_now_is_fetched_from_the_start(
    fetcher: MediaFetcher, shelf: Shelf, says_so: bool
) -> None:
    shelf.breaks = len(JPEG) // 20
    part = Partial()
    with pytest.raises(FetchError):
        await fetcher.fetch(f"{shelf.url}/media/0", part)
    shelf.breaks = None
    shelf.content = JPEG[:-500] + b"changed"
    if says_so:
        shelf.tag = '"two"'
    else:
        with pytest.raises(FetchError):
            await fetcher.fetch(f"{shelf.url}/media/0", part)
    await fetcher.fetch(f"{shelf.url}/media/0", part)
    assert _bytes(part) == shelf.content
    part.close()


async def test_storage_that_fails_does_not_cost_a_second_download(
    config: Config,
    shelf: Shelf,
    rows: Rows,
    arrives: Callable[[], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = deque([Answer(503)])
    store = shelf._storage
    monkeypatch.setattr(shelf, "_storage", lambda *it: answers.popleft() if answers else store(*it))
    await arrives()
    async with worker(config):
        await eventually(lambda: _state(rows).get("error") == "storage")
        assert _state(rows)["state"] == "pending"
        await eventually(lambda: _state(rows)["state"] == "stored")
    assert len(shelf.media_requests) == 1
    assert [content for _, content in shelf.objects.values()] == [JPEG]
    assert _state(rows)["error"] is None


@pytest.mark.parametrize(
    ("code", "tries", "seconds", "lost"),
    [
        ("not_found", 100, HOUR, False),  # it may not be there yet
        ("not_found", 3, 3 * HOUR, False),
        ("not_found", 8, 3 * HOUR, True),
        ("unreachable", 100, 6 * DAY, False),
        ("refused", 100, 6 * DAY, False),  # the administrator may put the key right
        ("storage", 100, 8 * DAY, True),
    ],
)
def test_how_long_a_file_is_tried(code: str, tries: int, seconds: float, lost: bool) -> None:
    assert _is_lost(code, tries, seconds) is lost


async def test_a_link_that_is_dead_for_good_is_said_on_the_message_and_can_be_tried_anew(
    config: Config,
    shelf: Shelf,
    rows: Rows,
    arrives: Callable[[], Any],
    database: Clone,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = shelf.answer
    monkeypatch.setattr(
        shelf,
        "answer",
        lambda request: Answer(410) if request.path.startswith("/media/") else real(request),
    )
    await arrives()
    async with worker(config):
        await eventually(lambda: _state(rows)["error"] == "not_found")
        assert _state(rows)["state"] == "pending"
        rows.do("update private.media_tries set tries = 7, first_at = now() - interval '3 hours'")
        rows.do("update jobs.procrastinate_jobs set scheduled_at = null where status = 'todo'")
        await eventually(lambda: _state(rows)["state"] == "failed")
        assert _state(rows)["error"] == "not_found"

        monkeypatch.setattr(shelf, "answer", real)
        agent, stranger = (
            rows.value("insert into public.profiles (id) values (gen_random_uuid()) returning id")
            for _ in range(2)
        )
        rows.do("insert into public.inbox_members select i.id, %s from public.inboxes i", agent)
        message = rows.value("select id from public.messages")
        with (
            database.acting_as(stranger) as connection,
            pytest.raises(psycopg.errors.RaiseException, match="not_found"),
        ):
            connection.execute("select public.retry_media(%s)", [message])
        with database.acting_as(agent) as connection:
            connection.execute("select public.retry_media(%s)", [message])
        await eventually(lambda: _state(rows)["state"] == "stored")
        with (
            database.acting_as(agent) as connection,
            pytest.raises(psycopg.errors.RaiseException, match="not_failed"),
        ):
            connection.execute("select public.retry_media(%s)", [message])


def test_parts_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partial, "MOST_KEPT", 2)
    monkeypatch.setattr(partial, "MOST_BYTES", 100)
    parts = Partials()

    def put(key: str, size: int) -> None:
        part = Partial()
        part.write(b"x" * size)
        parts.keep(key, part)

    def taken(keys: str) -> list[int]:
        found = [parts.take(key) for key in keys]
        for part in found:
            part.close()
        return [part.size for part in found]

    for key in "abc":
        put(key, 10)
    assert taken("abc") == [0, 10, 10]
    put("d", 60)
    put("e", 60)
    assert taken("de") == [0, 60]
