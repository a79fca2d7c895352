"""What a blocked customer writes is stored, and asks nobody to do anything."""

from __future__ import annotations

import json
import threading
import uuid
from typing import Any

import pytest

from tests.database.conftest import Desk, Person

NUMBER = "whatsapp:+6281299900417"


@pytest.fixture
def thread(desk: Desk) -> str:
    """A conversation of Jakarta whose customer waits; the inbox routes and greets."""
    desk.run(
        "update public.inboxes set routing = true, first_response_minutes = 15 where id = %s",
        desk.jakarta,
    )
    desk.run(
        "insert into public.auto_replies (inbox_id, kind, body) values (%s, 'greeting', 'Halo')",
        desk.jakarta,
    )
    made = desk.conversation(desk.jakarta, "Siti", NUMBER)
    arrives(desk, together=False)
    return made


def arrives(desk: Desk, *, together: bool, to: str = "whatsapp:+628110000001") -> str:
    """The customer writes; the message's id."""
    sid = f"SM{uuid.uuid4().hex}"
    request = {
        "sid": sid, "from": NUMBER, "to": to, "channel": "whatsapp", "addresses": [NUMBER],
        "phone": "+6281299900417", "profile_name": "Siti", "message_type": "text",
        "content": sid, "media": [], "metadata": {"kind": "text"},
    }  # fmt: skip
    if together:
        batch: list[Any] = [
            request | {"body": sid, "headers": {}, "flagged": None, "path": "/webhook"}
        ]
        taken: Any = desk.one("select private.ingest_together(%s)", json.dumps(batch))[0]
    else:
        taken = desk.one("select private.ingest(%s, %s)", json.dumps(request), sid.encode())
    return str(taken["message_id"])


def state(desk: Desk, thread: str) -> dict[str, Any]:
    row: dict[str, Any] = desk.one(
        "select to_jsonb(c) from public.conversations c where id = %s", thread
    )
    return row


def block(desk: Desk, person: Person, thread: str, blocked: bool = True) -> None:
    contact = state(desk, thread)["contact_id"]
    person.call("set_blocked", contact_id=contact, blocked=blocked)


@pytest.mark.parametrize("together", [False, True])
def test_a_blocked_customers_message_is_stored_and_neither_reopens_nor_waits_nor_is_answered(
    desk: Desk, agent: Person, thread: str, together: bool
) -> None:
    agent.call("set_available", available=True)
    agent.call("resolve", conversation_id=thread)
    block(desk, agent, thread)
    before = state(desk, thread)
    message = arrives(desk, together=together)
    after = state(desk, thread)
    assert (after["status"], after["waiting_since"]) == ("resolved", None)
    assert after["first_response_due_at"] is None
    assert after["last_inbound_at"] > before["last_inbound_at"]
    assert after["last_message_at"] > before["last_message_at"]
    assert desk.one("select count(*) from public.messages where id = %s", message) == 1
    assert desk.one("select private.run_rules(%s)", message) == {}
    assert desk.one("select private.route_waiting()") == 0
    assert desk.one("select count(*) from public.messages where automatic") == 0
    assert desk.one("select count(*) from public.events where kind = 'reopened'") == 0
    assert [row["id"] for row in agent.pull()["messages"]].count(message) == 1, "it can be read"
    block(desk, agent, thread, blocked=False)
    arrives(desk, together=together)
    again = state(desk, thread)
    assert again["status"] == "open"
    assert again["waiting_since"] is not None
    assert desk.one("select count(*) from public.events where kind = 'reopened'") == 1


def test_who_is_blocked_while_they_wait_waits_no_longer(
    desk: Desk, agent: Person, thread: str
) -> None:
    assert state(desk, thread)["waiting_since"] is not None
    block(desk, agent, thread)
    found = state(desk, thread)
    assert (found["status"], found["waiting_since"]) == ("open", None)
    assert found["first_response_due_at"] is None


def test_a_blocked_customer_who_writes_to_another_inbox_opens_nothing_there(
    desk: Desk, agent: Person, thread: str
) -> None:
    block(desk, agent, thread)
    arrives(desk, together=False, to="whatsapp:+628110000002")
    row = desk.admin.execute(
        "select status, waiting_since from public.conversations where inbox_id = %s", [desk.bandung]
    ).fetchone()
    assert row == ("resolved", None)


def test_people_may_open_the_conversation_of_a_blocked_customer(
    desk: Desk, agent: Person, thread: str
) -> None:
    agent.call("resolve", conversation_id=thread)
    block(desk, agent, thread)
    agent.call("reopen", conversation_id=thread)
    assert state(desk, thread)["status"] == "open"
    arrives(desk, together=True)
    assert state(desk, thread)["waiting_since"] is None


def test_a_message_that_comes_while_they_are_blocked_leaves_nobody_waiting(
    desk: Desk, agent: Person, thread: str
) -> None:
    agent.call("send_message", id=str(uuid.uuid4()), conversation_id=thread, content="Baik")
    contact = state(desk, thread)["contact_id"]
    with agent.session(autocommit=False) as connection:
        connection.execute("select public.set_blocked(%s, true)", [contact])
        writer = threading.Thread(target=lambda: arrives(desk, together=False))
        writer.start()
        writer.join(0.2)
        connection.commit()
        writer.join()
    assert state(desk, thread)["waiting_since"] is None
