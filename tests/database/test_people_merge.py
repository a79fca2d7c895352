"""Two contacts become one and two again: who may, what moves, what comes back."""

from __future__ import annotations

import psycopg
import pytest

from tests.database.conftest import Desk, Person, Row, refused
from tests.database.people import (
    SECOND,
    SITI,
    Pair,
    new_id,
    owner,
    state,
    texts,
    two_of_siti,
    words,
)


@pytest.fixture
def pair(desk: Desk) -> Pair:
    """Siti under two numbers, with a thread for each in Jakarta."""
    return two_of_siti(desk)


# Who may ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["agent", "supervisor", "admin"])
def test_whoever_sees_both_may_merge_and_undo(desk: Desk, pair: Pair, role: str) -> None:
    person = desk.person("Ayu", role, *([desk.jakarta] if role == "agent" else []))
    wanted = pair.wanted
    answer = person.call("merge_contacts", **wanted)
    assert [row["id"] for row in answer["contacts"]] == [pair.into]
    assert {row["address"] for row in answer["contacts"][0]["addresses"]} == {SITI, SECOND}
    assert [row["id"] for row in answer["conversations"]] == [pair.thread]
    assert answer["deleted"] == {"contacts": [pair.gone], "conversations": [pair.joined]}
    (event,) = answer["events"]
    assert (event["kind"], event["data"]) == (
        "contact_merged",
        {
            "merge_id": wanted["id"],
            "name": "Siti",
            "from_name": "Siti (kantor)",
            "threads": {pair.joined: pair.thread},
        },
    )
    answer = person.call("undo_merge", id=wanted["id"])
    assert {row["id"] for row in answer["contacts"]} == {pair.into, pair.gone}
    assert {row["id"] for row in answer["conversations"]} == {pair.thread, pair.joined}
    assert answer["deleted"] == {}
    noted = desk.admin.execute(
        "select action, actor_id::text from public.audit_log where actor_id is not null order by id"
    )
    assert noted.fetchall() == [("contacts_merged", person.id), ("merge_undone", person.id)]


@pytest.mark.parametrize("who", ["of another inbox", "of no inbox", "inactive"])
def test_others_merge_and_undo_nothing(
    desk: Desk, agent: Person, supervisor: Person, outsider: Person, pair: Pair, who: str
) -> None:
    person = {"of no inbox": outsider, "inactive": agent}.get(who) or desk.person(
        "Wati", "agent", desk.bandung
    )
    desk.run("update public.profiles set active = false where id = %s", agent.id)
    before = state(desk)
    assert refused(lambda: person.call("merge_contacts", **pair.wanted)) == "not_found"
    assert state(desk) == before
    wanted = pair.wanted
    supervisor.call("merge_contacts", **wanted)
    before = state(desk)
    assert refused(lambda: person.call("undo_merge", id=wanted["id"])) == "not_found"
    assert state(desk) == before


def test_what_others_see_too_is_a_supervisors_to_merge(
    desk: Desk, agent: Person, supervisor: Person, pair: Pair
) -> None:
    elsewhere = str(desk.one("select private.conversation_for(%s, %s)", desk.bandung, pair.gone))
    wanted = pair.wanted
    assert refused(lambda: agent.call("merge_contacts", **wanted)) == "not_allowed"
    supervisor.call("merge_contacts", **wanted)
    assert owner(desk, elsewhere) == pair.into
    assert refused(lambda: agent.call("undo_merge", id=wanted["id"])) == "not_allowed"
    supervisor.call("undo_merge", id=wanted["id"])
    assert owner(desk, elsewhere) == pair.gone


@pytest.mark.parametrize("case", ["itself", "unknown", "no id", "merged", "other merge"])
def test_what_cannot_be_merged_is_refused(desk: Desk, agent: Person, pair: Pair, case: str) -> None:
    wanted = pair.wanted
    if case in ("merged", "other merge"):
        agent.call("merge_contacts", **wanted)
    cases: dict[str, tuple[Row, str]] = {
        "itself": ({"from_id": pair.into}, "bad_request"),
        "unknown": ({"from_id": new_id()}, "not_found"),
        "no id": ({"id": None}, "bad_id"),
        "merged": ({"id": new_id()}, "not_found"),
        "other merge": ({"into_id": pair.gone, "from_id": pair.into}, "not_allowed"),
    }
    change, code = cases[case]
    before = state(desk)
    assert refused(lambda: agent.call("merge_contacts", **{**wanted, **change})) == code
    assert refused(lambda: agent.call("undo_merge", id=new_id())) == "not_found"
    assert state(desk) == before


def test_the_publishable_key_alone_may_not_even_ask(desk: Desk) -> None:
    with desk.database.acting_as(None, role="anon") as connection:
        for call in (
            "public.merge_contacts(null, null, null)",
            "public.undo_merge(null)",
            "private.may_see_files('')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select {call}".encode())


# What moves ---------------------------------------------------------------------------------------


def furnished(desk: Desk, agent: Person, supervisor: Person, pair: Pair) -> None:
    """Messages of both in turn, notes, labels, drafts, marks."""
    for n, thread in enumerate([pair.thread, pair.joined, pair.thread, pair.joined]):
        last = desk.inbound(thread, str(n))
        if n < 2:
            agent.call("mark_read", conversation_id=thread, message_id=last)
    labels = [new_id(), new_id()]
    for n, label in enumerate(labels):
        supervisor.call("save_label", id=label, name=f"L{n}", color="")
    for thread, label in (
        (pair.thread, labels[0]),
        (pair.joined, labels[0]),
        (pair.joined, labels[1]),
    ):
        agent.call("set_label", conversation_id=thread, label_id=label, present=True)
        agent.call("add_note", id=new_id(), conversation_id=thread, body="Catatan")
    agent.call("save_draft", conversation_id=pair.joined, body="Belum selesai")
    supervisor.call("save_draft", conversation_id=pair.joined, body="dua")
    supervisor.call("save_draft", conversation_id=pair.thread, body="satu")
    agent.call("assign", conversation_id=pair.joined, assignee_id=agent.id)
    agent.call("resolve", conversation_id=pair.thread)
    desk.run("update public.conversations set priority = 'high' where id = %s", pair.joined)
    desk.run(
        "update public.contacts set phone = '+6285550000001', notes = 'Kantor',"
        """ attributes = '{"kota": "Bogor", "a": 1}', locale = 'id' where id = %s""",
        pair.gone,
    )
    desk.run(
        """update public.contacts set notes = 'Rumah', attributes = '{"a": 2}' where id = %s""",
        pair.into,
    )


def test_everything_is_in_one_thread_and_comes_back(
    desk: Desk, agent: Person, supervisor: Person, pair: Pair
) -> None:
    furnished(desk, agent, supervisor, pair)
    before = state(desk)
    counters = supervisor.call("counters")
    wanted = pair.wanted
    agent.call("merge_contacts", **wanted)
    assert texts(desk, pair.thread) == ["0", "1", "2", "3"]
    thread = desk.one("select to_jsonb(c) from public.conversations c where id = %s", pair.thread)
    assert (thread["status"], thread["assignee_id"], thread["priority"]) == (
        "open",
        agent.id,
        "high",
    )
    assert thread["waiting_since"] is not None
    assert (
        desk.one("select count(*) from public.notes where conversation_id = %s", pair.thread) == 3
    )
    labels = "select count(*) from public.conversation_labels where conversation_id = %s"
    assert desk.one(labels, pair.thread) == 2
    draft = "select body from public.drafts where conversation_id = %s and profile_id = %s"
    assert desk.one(draft, pair.thread, agent.id) == "Belum selesai"
    assert desk.one(draft, pair.thread, supervisor.id) == "satu\n\ndua"
    read = desk.one(
        "select count(*) from public.messages m join public.reads r using (conversation_id)"
        ' where r.profile_id = %s and conversation_id = %s and m."timestamp" > r.read_at',
        agent.id,
        pair.thread,
    )
    assert read == 2
    contact = desk.one("select to_jsonb(c) from public.contacts c where id = %s", pair.into)
    assert (contact["phone"], contact["notes"], contact["attributes"], contact["locale"]) == (
        "+6285550000001",
        "Rumah\n\nKantor",
        {"a": 2, "kota": "Bogor"},
        "id",
    )
    shown = supervisor.call("counters")
    assert (shown["all"], shown["resolved"]) == (1, 0)

    agent.call("undo_merge", id=wanted["id"])
    after = state(desk)
    # Of drafts that were put together nobody knows which half is whose.
    for one in (before, after):
        one["drafts"] = [
            row
            for row in one["drafts"]
            if (row["conversation_id"], row["profile_id"]) != (pair.thread, supervisor.id)
        ]
        one["reads"] = [row for row in one["reads"] if row["conversation_id"] == pair.joined]
    assert after == before
    assert supervisor.call("counters") == counters
    assert words(desk)[-3:] == ["contact_merged", "merge_undone", "merge_undone"]


def test_who_writes_and_is_written_to_after_the_merge_is_parted_by_number(
    desk: Desk, agent: Person, pair: Pair
) -> None:
    desk.inbound(pair.thread, "0")
    desk.inbound(pair.joined, "1")
    wanted = pair.wanted
    agent.call("merge_contacts", **wanted)
    for address in (SECOND, SITI):
        desk.run(
            "insert into public.messages"
            " (conversation_id, direction, content, from_number, timestamp)"
            " values (%s, 'inbound', %s, %s, private.next_moment(%s))",
            pair.thread,
            f"from {address}",
            address,
            pair.thread,
        )
    desk.run(
        "update public.conversations set last_inbound_at = clock_timestamp(),"
        " last_message_at = clock_timestamp() where id = %s",
        pair.thread,
    )
    agent.call("send_message", id=new_id(), conversation_id=pair.thread, content="reply")
    agent.call("undo_merge", id=wanted["id"])
    assert texts(desk, pair.thread) == ["0", f"from {SITI}", "reply"]
    assert texts(desk, pair.joined) == ["1", f"from {SECOND}"]
    waiting = dict(
        desk.admin.execute("select id::text, waiting_since is not null from public.conversations")
    )
    assert waiting == {pair.thread: False, pair.joined: True}


def test_what_was_edited_since_stays(desk: Desk, agent: Person, pair: Pair) -> None:
    desk.run(
        "update public.contacts set locale = 'en', attributes = '{\"a\": 1, \"b\": 2}',"
        " notes = 'x' where id = %s",
        pair.gone,
    )
    wanted = pair.wanted
    agent.call("merge_contacts", **wanted)
    agent.call(
        "edit_contact",
        contact_id=pair.gone,  # a desktop that has not heard of it yet
        changes={"locale": "id", "attributes": {"a": 9, "c": 3}},
    )
    agent.call("undo_merge", id=wanted["id"])
    contact = desk.one("select to_jsonb(c) from public.contacts c where id = %s", pair.into)
    assert (contact["locale"], contact["attributes"], contact["notes"]) == (
        "id",
        {"a": 9, "c": 3},
        None,
    )


def test_a_reply_written_offline_finds_the_thread(desk: Desk, agent: Person, pair: Pair) -> None:
    desk.inbound(pair.joined, "Halo")
    agent.call("merge_contacts", **pair.wanted)
    answer = agent.call("send_message", id=new_id(), conversation_id=pair.joined, content="Ya")
    assert [(row["conversation_id"], row["to_number"]) for row in answer["messages"]] == [
        (pair.thread, SECOND)
    ]


def test_files_of_the_joined_thread_are_still_seen(
    desk: Desk, agent: Person, outsider: Person, pair: Pair
) -> None:
    desk.run(
        "insert into storage.objects (bucket_id, name) values ('media', %s)",
        f"{pair.joined}/{new_id()}/0/a.png",
    )
    agent.call("merge_contacts", **pair.wanted)
    for person, seen in ((agent, 1), (outsider, 0)):
        with person.session() as connection:
            assert len(connection.execute("select from storage.objects").fetchall()) == seen


def test_nobody_sees_the_home_of_joined_threads(
    desk: Desk, agent: Person, supervisor: Person, pair: Pair
) -> None:
    agent.call("merge_contacts", **pair.wanted)
    for person in (agent, supervisor):
        with person.session() as connection:
            for table, many in (("conversations", 1), ("contacts", 1)):
                assert len(connection.execute(f"select from public.{table}").fetchall()) == many
        assert [row["id"] for row in person.pull()["conversations"]] == [pair.thread]
    with supervisor.session() as connection:
        assert len(connection.execute("select from public.inboxes").fetchall()) == 2
