"""Since when a reply is sent, delivered and read is kept beside it."""

from __future__ import annotations

import json
import uuid
from itertools import permutations

import pytest

from tests.database.conftest import Desk, Person


@pytest.fixture
def reply(desk: Desk, agent: Person) -> str:
    """A reply that Twilio has taken; its SID is SM and its id's digits."""
    thread = desk.conversation(desk.jakarta, "Siti")
    desk.run("update public.conversations set last_inbound_at = now() where id = %s", thread)
    made = str(uuid.uuid4())
    agent.call("send_message", id=made, conversation_id=thread, content="Baik")
    desk.run(
        "update public.messages set status = 'sending', message_sid = %s where id = %s",
        sid(made),
        made,
    )
    desk.run("update public.messages set status = 'accepted' where id = %s", made)
    return made


def sid(message: str) -> str:
    return f"SM{message.replace('-', '')}"


def heard(desk: Desk, message: str, status: str, error: int | None = None) -> None:
    """A status callback, alone."""
    report = {"sid": sid(message), "status": status, "error_code": error}
    desk.one("select private.apply_status(%s)", json.dumps(report))


def kept(desk: Desk, message: str) -> list[str]:
    rows = desk.admin.execute(
        "select status from private.delivery_events where message_id = %s order by at", [message]
    )
    return [str(status) for (status,) in rows]


def test_each_step_is_kept_with_its_moment_and_once(desk: Desk, reply: str) -> None:
    for status in ("sent", "delivered", "delivered", "read"):
        heard(desk, reply, status)
    assert kept(desk, reply) == ["accepted", "sent", "delivered", "read"]
    assert desk.one("select bool_and(at <= clock_timestamp()) from private.delivery_events")


def test_callbacks_that_come_together_are_kept_too(desk: Desk, reply: str) -> None:
    batch = [{"sid": sid(reply), "status": status} for status in ("sent", "read", "delivered")]
    answers = desk.one("select private.apply_statuses(%s)", json.dumps(batch))
    assert "applied" in answers
    assert kept(desk, reply) == ["accepted", "read"]


@pytest.mark.parametrize("order", list(permutations(("sent", "delivered", "read"))))
def test_what_comes_late_moves_nothing_and_is_not_kept(
    desk: Desk, reply: str, order: tuple[str, ...]
) -> None:
    ranks = ("accepted", "sent", "delivered", "read")
    expected = ["accepted"]
    for status in order:
        heard(desk, reply, status)
        if ranks.index(status) > ranks.index(expected[-1]):
            expected.append(status)
    assert kept(desk, reply) == expected


def test_a_refusal_says_why_and_what_waits_or_came_in_has_none(desk: Desk, reply: str) -> None:
    heard(desk, reply, "undelivered", 63024)
    assert kept(desk, reply) == ["accepted", "undelivered"]
    assert desk.one("select max(error_code) from private.delivery_events") == 63024
    thread = desk.one("select conversation_id from public.messages where id = %s", reply)
    desk.inbound(thread, "Halo")
    desk.run("update public.messages set status = 'received' where direction = 'inbound'")
    assert desk.one("select count(*) from private.delivery_events") == 2
    desk.run("delete from public.messages where id = %s", reply)
    assert desk.one("select count(*) from private.delivery_events") == 0
