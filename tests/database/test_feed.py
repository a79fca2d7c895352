"""The change feed: nothing skipped, repeated or shown to others, whatever the commit order."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections import Counter

import psycopg
import pytest

from tests.database.conftest import Desk, Person


def ids(rows: list[dict[str, object]]) -> list[object]:
    return [row["id"] for row in rows]


def test_the_first_pull_brings_conversations_newest_first_with_their_people(
    desk: Desk, agent: Person
) -> None:
    older = desk.conversation(desk.jakarta, "Ani")
    newer = desk.conversation(desk.jakarta, "Bayu")
    desk.inbound(older)
    desk.inbound(newer)
    page = agent.pull_page()
    assert ids(page["conversations"]) == [newer, older]
    assert {row["name"] for row in page["contacts"]} == {"Ani", "Bayu"}
    assert all(len(row["addresses"]) == 1 for row in page["contacts"])
    assert ids(page["inboxes"]) == [desk.jakarta]
    assert agent.id in ids(page["profiles"])
    assert page["forget"] == []


def test_a_pull_after_the_first_brings_only_what_changed(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta)
    desk.inbound(thread, "one")
    agent.pull()
    assert agent.pull()["messages"] == []
    two = desk.inbound(thread, "two")
    caught_up = agent.pull()
    assert ids(caught_up["messages"]) == [two]
    assert ids(caught_up["conversations"]) == [thread]
    assert agent.pull()["messages"] == []


def test_a_change_that_commits_late_is_not_skipped(desk: Desk, agent: Person) -> None:
    early, late = desk.conversation(desk.jakarta, "Ani"), desk.conversation(desk.jakarta, "Bayu")
    agent.pull()
    with desk.database.connect(autocommit=False) as slow:
        # takes the lower sequence numbers, commits last
        hidden = desk.inbound(early, "slow", connection=slow)
        seen = desk.inbound(late, "fast")
        assert ids(agent.pull()["messages"]) == [seen]
        seen_too = desk.inbound(late, "fast again")
        assert ids(agent.pull()["messages"]) == [seen_too]
        slow.commit()
    assert ids(agent.pull()["messages"]) == [hidden]
    assert agent.pull()["messages"] == []


def test_a_rolled_back_change_never_appears(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta)
    agent.pull()
    with desk.database.connect(autocommit=False) as doomed:
        desk.inbound(thread, "never", connection=doomed)
        agent.pull()
        doomed.rollback()
    assert agent.pull()["messages"] == []


def test_a_transaction_left_open_delays_nothing(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta)
    agent.pull()
    with desk.database.connect(autocommit=False) as idle:
        idle.execute("insert into public.labels (name) values ('unfinished')")
        for number in range(5):
            sent = desk.inbound(thread, f"message {number}")
            assert ids(agent.pull()["messages"]) == [sent]
        idle.rollback()


def test_small_pages_bring_every_change_once_and_the_newest_first(
    desk: Desk, agent: Person
) -> None:
    thread = desk.conversation(desk.jakarta)
    agent.pull()
    sent = [desk.inbound(thread, f"message {number}") for number in range(40)]
    agent.pages.clear()
    found = agent.pull(page_size=7)
    assert Counter(ids(found["messages"])) == Counter(sent)
    assert len(agent.pages) > 5
    assert agent.pages[0]["messages"][0]["id"] == sent[-1]


def test_what_commits_while_pages_are_fetched_comes_after_them(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta)
    agent.pull()
    first = {desk.inbound(thread, f"first {number}") for number in range(20)}
    assert agent.pull_page(5)["more"]
    second = {desk.inbound(thread, f"second {number}") for number in range(20)}
    found = ids(agent.pull(5)["messages"]) + ids(agent.pages[-1]["messages"])
    everything = {row["id"] for page in agent.pages for row in page["messages"]}
    assert everything == first | second
    assert second <= set(found)


def test_the_same_cursor_twice_gives_the_same_page(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta)
    agent.pull()
    sent = desk.inbound(thread)
    cursor = agent.cursor
    assert ids(agent.pull_page()["messages"]) == [sent]
    agent.cursor = cursor
    assert ids(agent.pull_page()["messages"]) == [sent]


def test_an_unreadable_cursor_is_a_first_pull(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta)
    for cursor in ("", "no cursor", "e30=", "bnVsbA==", "W10="):
        agent.cursor = cursor
        assert ids(agent.pull()["conversations"]) == [thread]


def test_the_cursor_of_another_person_is_a_first_pull(
    desk: Desk, agent: Person, supervisor: Person
) -> None:
    thread = desk.conversation(desk.jakarta)
    supervisor.pull()
    agent.cursor = supervisor.cursor
    assert ids(agent.pull()["conversations"]) == [thread]


def test_a_cursor_older_than_the_pruned_feed_is_a_first_pull(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta)
    agent.pull()
    desk.run("select private.prune_changes(interval '0 seconds')")
    assert ids(agent.pull()["conversations"]) == [thread]


def test_a_restored_feed_starts_anew(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta)
    agent.pull()
    assert desk.one("select private.renew_feed()") is False
    # as after a logical restore into a younger cluster
    desk.run("update private.changes set xid = '900000000000'")
    assert desk.one("select private.renew_feed()") is True
    assert ids(agent.pull()["conversations"]) == [thread]


def test_an_agent_who_joins_an_inbox_gets_its_history(desk: Desk, agent: Person) -> None:
    there = desk.conversation(desk.bandung, "Citra")
    old = [desk.inbound(there, f"old {number}") for number in range(30)]
    assert agent.pull()["conversations"] == []
    desk.join(agent.id, desk.bandung)
    found = agent.pull()
    assert ids(found["conversations"])[:1] == [there]
    assert set(ids(found["messages"])) == set(old)
    assert ids(found["inboxes"]) == [desk.bandung]


def test_an_agent_who_leaves_an_inbox_is_told_to_forget_it(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta)
    agent.pull()
    desk.leave(agent.id, desk.jakarta)
    desk.inbound(thread, "not for you")
    found = agent.pull()
    assert found["forget"] == [desk.jakarta]
    assert found["messages"] == []
    assert found["conversations"] == []
    assert agent.pull()["forget"] == []


def test_an_agent_switched_off_forgets_everything(desk: Desk, agent: Person) -> None:
    desk.conversation(desk.jakarta)
    agent.pull()
    desk.run("update public.profiles set active = false where id = %s", agent.id)
    found = agent.pull()
    assert found["forget"] == [desk.jakarta]
    assert [row["active"] for row in found["profiles"]] == [False]


def test_an_inbox_left_and_joined_again_misses_nothing(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta)
    agent.pull()
    desk.leave(agent.id, desk.jakarta)
    agent.pull()
    sent = desk.inbound(thread)
    desk.join(agent.id, desk.jakarta)
    assert sent in ids(agent.pull()["messages"])


def test_a_thread_that_moves_leaves_one_inbox_and_arrives_whole_in_the_other(desk: Desk) -> None:
    from_jakarta = desk.person("Dewi", "agent", desk.jakarta)
    to_bandung = desk.person("Eka", "agent", desk.bandung)
    thread = desk.conversation(desk.jakarta)
    past = [desk.inbound(thread, f"message {number}") for number in range(5)]
    from_jakarta.pull()
    to_bandung.pull()
    desk.run("update public.conversations set inbox_id = %s where id = %s", desk.bandung, thread)
    assert from_jakarta.pull()["deleted"]["conversations"] == [thread]
    arrived = to_bandung.pull()
    assert ids(arrived["conversations"]) == [thread]
    assert set(ids(arrived["messages"])) == set(past)
    assert len(arrived["contacts"]) == 1


def test_deleted_rows_are_named(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta)
    message = desk.inbound(thread)
    label = desk.one("insert into public.labels (name) values ('vip') returning id")
    desk.run("insert into public.conversation_labels values (%s, %s)", thread, label)
    found = agent.pull()
    assert len(found["conversation_labels"]) == 1
    desk.run("delete from public.messages where id = %s", message)
    desk.run("delete from public.conversation_labels")
    desk.run("delete from public.labels")
    gone = agent.pull()["deleted"]
    assert gone["messages"] == [message]
    assert gone["labels"] == [str(label)]
    assert gone["conversation_labels"] == [f"{thread}:{label}"]


def test_reads_and_drafts_come_to_their_owner_alone(desk: Desk, agent: Person) -> None:
    colleague = desk.person("Eka", "agent", desk.jakarta)
    thread = desk.conversation(desk.jakarta)
    message = desk.inbound(thread)
    agent.pull()
    colleague.pull()
    agent.call("mark_read", conversation_id=thread, message_id=message)
    agent.call("save_draft", conversation_id=thread, body="Baik,", attachments=[])
    mine, theirs = agent.pull(), colleague.pull()
    assert [row["message_id"] for row in mine["reads"]] == [message]
    assert [row["body"] for row in mine["drafts"]] == ["Baik,"]
    assert (theirs["reads"], theirs["drafts"]) == ([], [])
    agent.call("save_draft", conversation_id=thread, body="", attachments=[])
    assert agent.pull()["deleted"]["drafts"] == [thread]


def test_someone_in_no_inbox_pulls_their_own_profile_and_nothing_else(
    desk: Desk, outsider: Person
) -> None:
    desk.inbound(desk.conversation(desk.jakarta))
    desk.run("insert into public.labels (name) values ('vip')")
    found = outsider.pull()
    assert ids(found["profiles"]) == [outsider.id]
    rest = {kind: rows for kind, rows in found.items() if rows and kind != "profiles"}
    assert rest == {}
    desk.run("insert into public.labels (name) values ('later')")
    desk.inbound(desk.conversation(desk.jakarta))
    assert {kind for kind, rows in outsider.pull().items() if rows} == set()


def test_the_whole_last_month_comes_and_older_pages_on_demand(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta)
    for days in (200, 100, 40):
        desk.inbound(thread, f"{days} days", at=f"now() - interval '{days} days'")
    recent = [
        desk.inbound(thread, f"{hours} hours", at=f"now() - interval '{hours} hours'")
        for hours in range(60, 0, -1)
    ]
    found = agent.pull(page_size=10)
    counted = Counter(ids(found["messages"]))
    assert set(counted) == set(recent)
    assert set(counted.values()) == {1}
    oldest = min(row["timestamp"] for row in found["messages"])
    page = agent.call("messages_before", conversation_id=thread, before=oldest, page_size=2)
    assert [row["content"] for row in page["messages"]] == ["40 days", "100 days"]
    assert page["more"] is True


def test_an_open_conversation_comes_however_old_and_a_resolved_one_does_not(
    desk: Desk, agent: Person
) -> None:
    still_open, resolved = desk.conversation(desk.jakarta), desk.conversation(desk.jakarta)
    for thread in (still_open, resolved):
        desk.inbound(thread, at="now() - interval '90 days'")
    desk.run("update public.conversations set status = 'resolved' where id = %s", resolved)
    found = agent.pull()
    assert ids(found["conversations"]) == [still_open]
    assert len(found["messages"]) == 1


def test_a_conversation_that_jumps_up_during_the_first_pull_is_not_missed(
    desk: Desk, agent: Person
) -> None:
    threads = [desk.conversation(desk.jakarta, f"Customer {n}") for n in range(30)]
    sent = {desk.inbound(thread, f"{n}") for thread in threads for n in range(3)}
    agent.pull_page(40)
    # the oldest, which the first walk has not reached, gets a newer message
    sent.add(desk.inbound(threads[0], "jumped"))
    agent.pull(40)
    everything = {row["id"] for page in agent.pages for row in page["messages"]}
    assert everything == sent
    seen = {row["id"] for page in agent.pages for row in page["conversations"]}
    assert seen == set(threads)


def test_ten_thousand_changes_are_pulled_within_seconds(desk: Desk, agent: Person) -> None:
    threads = [desk.conversation(desk.jakarta, f"Customer {n}") for n in range(100)]
    agent.pull()
    desk.run(
        "insert into public.messages (conversation_id, direction, content, timestamp, status)"
        " select (%s::uuid[])[1 + n %% 100], 'inbound', 'text ' || n,"
        "  now() + n * interval '1 microsecond', 'received' from generate_series(1, 10000) n",
        threads,
    )
    began = time.monotonic()
    with agent.session() as connection:
        found: set[object] = set()
        while True:
            row = connection.execute(
                "select public.pull_changes(%s, 500)", [agent.cursor]
            ).fetchone()
            assert row is not None
            agent.cursor = row[0]["cursor"]
            found |= set(ids(row[0]["messages"]))
            if not row[0]["more"]:
                break
    assert len(found) == 10_000
    assert time.monotonic() - began < 15


def test_nothing_is_missed_or_repeated_while_many_write_at_once(desk: Desk, agent: Person) -> None:
    threads = [desk.conversation(desk.jakarta, f"Customer {n}") for n in range(4)]
    agent.pull()
    agent.pages.clear()
    written: list[set[str]] = [set() for _ in threads]
    finished = threading.Event()

    def write(number: int) -> None:
        chance = random.Random(number)
        with desk.database.connect(autocommit=False) as connection:
            for _ in range(40):
                batch = {
                    desk.inbound(threads[number], "text", connection=connection)
                    for _ in range(chance.randint(1, 4))
                }
                # commits out of the order of the sequence, now and then not at all
                connection.execute("select pg_sleep(%s)", [chance.random() * 0.01])
                if chance.random() < 0.2:
                    connection.rollback()
                else:
                    connection.commit()
                    written[number] |= batch

    writers = [threading.Thread(target=write, args=(number,)) for number in range(len(threads))]

    def read() -> None:
        while not finished.is_set():
            agent.pull_page(page_size=5)
        agent.pull(page_size=5)

    reader = threading.Thread(target=read)
    for one in (reader, *writers):
        one.start()
    for one in writers:
        one.join()
    finished.set()
    reader.join()
    found = Counter(row["id"] for page in agent.pages for row in page["messages"])
    assert set(found) == set.union(*written)
    assert set(found.values()) == {1}


def test_a_deleted_conversation_is_named(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta)
    desk.inbound(thread)
    agent.pull()
    desk.run("delete from public.conversations where id = %s", thread)
    assert agent.pull()["deleted"]["conversations"] == [thread]


def test_messages_before_keeps_equal_times_on_one_page(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta)
    for _ in range(5):
        desk.inbound(thread, at="timestamptz '2020-01-01'")
    page = agent.call("messages_before", conversation_id=thread, before="2021-01-01", page_size=2)
    assert len(page["messages"]) == 5
    assert page["more"] is False


def test_a_message_of_someone_elses_conversation_is_not_served(
    desk: Desk, outsider: Person
) -> None:
    thread = desk.conversation(desk.jakarta)
    desk.inbound(thread)
    for conversation in (thread, str(uuid.uuid4())):
        with pytest.raises(psycopg.Error, match="not_found"):
            outsider.call("messages_before", conversation_id=conversation, before="2100-01-01")
