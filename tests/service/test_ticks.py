"""Ticks that come together share a commit, and each moves its message as it would alone."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.conftest import Database as Clone
from tests.service.conftest import Rows, Twilio
from tests.service.requests import new_sid
from tests.service.working import Desk

Apply = Callable[..., list[str | None]]


@pytest.fixture
def desk(rows: Rows) -> Desk:
    return Desk(rows)


@pytest.fixture
def apply(rows: Rows) -> Apply:
    """Applies reports in one batch; what became of each."""

    def together(*batch: dict[str, Any]) -> list[str | None]:
        found: list[str | None] = rows.value("select private.apply_statuses(%s)", Jsonb(batch))
        return found

    return together


def tick(sid: str, status: str, **more: Any) -> dict[str, Any]:
    """A report as `private.apply_statuses` takes it."""
    nothing = {"attempt_id": None, "error_code": None, "error_text": None, "said": None}
    return {"sid": sid, "status": status, **nothing, **more}


def sent(desk: Desk, *, status: str = "accepted") -> tuple[str, str]:
    """A reply that Twilio took: its id and its SID."""
    message, sid = desk.reply(kick=False), new_sid()
    desk.rows.do(
        "update public.messages set status = %s, message_sid = %s where id = %s",
        status, sid, message,
    )  # fmt: skip
    return message, sid


def test_each_message_gets_as_far_as_any_of_its_ticks_says(
    rows: Rows, desk: Desk, apply: Apply
) -> None:
    (one, first), (other, second) = sent(desk), sent(desk, status="read")
    answers = apply(
        tick(first, "sent"),
        tick(second, "delivered"),
        tick(first, "read"),
        tick(first, "delivered"),
    )
    assert answers == ["applied", "unchanged", "applied", "applied"]
    assert (desk.status(one), desk.status(other)) == ("read", "read")
    assert apply(tick(first, "sent")) == ["unchanged"]


def test_what_says_more_than_a_tick_is_left_to_go_alone(
    rows: Rows, desk: Desk, apply: Apply
) -> None:
    message, sid = sent(desk)
    attempt = str(uuid.uuid4())
    rows.do(
        "insert into public.delivery_attempts (id, message_id, worker, outcome)"
        " values (%s, %s, '1', 'uncertain')",
        attempt, message,
    )  # fmt: skip
    _, plain = sent(desk)
    assert apply(
        tick(new_sid(), "sent"),  # a message that we do not know yet
        tick(sid, "delivered", attempt_id=attempt),  # settles an attempt
        tick(plain, "undelivered", error_code=30003),
        tick(plain, "sent", said="Words"),
    ) == [None, None, None, None]
    assert desk.status(message) == "accepted"


def test_while_the_account_is_tried_every_tick_goes_alone(
    rows: Rows, desk: Desk, apply: Apply
) -> None:
    _, sid = sent(desk)
    rows.do("update public.service_state set state = 'trying' where part = 'sending'")
    if not rows.value("select count(*) from public.service_state where part = 'sending'"):
        rows.do("insert into public.service_state (part, state) values ('sending', 'trying')")
    assert apply(tick(sid, "read")) == [None]


def test_nobody_waits_for_a_message_that_another_holds(
    database: Clone, desk: Desk, apply: Apply
) -> None:
    (held, first), (free, second) = sent(desk), sent(desk)
    with database.connect() as other, other.transaction():
        other.execute("select from public.messages where id = %s for update", [held])
        assert apply(tick(first, "read"), tick(second, "read")) == [None, "applied"]
        other.execute(
            "select pg_advisory_xact_lock(hashtextextended('balas:sid:' || %s, 0))", [second]
        )
        assert apply(tick(second, "read")) == [None]
    assert (desk.status(held), desk.status(free)) == ("accepted", "read")


def test_the_feed_notes_a_batch_once_for_each_message(rows: Rows, desk: Desk, apply: Apply) -> None:
    ids = dict(sent(desk) for _ in range(5))
    rows.do("delete from private.changes")
    apply(*(tick(sid, word) for sid in ids.values() for word in ("sent", "delivered", "read")))
    noted = rows.all("select kind, id, urgent from private.changes")
    assert sorted(row["id"] for row in noted) == sorted(ids)
    assert {(row["kind"], row["urgent"]) for row in noted} == {("messages", False)}


async def test_a_storm_of_callbacks_leaves_every_message_read(
    rows: Rows, desk: Desk, twilio: Twilio
) -> None:
    ids = dict(sent(desk) for _ in range(30))
    unknown = [new_sid() for _ in range(5)]
    storm = [
        {"MessageSid": sid, "MessageStatus": word, "From": "whatsapp:+1", "To": "whatsapp:+2"}
        for sid in (*ids.values(), *unknown)
        for word in ("sent", "delivered", "read")
    ]
    random.Random(7).shuffle(storm)

    async def deliver(some: Sequence[dict[str, str]]) -> None:
        for one in some:
            assert (await twilio.post("/status", one)).status_code == 200

    await asyncio.gather(*(deliver(storm[n::12]) for n in range(12)))
    assert {desk.status(message) for message in ids} == {"read"}
    kept = rows.value("select count(*) from private.early_statuses where sid = any(%s)", unknown)
    assert kept == 3 * len(unknown)
