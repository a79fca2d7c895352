"""Long walks of the feed: months of history, long absences, and what happens while they run."""

from __future__ import annotations

import random
from collections import Counter

from tests.database.conftest import Desk, Person


def messages_of(agent: Person) -> Counter[str]:
    """How often each message came, over all pages so far."""
    return Counter(row["id"] for page in agent.pages for row in page["messages"])


def fill(desk: Desk, thread: str, count: int) -> set[str]:
    """`count` messages in a thread, one each quarter of an hour, the last one just now."""
    rows = desk.admin.execute(
        "with sent as (insert into public.messages"
        "  (conversation_id, direction, content, status, timestamp)"
        "  select %s, 'inbound', 'text ' || n, 'received', now() - n * interval '15 minutes'"
        "    from generate_series(1, %s) n returning id), moved as (update public.conversations"
        "  set last_message_at = now() - interval '15 minutes' where id = %s)"
        " select id from sent",
        [thread, count, thread],
    ).fetchall()
    return {str(row[0]) for row in rows}


def test_threads_longer_than_a_page_come_whole_and_once(desk: Desk, agent: Person) -> None:
    sent: set[str] = set()
    for count in (75, 20, 21, 130, 3, 40):
        sent |= fill(desk, desk.conversation(desk.jakarta), count)
    agent.pull(page_size=16)
    counted = messages_of(agent)
    assert set(counted) == sent
    assert set(counted.values()) == {1}


def test_threads_of_two_inboxes_come_in_one_order_and_none_is_missed(
    desk: Desk, supervisor: Person
) -> None:
    sent: set[str] = set()
    threads = []
    for number in range(24):
        inbox = desk.jakarta if number % 3 else desk.bandung
        threads.append(desk.conversation(inbox, f"Customer {number}"))
        sent |= fill(desk, threads[-1], 30)
        desk.run(
            "update public.conversations set last_message_at = now() - %s * interval '1 hour',"
            " status = case when %s then 'resolved' else 'open' end where id = %s",
            number,
            number % 2 == 0,
            threads[-1],
        )
    supervisor.pull(page_size=24)
    listed = [row["id"] for page in supervisor.pages for row in page["conversations"]]
    assert list(dict.fromkeys(listed)) == threads
    assert set(messages_of(supervisor)) == sent


def test_open_threads_of_years_ago_come_page_by_page_after_the_recent_ones(
    desk: Desk, agent: Person
) -> None:
    threads = [desk.conversation(desk.jakarta, f"Customer {n}") for n in range(30)]
    for number, thread in enumerate(threads):
        desk.run(
            "update public.conversations set last_message_at = now() - %s * interval '5 days',"
            " status = case when %s then 'resolved' else 'open' end where id = %s",
            number,
            number % 3 == 0,
            thread,
        )
    agent.pull(page_size=24)
    listed = [row["id"] for page in agent.pages for row in page["conversations"]]
    assert listed == [t for n, t in enumerate(threads) if n < 6 or n % 3]


def test_nothing_is_missed_when_threads_move_at_any_moment_of_a_first_pull(
    desk: Desk, agent: Person
) -> None:
    chance = random.Random(3)
    threads = [desk.conversation(desk.jakarta, f"Customer {n}") for n in range(20)]
    sent: set[str] = set()
    for thread in threads:
        sent |= fill(desk, thread, chance.randint(1, 60))
    while agent.pull_page(page_size=40)["more"]:
        if len(agent.pages) < 60:
            sent.add(desk.inbound(chance.choice(threads), "meanwhile"))
    assert set(messages_of(agent)) == sent


def test_a_long_transaction_that_ends_while_pages_are_fetched_comes_whole_and_once(
    desk: Desk, agent: Person
) -> None:
    threads = [desk.conversation(desk.jakarta, f"Customer {n}") for n in range(3)]
    agent.pull()
    agent.pages.clear()
    with desk.database.connect(autocommit=False) as slow:
        late = {desk.inbound(threads[0], f"late {n}", connection=slow) for n in range(25)}
        early = {desk.inbound(threads[1], f"early {n}") for n in range(25)}
        assert agent.pull_page(page_size=4)["more"]
        slow.commit()
    after = {desk.inbound(threads[2], f"after {n}") for n in range(5)}
    agent.pull(page_size=4)
    counted = messages_of(agent)
    assert set(counted) == late | early | after
    assert set(counted.values()) == {1}
    assert agent.pull()["messages"] == []
