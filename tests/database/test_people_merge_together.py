"""Merging while customers write and others merge: every desktop follows, nothing is lost."""

from __future__ import annotations

import threading
import uuid

import psycopg
import pytest

from tests.database.conftest import Desk, Person, Row, at_once, refused
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


# Every desktop ------------------------------------------------------------------------------------


def replayed(page: Row, cache: dict[str, dict[str, Row]]) -> None:
    """A page of the feed applied as a desktop does."""
    for kind, ids in page["deleted"].items():
        for ident in ids:
            cache[kind].pop(ident, None)
            if kind == "conversations":
                for table in ("messages", "notes", "events"):
                    cache[table] = {
                        key: row
                        for key, row in cache[table].items()
                        if row["conversation_id"] != ident
                    }
                cache["delivery_attempts"] = {
                    key: row
                    for key, row in cache["delivery_attempts"].items()
                    if row["message_id"] in cache["messages"]
                }
    for kind in cache:
        cache[kind].update({row["id"]: row for row in page[kind]})


def test_every_desktop_follows_the_merge_and_its_undoing(
    desk: Desk, agent: Person, supervisor: Person, pair: Pair
) -> None:
    for n in range(12):
        desk.inbound((pair.thread, pair.joined)[n % 2], str(n))
    agent.call("add_note", id=new_id(), conversation_id=pair.joined, body="Catatan")
    wanted = pair.wanted
    colleague = desk.person("Budi", "agent", desk.jakarta)
    kinds = ("contacts", "conversations", "messages", "notes", "events", "delivery_attempts")
    desk.run("insert into public.delivery_attempts (message_id) select id from public.messages")
    for size in (200, 3):
        cache: dict[str, dict[str, Row]] = {kind: {} for kind in kinds}
        colleague.cursor = ""
        replayed(colleague.pull(), cache)
        acts: list[tuple[Person, str, Row]] = [
            (agent, "merge_contacts", wanted),
            (supervisor, "undo_merge", {"id": wanted["id"]}),
        ]
        for person, function, arguments in acts:
            person.call(function, **arguments)
            more = True
            while more:
                page = colleague.pull_page(size)
                replayed(page, cache)
                more = page["more"]
            with colleague.session() as connection:
                for kind in kinds:
                    there = {
                        row[0] for row in connection.execute(f"select id::text from public.{kind}")
                    }
                    assert set(cache[kind]) == there, (kind, size)
                where = connection.execute(
                    "select id::text, conversation_id::text from public.messages"
                )
                assert dict(where.fetchall()) == {
                    key: row["conversation_id"] for key, row in cache["messages"].items()
                }
        wanted = pair.wanted


# At once ------------------------------------------------------------------------------------------


def test_the_same_merge_asked_by_many_at_once_is_one(
    desk: Desk, agent: Person, supervisor: Person, pair: Pair
) -> None:
    wanted = pair.wanted
    answers = at_once([(agent, "merge_contacts", wanted)] * 4)
    assert all(answer["deleted"]["contacts"] == [pair.gone] for answer in answers), answers
    answers = at_once([(agent, "undo_merge", {"id": wanted["id"]})] * 4)
    assert all(len(answer["contacts"]) == 2 for answer in answers), answers
    assert words(desk) == ["contact_merged", "merge_undone", "merge_undone"]


def test_each_into_the_other_at_once_ends_with_one_contact(
    desk: Desk, agent: Person, supervisor: Person, pair: Pair
) -> None:
    back = {"id": new_id(), "into_id": pair.gone, "from_id": pair.into}
    answers = at_once(
        [(agent, "merge_contacts", pair.wanted), (supervisor, "merge_contacts", back)]
    )
    assert sorted(isinstance(answer, str) for answer in answers) == [False, True]
    assert "not_found" in answers
    assert desk.one("select count(*) from public.contacts where merged_into is null") == 1


def test_customers_who_write_during_merges_are_all_in_a_thread_that_is_seen(
    desk: Desk, agent: Person, pair: Pair
) -> None:
    request = (
        "select private.ingest(jsonb_build_object('sid', %s::text, 'from', %s::text,"
        " 'to', 'whatsapp:+628110000001', 'channel', 'whatsapp', 'addresses', jsonb_build_array("
        "%s::text), 'message_type', 'text', 'content', 'x', 'media', '[]'::jsonb,"
        " 'metadata', '{}'::jsonb), convert_to(%s, 'UTF8'))"
    )
    stop = threading.Event()
    sent: list[str] = []
    faults: list[Exception] = []

    def write(address: str) -> None:
        with desk.database.connect() as connection:
            while not stop.is_set():
                sid = f"SM{uuid.uuid4().hex}"
                try:
                    connection.execute(request, [sid, address, address, sid])
                except psycopg.Error as error:
                    faults.append(error)
                    return
                sent.append(sid)

    writers = [threading.Thread(target=write, args=(one,)) for one in (SITI, SECOND) * 2]
    for writer in writers:
        writer.start()
    for _ in range(6):
        wanted = pair.wanted
        agent.call("merge_contacts", **wanted)
        agent.call("undo_merge", id=wanted["id"])
    stop.set()
    for writer in writers:
        writer.join()
    assert faults == []
    rows = desk.admin.execute(
        "select m.from_number, m.conversation_id::text, count(*) from public.messages m"
        " group by 1, 2"
    ).fetchall()
    assert {row[:2] for row in rows} == {(SITI, pair.thread), (SECOND, pair.joined)}
    assert sum(row[2] for row in rows) == len(sent)
    assert desk.one("select count(*) from public.conversations") == 2


# Several, and gone --------------------------------------------------------------------------------


def test_merges_are_undone_in_the_opposite_order(
    desk: Desk, agent: Person, supervisor: Person, pair: Pair
) -> None:
    third = desk.conversation(desk.jakarta, "Ibu Siti", "whatsapp:+6285550000003")
    for n, thread in enumerate((pair.thread, pair.joined, third)):
        desk.inbound(thread, str(n))
    before = state(desk)
    first = pair.wanted
    second = {"id": new_id(), "into_id": owner(desk, third), "from_id": pair.into}
    agent.call("merge_contacts", **first)
    agent.call("merge_contacts", **second)
    assert texts(desk, third) == ["0", "1", "2"]
    answer = agent.call("add_note", id=new_id(), conversation_id=third, body="x")
    assert answer["notes"]
    assert refused(lambda: agent.call("undo_merge", id=first["id"])) == "not_found"
    assert refused(lambda: supervisor.call("undo_merge", id=first["id"])) == "not_found"
    agent.call("undo_merge", id=second["id"])
    agent.call("undo_merge", id=first["id"])
    desk.run("delete from public.notes")
    after = state(desk)
    after["notes"] = before["notes"]
    assert after == before


def test_of_two_merges_into_one_contact_the_later_one_is_undone_first(
    desk: Desk, agent: Person, pair: Pair
) -> None:
    third = owner(desk, desk.conversation(desk.jakarta, "Ibu", "whatsapp:+6285550000003"))
    first, second = pair.wanted, {**pair.wanted, "from_id": third}
    agent.call("merge_contacts", **first)
    agent.call("merge_contacts", **second)
    assert refused(lambda: agent.call("undo_merge", id=first["id"])) == "merged_since"
    agent.call("undo_merge", id=second["id"])
    agent.call("undo_merge", id=first["id"])
    assert desk.one("select count(*) from public.contacts where merged_into is null") == 3


def test_an_erased_contact_takes_what_was_merged_into_it_along(
    desk: Desk, agent: Person, pair: Pair
) -> None:
    desk.inbound(pair.joined, "1")
    agent.call("merge_contacts", **pair.wanted)
    desk.run("delete from public.conversations where contact_id = %s", pair.into)
    desk.run("delete from public.contacts where id = %s", pair.into)
    for table in (
        "public.contacts",
        "public.conversations",
        "public.messages",
        "private.contact_merges",
        "private.joined_threads",
    ):
        assert desk.one(f"select count(*) from {table}") == 0, table
