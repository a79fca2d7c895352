"""Due times that follow when the rules change, and the word when one has passed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.database.conftest import Desk, Person
from tests.database.test_rules_due import answer, due


@pytest.fixture
def thread(desk: Desk) -> str:
    """A conversation of Jakarta; the first answer is due in 15 minutes, the next ones in 60."""
    desk.run(
        "update public.inboxes set first_response_minutes = 15, next_response_minutes = 60"
        " where id = %s",
        desk.jakarta,
    )
    desk.run("delete from private.due_renewals")
    return desk.conversation(desk.jakarta)


def set_rules(desk: Desk, person: Person, **rules: Any) -> None:
    person.call("set_inbox_rules", inbox_id=desk.jakarta, rules=rules)


def renew(desk: Desk) -> None:
    """Both times through, without the wait between them."""
    for _ in range(2):
        while desk.one("select private.renew_due()"):
            pass
        desk.run("update private.due_renewals set not_before = '-infinity'")


def test_due_times_follow_when_the_rules_change(
    desk: Desk, agent: Person, supervisor: Person, thread: str
) -> None:
    second = desk.conversation(desk.jakarta)
    for each in (thread, second):
        desk.inbound(each)
    answer(agent, second)
    desk.inbound(second, "Lagi")
    resting = desk.conversation(desk.jakarta)
    set_rules(desk, supervisor, first_response_minutes=30, next_response_minutes=None)
    assert (due(desk, thread), due(desk, second)) == ((15, None), (None, 60))
    renew(desk)
    assert (due(desk, thread), due(desk, second)) == ((30, None), (None, None))
    assert desk.one("select count(*) from private.due_renewals") == 0
    set_rules(desk, supervisor, next_response_minutes=45)
    renew(desk)
    assert (due(desk, thread), due(desk, second)) == ((30, None), (None, 45))
    assert due(desk, resting) == (None, None)
    # Nobody works: as many minutes later; but from the waiting on, not from the change.
    set_rules(desk, supervisor, hours={"zone": "Asia/Jakarta", "week": {}})
    assert desk.one("select count(*) from private.due_renewals") == 1
    set_rules(desk, supervisor, take_back_minutes=3)
    renew(desk)
    assert due(desk, thread) == (30, None)


def test_a_conversation_that_is_held_is_renewed_the_next_time_through(
    desk: Desk, supervisor: Person, thread: str
) -> None:
    desk.inbound(thread)
    set_rules(desk, supervisor, first_response_minutes=30)
    with desk.database.connect(autocommit=False) as other:
        other.execute("select from public.conversations where id = %s for update", [thread])
        renew(desk)
        other.rollback()
    assert due(desk, thread) == (15, None)
    renew(desk)
    assert due(desk, thread) == (30, None)
    assert desk.one("select count(*) from private.due_renewals") == 0


def test_more_than_one_page_of_waiting_customers_is_renewed(
    desk: Desk, supervisor: Person, thread: str
) -> None:
    desk.run(
        "with people as (insert into public.contacts (name)"
        "  select 'Siti' from generate_series(1, 450) returning id)"
        " insert into public.conversations (inbox_id, contact_id, waiting_since)"
        " select %s, id, now() from people",  # all since the same moment
        desk.jakarta,
    )
    set_rules(desk, supervisor, first_response_minutes=30)
    renew(desk)
    assert desk.admin.execute(
        "select distinct first_response_due_at - waiting_since from public.conversations"
        " where waiting_since is not null"
    ).fetchall() == [(timedelta(minutes=30),)]


def overdue(desk: Desk) -> list[tuple[str, str]]:
    return desk.admin.execute(
        "select conversation_id::text, data ->> 'which' from public.events"
        " where kind = 'response_overdue' order by created_at"
    ).fetchall()


def late(desk: Desk, thread: str) -> None:
    """The due time of who waits has passed."""
    desk.run(
        "update public.conversations c set first_response_due_at = first_response_due_at - d,"
        " next_response_due_at = next_response_due_at - d"
        " from (select interval '1 day' as d) day where c.id = %s",
        thread,
    )


def test_the_team_is_told_once_that_an_answer_is_overdue(
    desk: Desk, agent: Person, supervisor: Person, thread: str
) -> None:
    desk.inbound(thread)
    assert desk.one("select private.tell_overdue()") == 0
    late(desk, thread)
    agent.pull()
    assert desk.one("select private.tell_overdue()") == 1
    assert desk.one("select private.tell_overdue()") == 0
    assert overdue(desk) == [(thread, "first")]
    page = agent.pull()
    assert [event["kind"] for event in page["events"]] == ["response_overdue"]
    assert page["conversations"][0]["overdue_since"] is not None
    answer(agent, thread)
    assert desk.one("select overdue_since from public.conversations where id = %s", thread) is None
    desk.inbound(thread, "Lagi")
    late(desk, thread)
    agent.call("snooze", conversation_id=thread, until=str(datetime.now(UTC) + timedelta(hours=1)))
    assert desk.one("select private.tell_overdue()") == 0
    agent.call("reopen", conversation_id=thread)
    assert desk.one("select private.tell_overdue()") == 1
    assert overdue(desk) == [(thread, "first"), (thread, "next")]
    set_rules(desk, supervisor, next_response_minutes=120)
    renew(desk)
    assert desk.one("select overdue_since from public.conversations where id = %s", thread) is None


def test_two_rounds_at_once_tell_it_once(desk: Desk, thread: str) -> None:
    desk.inbound(thread)
    late(desk, thread)
    with desk.database.connect(autocommit=False) as one, desk.database.connect() as two:
        assert one.execute("select private.tell_overdue()").fetchone() == (1,)
        assert two.execute("select private.tell_overdue()").fetchone() == (0,)
        one.commit()
        assert two.execute("select private.tell_overdue()").fetchone() == (0,)
    assert len(overdue(desk)) == 1
