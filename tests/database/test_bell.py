"""The doorbell: ids only, once a transaction, ticks at most once a second, never in the way."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import psycopg

from tests.database.conftest import Desk, Person

Bell = tuple[str, dict[str, Any]]


def bells(desk: Desk) -> list[Bell]:
    """What was rung since the last look: topic and payload without its own id."""
    with psycopg.connect(desk.database.admin_dsn, autocommit=True) as connection:
        rows = connection.execute(
            "with heard as (delete from realtime.messages returning *)"
            " select topic, event, private, payload - 'id' from heard order by inserted_at"
        ).fetchall()
    assert all(event == "changed" and private for _, event, private, _ in rows)
    return [(topic, payload) for topic, _, _, payload in rows]


def silence(desk: Desk) -> None:
    """Ring what is due and forget when: the next tick may ring at once."""
    desk.run("select private.ring_due_bells()")
    desk.run("update private.bells set rung_at = '-infinity'")
    bells(desk)


def test_a_message_in_rings_its_inbox_once_with_ids_only(desk: Desk) -> None:
    thread = desk.conversation(desk.jakarta)
    bells(desk)
    with desk.database.connect(autocommit=False) as connection:
        one = desk.inbound(thread, "rahasia", connection=connection)
        two = desk.inbound(thread, "rahasia", connection=connection)
        connection.commit()
    ((topic, payload),) = bells(desk)
    assert topic == f"inbox:{desk.jakarta}"
    assert payload["conversations"] == [thread]
    assert set(payload["messages"]) == {one, two}
    assert "rahasia" not in str(payload)


def test_what_is_rolled_back_rings_nothing(desk: Desk) -> None:
    thread = desk.conversation(desk.jakarta)
    bells(desk)
    with desk.database.connect(autocommit=False) as connection:
        desk.inbound(thread, connection=connection)
        connection.rollback()
    assert bells(desk) == []


def test_many_changes_ring_without_a_list(desk: Desk) -> None:
    thread = desk.conversation(desk.jakarta)
    bells(desk)
    desk.run(
        "insert into public.messages (conversation_id, direction, timestamp)"
        " select %s, 'inbound', now() + n * interval '1 ms' from generate_series(1, 50) n",
        thread,
    )
    assert bells(desk) == [(f"inbox:{desk.jakarta}", {"many": True})]


def test_ticks_ring_at_most_once_and_the_rest_when_due(desk: Desk) -> None:
    thread = desk.conversation(desk.jakarta)
    messages = [desk.inbound(thread, str(number)) for number in range(3)]
    silence(desk)
    for message in messages:
        desk.run("update public.messages set status = 'read' where id = %s", message)
    rung_at_once = bells(desk)
    assert len(rung_at_once) == 1
    assert desk.one("select private.ring_due_bells()") == 1
    ((topic, payload),) = bells(desk)
    assert topic == f"inbox:{desk.jakarta}"
    named = set(payload["messages"]).union(*(bell[1]["messages"] for bell in rung_at_once))
    assert named == set(messages)
    assert desk.one("select private.ring_due_bells()") == 0
    # within the second another tick waits for the next round
    desk.run("update public.messages set status = 'received' where id = %s", messages[0])
    assert bells(desk) == []
    desk.run("update private.bells set rung_at = rung_at - interval '2 seconds'")
    desk.run("update public.messages set status = 'read' where id = %s", messages[0])
    assert len(bells(desk)) == 1


def test_a_failure_is_not_a_tick(desk: Desk) -> None:
    message = desk.inbound(desk.conversation(desk.jakarta))
    bells(desk)
    desk.run("update public.messages set status = 'failed' where id = %s", message)
    assert len(bells(desk)) == 1


def test_an_assignment_rings_at_once(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta)
    bells(desk)
    desk.run("update public.conversations set assignee_id = %s where id = %s", agent.id, thread)
    assert bells(desk) == [(f"inbox:{desk.jakarta}", {"conversations": [thread], "messages": []})]


def test_joining_an_inbox_rings_the_person(desk: Desk, outsider: Person) -> None:
    bells(desk)
    desk.join(outsider.id, desk.jakarta)
    assert [topic for topic, _ in bells(desk)] == [f"profile:{outsider.id}"]


def test_ticks_of_one_inbox_do_not_wait_for_each_other(desk: Desk) -> None:
    thread = desk.conversation(desk.jakarta)
    one, two = desk.inbound(thread, "one"), desk.inbound(thread, "two")
    silence(desk)
    done = threading.Event()
    with desk.database.connect(autocommit=False) as slow:
        slow.execute("update public.messages set status = 'read' where id = %s", [one])
        slow.execute("set constraints all immediate")  # rings here, commits later

        def tick() -> None:
            with desk.database.connect() as quick:
                quick.execute("update public.messages set status = 'read' where id = %s", [two])
            done.set()

        thread_of_tick = threading.Thread(target=tick)
        thread_of_tick.start()
        assert done.wait(10)
        thread_of_tick.join()
        slow.commit()
    assert desk.one("select private.ring_due_bells()") == 1


def test_a_bell_that_fails_loses_no_message(desk: Desk) -> None:
    thread = desk.conversation(desk.jakarta)
    with psycopg.connect(desk.database.admin_dsn, autocommit=True) as owner:
        owner.execute("drop function realtime.send(jsonb, text, text, boolean)")
        message = desk.inbound(thread)
        owner.execute(
            "create function realtime.send(payload jsonb, event text, topic text, private boolean)"
            " returns void language plpgsql as $$ begin raise exception 'broken'; end $$"
        )
    other = desk.inbound(thread)
    assert (
        desk.one("select count(*) from public.messages where id in (%s, %s)", message, other) == 2
    )


def test_a_label_rings_every_inbox_when_due(desk: Desk) -> None:
    bells(desk)
    desk.run("select private.ring_due_bells()")
    bells(desk)
    desk.run("insert into public.labels (name) values (%s)", uuid.uuid4().hex)
    desk.run("select private.ring_due_bells()")
    assert {topic for topic, _ in bells(desk)} == {
        f"inbox:{desk.jakarta}",
        f"inbox:{desk.bandung}",
    }
