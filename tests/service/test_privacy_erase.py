"""The erasing job when Twilio or Storage does not do its part: nothing skipped, nothing twice."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import procrastinate
import pytest

from console.service.config import Config
from console.service.database import Database, worker_pool_arguments
from console.service.fetch import MediaFetcher
from console.service.jobs.erase_contact import erase
from console.service.jobs.job import Run, Tools, TryLaterError
from console.service.storage import Storage
from console.service.twilio import Twilio
from tests.conftest import Database as Clone
from tests.service.conftest import Rows, config_of
from tests.service.requests import ACCOUNT, CUSTOMER, INBOX
from tests.service.stand_in import Answer, Request, StandIn, _json, refusal, running
from tests.service.working import Desk


@dataclass
class Account(StandIn):
    """Twilio with messages that can be emptied; `refusals` are given first, one for each call."""

    texts: dict[str, str] = field(default_factory=dict)
    files: dict[str, list[str]] = field(default_factory=dict)
    refusals: deque[Answer] = field(default_factory=deque)
    emptied: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)

    def answer(self, request: Request) -> Answer:
        _, _, place = request.path.partition(f"/Accounts/{ACCOUNT}/Messages")
        if request.method != "GET" and self.refusals:
            return self.refusals.popleft()
        if place == ".json":
            side = "From" if "From" in request.query else "To"
            return self._list(request.query[side][0], inbound=side == "From")
        sid, _, rest = place.strip("/").removesuffix(".json").partition("/")
        if request.method == "POST" and sid in self.texts:
            assert request.form == {"Body": ""}
            self.texts[sid] = ""
            self.emptied.append(sid)
            return _json(200, {"sid": sid, "num_media": str(len(self.files.get(sid, [])))})
        if request.method == "DELETE":
            self.deleted.append(rest.removeprefix("Media/"))
            return Answer(204)
        if rest == "Media":
            listed = [{"sid": file} for file in self.files[sid]]
            return _json(200, {"media_list": listed})
        return refusal(404, 20404, "not found")

    def _list(self, address: str, *, inbound: bool) -> Answer:
        """What the customer wrote and never reached us; nothing that we sent."""
        now = format_datetime(datetime.now(UTC))
        found = [
            {
                "from": address,
                "to": INBOX,
                "sid": sid,
                "direction": "inbound",
                "body": text,
                "status": "received",
                "date_sent": now,
                "num_media": "0",
            }
            for sid, text in self.texts.items()
            if sid.startswith("SMlisted")
        ]
        return _json(200, {"messages": found if inbound else [], "next_page_uri": None})


@pytest.fixture
async def account() -> AsyncIterator[Account]:
    async with running(Account()) as server:
        assert isinstance(server, Account)
        yield server


@pytest.fixture
def config(database: Clone, account: Account) -> Config:
    return config_of(database.dsn, SUPABASE_URL=account.url, TWILIO_API_URL=account.url)


@pytest.fixture
async def tools(config: Config) -> AsyncIterator[Tools]:
    connector = procrastinate.PsycopgConnector(**worker_pool_arguments(config))
    async with AsyncExitStack() as stack:
        parts = Twilio(config), Storage(config), MediaFetcher(config)
        for part in parts:
            stack.push_async_callback(part.close)
        await connector.open_async()
        stack.push_async_callback(connector.close_async)
        yield Tools(config, Database(connector.pool), *parts)


@pytest.fixture
def erasure(rows: Rows, account: Account) -> uuid.UUID:
    """Somebody with twelve messages at Twilio is to be erased; two of them carry files."""
    desk = Desk(rows)
    for number in range(12):
        sid = f"SM{number:032x}"
        account.texts[sid] = f"rahasia {number}"
        rows.do(
            "insert into public.messages (conversation_id, direction, content, timestamp, status,"
            " message_sid, from_number) values (%s, 'inbound', 'x', clock_timestamp(), 'received',"
            " %s, %s)",
            desk.conversation,
            sid,
            CUSTOMER,
        )
    account.files = {f"SM{0:032x}": ["ME0", "ME1"], f"SM{1:032x}": ["ME2"]}
    account.texts["SMlisted1"] = "tidak pernah sampai"
    ident = uuid.uuid4()
    rows.do(
        "insert into public.erasures (id, contact_id) select %s, contact_id"
        " from public.conversations where id = %s",
        ident,
        desk.conversation,
    )
    return ident


async def _run(tools: Tools, erasure: uuid.UUID) -> float | None:
    """One run of the job; seconds until the next, None when it is over."""
    try:
        await erase(tools, Run(erasure, "1", 0))
    except TryLaterError as later:
        return later.seconds
    return None


def _receipt(rows: Rows) -> Any:
    return rows.one("select * from public.erasures")


def _soon(rows: Rows) -> None:
    """What waits is due now."""
    rows.do("update private.erasure_parts set not_before = '-infinity'")


async def test_everything_is_emptied_once(tools: Tools, rows: Rows, account: Account,
                                          erasure: uuid.UUID) -> None:  # fmt: skip
    assert await _run(tools, erasure) is None
    assert set(account.texts.values()) == {""}
    assert len(account.emptied) == len(set(account.emptied)) == 13
    assert sorted(account.deleted) == ["ME0", "ME1", "ME2"]
    receipt = _receipt(rows)
    assert (receipt["state"], receipt["trouble"]) == ("done", None)
    assert (receipt["counts"]["twilio_messages"], receipt["counts"]["twilio_files"]) == (13, 3)
    assert rows.all("select from private.erasure_parts") == []
    assert await _run(tools, erasure) is None, "a job too many does nothing"
    assert len(account.emptied) == 13


async def test_two_workers_at_once_count_nothing_twice(
    tools: Tools, rows: Rows, account: Account, erasure: uuid.UUID
) -> None:
    ends = await asyncio.gather(*(_run(tools, erasure) for _ in range(3)))
    while any(end is not None for end in ends):
        ends = [await _run(tools, erasure)]
    receipt = _receipt(rows)
    assert receipt["state"] == "done"
    assert receipt["counts"]["twilio_messages"] == 13
    assert receipt["counts"]["messages"] == 12
    assert set(account.texts.values()) == {""}


@pytest.mark.usefixtures("warnings_expected")
@pytest.mark.parametrize(
    ("answer", "least", "words"),
    [
        (refusal(401, 20003, "Authenticate"), 300, "HTTP 401 (20003)"),
        (refusal(429, 20429, "Too many", **{"retry-after": "42"}), 42, "slow down"),
        (Answer(503), 2, "does not answer"),
    ],
    ids=["refused", "throttled", "away"],
)
async def test_a_twilio_that_does_not_work_is_waited_for(
    tools: Tools,
    rows: Rows,
    account: Account,
    erasure: uuid.UUID,
    answer: Answer,
    least: float,
    words: str,
) -> None:
    account.refusals.extend([answer] * 5)
    wait = await _run(tools, erasure)
    assert wait is not None
    assert wait >= least * 0.8
    receipt = _receipt(rows)
    assert receipt["state"] == "erasing"
    assert words in receipt["trouble"]
    assert rows.all("select from public.messages") == [], "the rows do not wait"
    _soon(rows)
    assert await _run(tools, erasure) is None
    assert set(account.texts.values()) == {""}
    assert _receipt(rows)["state"] == "done"


async def test_one_message_that_twilio_refuses_holds_up_no_other(
    tools: Tools, rows: Rows, account: Account, erasure: uuid.UUID
) -> None:
    account.refusals.append(refusal(409, 20009, "Cannot modify a message that is not finished"))
    assert await _run(tools, erasure) is not None
    assert len(account.emptied) == 12
    assert len(rows.all("select from private.erasure_parts where kind = 'sid'")) == 1
    _soon(rows)
    assert await _run(tools, erasure) is None
    assert len(account.emptied) == 13


async def test_what_twilio_does_not_have_any_more_is_done(
    tools: Tools, rows: Rows, account: Account, erasure: uuid.UUID
) -> None:
    del account.texts[f"SM{5:032x}"]
    assert await _run(tools, erasure) is None
    counts = _receipt(rows)["counts"]
    assert (counts["twilio_messages"], counts["twilio_gone_already"]) == (12, 1)


async def test_a_worker_that_is_stopped_leaves_the_rest_to_the_next(
    tools: Tools, rows: Rows, account: Account, erasure: uuid.UUID
) -> None:
    tools.stopping.set()
    while (await _run(tools, erasure)) == 0:
        if rows.value("select count(*) from private.erasure_parts where kind = 'sid'") < 13:
            break
    assert 0 < len(account.emptied) < 13
    tools.stopping.clear()
    assert await _run(tools, erasure) is None
    assert len(account.emptied) == len(set(account.emptied)) == 13


async def test_the_log_names_ids_only(
    tools: Tools, erasure: uuid.UUID, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="balas"):
        assert await _run(tools, erasure) is None
    assert str(erasure) in str([record.__dict__ for record in caplog.records])
    for record in caplog.records:
        said = str(record.__dict__)
        assert "rahasia" not in said
        assert CUSTOMER.partition("+")[2] not in said


async def test_a_table_that_we_do_not_know_is_named(
    tools: Tools, rows: Rows, erasure: uuid.UUID, caplog: pytest.LogCaptureFixture
) -> None:
    rows.do("create table public.orders (message_id uuid references public.messages)")
    rows.do("insert into public.orders select id from public.messages limit 1")
    with caplog.at_level(logging.WARNING):
        assert await _run(tools, erasure) is not None
    assert "orders" in _receipt(rows)["trouble"]
    rows.do("drop table public.orders")
    assert await _run(tools, erasure) is None
