"""Search on the server: what is found, by whom, in which order, and that no sign has a meaning."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from tests.database.conftest import Desk, Person, at_once, refused

LATER_PAGE = {"page_size": 3}


@pytest.fixture
def thread(desk: Desk) -> str:
    """A conversation in Jakarta."""
    return desk.conversation(desk.jakarta, "Siti")


def texts(answer: dict[str, Any]) -> list[str]:
    return [message["content"] for message in answer["messages"]]


def found(person: Person, query: str, **more: object) -> list[str]:
    return texts(person.call("search_messages", query=query, **more))


# What is found ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Pesanan saya belum dikirim", "pesanan dikirim"),
        ("Pesanan saya belum dikirim", "dikirim pesanan"),
        ("Pesanan saya belum dikirim", "PESANAN dik"),
        ("Where is the parcel?", "where is the"),
        ("Café Zoë, Jl. Sudirman", "cafe zoe"),
        ("cafe zoe", "Café ZOË"),
        ("Nomor resi: 0812-3456", "0812-3456"),
        ("Nomor resi: 0812-3456", "3456"),
        ("siti.rahayu@contoh.id", "rahayu@contoh"),
        ("sudah/belum", "belum"),
        ("Terima kasih🙏banyak", "🙏"),
        ("Terima kasih🙏banyak", "kasih banyak"),
        ("ＡＢＣ１２３", "abc123"),
        ("Привет, мир", "МИР"),
        ("مرحبا بك", "مرحبا"),
        ("你好世界", "你好"),
        ("harga Rp 50.000", "50.000"),
        ("x" * 500, "x" * 70),
    ],
)
def test_words_are_found_whatever_their_case_accents_and_signs(
    desk: Desk, agent: Person, thread: str, text: str, query: str
) -> None:
    desk.inbound(thread, "Lain sekali")
    desk.inbound(thread, text)
    assert found(agent, query) == [text]


def test_only_the_last_word_may_be_unfinished(desk: Desk, agent: Person, thread: str) -> None:
    desk.inbound(thread, "Pesanan dikirim")
    assert found(agent, "pesanan diki") == ["Pesanan dikirim"]
    assert found(agent, "pesanan diki ") == []
    assert found(agent, "pesan dikirim") == []


def test_names_of_files_and_places_and_notes_are_found(
    desk: Desk, agent: Person, thread: str
) -> None:
    file, place = desk.inbound(thread, ""), desk.inbound(thread, "")
    desk.run(
        """update public.messages set media = '[{"name": "Faktur-2026.pdf"}]' where id = %s""", file
    )
    desk.run(
        """update public.messages set metadata = '{"location": {"label": "Monas"}}'"""
        " where id = %s",
        place,
    )
    note = str(uuid.uuid4())
    agent.call("add_note", id=note, conversation_id=thread, body="Faktur sudah dicek")
    answer = agent.call("search_messages", query="faktur")
    assert [one["id"] for one in answer["messages"]] == [file]
    assert [one["id"] for one in answer["notes"]] == [note]
    assert [one["id"] for one in agent.call("search_messages", query="monas")["messages"]] == [
        place
    ]


def test_hits_come_with_their_conversations_and_contacts(
    desk: Desk, agent: Person, thread: str
) -> None:
    desk.inbound(thread, "halo")
    answer = agent.call("search_messages", query="halo")
    assert [one["id"] for one in answer["conversations"]] == [thread]
    assert [one["name"] for one in answer["contacts"]] == ["Siti"]
    assert len(answer["contacts"][0]["addresses"]) == 1


def test_a_text_that_changes_goes_or_comes_back_is_found_as_it_is(
    desk: Desk, agent: Person, thread: str
) -> None:
    message = desk.inbound(thread, "rahasia")
    assert found(agent, "rahasia") == ["rahasia"]
    desk.run("update public.messages set content = 'terhapus' where id = %s", message)
    assert found(agent, "rahasia") == []
    assert found(agent, "terhapus") == ["terhapus"]
    desk.run("update public.messages set status = 'read' where id = %s", message)
    assert found(agent, "terhapus") == ["terhapus"]
    desk.run("update public.messages set content = null where id = %s", message)
    assert desk.one("select count(*) from private.searchable") == 0
    desk.inbound(thread, "lagi")
    desk.run("delete from public.messages")
    assert desk.one("select count(*) from private.searchable") == 0
    desk.inbound(thread, "lagi")
    agent.call("add_note", id=str(uuid.uuid4()), conversation_id=thread, body="catatan")
    assert desk.one("select count(*) from private.searchable") == 2
    desk.run("delete from public.conversations where id = %s", thread)
    assert desk.one("select count(*) from private.searchable") == 0


# Order and pages ----------------------------------------------------------------------------------


def test_pages_by_key_hold_each_hit_once_newest_first(
    desk: Desk, agent: Person, thread: str
) -> None:
    other = desk.conversation(desk.jakarta, "Ani")
    for number in range(10):
        # three of each moment: the key decides among them
        at = f"timestamptz '2026-01-01' + interval '{number // 3} min'"
        desk.inbound((thread, other)[number % 2], f"halo {number}", at=at)
    expected = [
        text
        for (text,) in desk.admin.execute(
            'select content from public.messages order by "timestamp" desc, id desc'
        )
    ]
    seen: list[str] = []
    before, answer = None, {}
    for _ in range(4):
        answer = agent.call("search_messages", query="halo", before=before, **LATER_PAGE)
        seen += texts(answer)
        before = answer["cursor"]
        desk.inbound(thread, "halo, baru")  # what comes meanwhile moves no page
    assert seen == expected
    assert (answer["more"], before) == (False, None)


def test_what_is_rare_is_found_behind_thousands_of_others(
    desk: Desk, agent: Person, thread: str
) -> None:
    old = desk.inbound(thread, "langka halo", at="timestamptz '2020-01-01'")
    desk.run(
        "insert into public.messages (conversation_id, direction, content, timestamp)"
        " select %s, 'inbound', 'halo ' || n, timestamptz '2026-01-01' + n * interval '1 s'"
        " from generate_series(1, 16000) n",
        thread,
    )
    for more in ({}, {"conversation_id": thread}, {"inbox_id": desk.jakarta}):
        answer = agent.call("search_messages", query="halo langka", **more)
        assert [one["id"] for one in answer["messages"]] == [old]
        answer = agent.call("search_messages", query="halo", page_size=100, **more)
        assert texts(answer)[:2] == ["halo 16000", "halo 15999"]
        assert answer["more"]


def test_it_can_be_narrowed_to_an_inbox_or_a_conversation(
    desk: Desk, supervisor: Person, thread: str
) -> None:
    other = desk.conversation(desk.jakarta, "Ani")
    elsewhere = desk.conversation(desk.bandung, "Ira")
    for place, text in ((thread, "halo a"), (other, "halo b"), (elsewhere, "halo c")):
        desk.inbound(place, text)
    assert found(supervisor, "halo") == ["halo c", "halo b", "halo a"]
    assert found(supervisor, "halo", inbox_id=desk.jakarta) == ["halo b", "halo a"]
    assert found(supervisor, "halo", conversation_id=thread) == ["halo a"]
    assert found(supervisor, "halo", inbox_id=desk.bandung, conversation_id=thread) == []


@pytest.mark.parametrize(
    "before", [{}, [], "x", {"at": "soon", "id": "1"}, {"at": None, "id": None}, {"at": "now"}]
)
def test_a_place_that_no_page_named_is_refused(agent: Person, before: object) -> None:
    value = Jsonb(before)
    assert (
        refused(lambda: agent.call("search_messages", query="halo", before=value)) == "bad_cursor"
    )


# Who finds ----------------------------------------------------------------------------------------


def test_nobody_finds_what_they_may_not_see(
    desk: Desk, agent: Person, outsider: Person, supervisor: Person, thread: str
) -> None:
    theirs = desk.conversation(desk.bandung, "Ira")
    for place, text in ((thread, "halo a"), (theirs, "halo c")):
        desk.inbound(place, text)
        supervisor.call("add_note", id=str(uuid.uuid4()), conversation_id=place, body="halo juga")
    admin = desk.person("Admin", "admin")
    answer = agent.call("search_messages", query="halo")
    assert texts(answer) == ["halo a"]
    assert [one["conversation_id"] for one in answer["notes"]] == [thread]
    for person in (supervisor, admin):
        answer = person.call("search_messages", query="halo")
        assert len(answer["messages"]) == len(answer["notes"]) == 2
    nothing = {"messages", "notes", "conversations", "contacts"}
    for person in (outsider, agent):
        answer = person.call("search_messages", query="halo" if person is outsider else "ira")
        assert [answer[kind] for kind in nothing] == [[]] * 4
    for more in ({"inbox_id": desk.bandung}, {"conversation_id": theirs}):
        assert (
            refused(lambda m=more: agent.call("search_messages", query="halo", **m))  # type: ignore[misc]
            == "not_found"
        )
    desk.run("update public.profiles set active = false where id = %s", supervisor.id)
    assert found(supervisor, "halo") == []
    with (
        desk.database.acting_as(None, role="anon") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("select public.search_messages('halo')")


def test_the_name_of_an_inbox_in_the_index_is_no_word(
    desk: Desk, agent: Person, thread: str
) -> None:
    desk.inbound(thread, "halo")
    for query in (f"~{desk.jakarta}", desk.jakarta, "~"):
        assert found(agent, query) == []


def test_a_thread_that_moves_is_found_in_its_new_inbox(
    desk: Desk, agent: Person, thread: str
) -> None:
    other = desk.person("Wati", "agent", desk.bandung)
    desk.inbound(thread, "halo")
    desk.run("update public.conversations set inbox_id = %s where id = %s", desk.bandung, thread)
    assert found(agent, "halo") == []
    assert found(other, "halo") == ["halo"]


def test_a_message_written_while_its_thread_moves_is_found_in_the_new_inbox(
    desk: Desk, agent: Person, thread: str
) -> None:
    other = desk.person("Wati", "agent", desk.bandung)

    def move() -> None:
        with desk.database.connect() as connection:
            connection.execute(
                "update public.conversations set inbox_id = %s where id = %s",
                [desk.bandung, thread],
            )

    with desk.database.connect(autocommit=False) as connection:
        connection.execute(
            "insert into public.messages (conversation_id, direction, content, timestamp)"
            " values (%s, 'inbound', 'halo', now())",
            [thread],
        )
        mover = threading.Thread(target=move)
        mover.start()
        while not desk.one(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and wait_event_type = 'Lock'"
        ):
            pass
        connection.commit()
        mover.join()
    assert found(agent, "halo") == []
    assert found(other, "halo") == ["halo"]


# Attack 21: signs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   ",
        "???",
        "'",
        "\\",
        "'; drop table public.messages; --",
        "halo' & 'x",
        "halo | (",
        "!halo",
        "halo <-> x",
        "halo:*",
        "%_*",
        "a" * 100_000,
        "kata " * 20_000,
        "\u0301\u0301",
        "\ufeff\u200b",
    ],
)
def test_no_sign_in_a_search_has_a_meaning(
    desk: Desk, agent: Person, thread: str, query: str
) -> None:
    desk.inbound(thread, "kabar baik")
    assert found(agent, query) == []


def test_a_query_of_nothing_finds_nothing(desk: Desk, agent: Person, thread: str) -> None:
    desk.inbound(thread, "halo")
    assert found(agent, None) == []  # type: ignore[arg-type]
    assert found(agent, "!halo") == ["halo"]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
def test_whatever_was_written_is_found_by_itself(
    desk: Desk, agent: Person, thread: str, text: str
) -> None:
    message = desk.inbound(thread, text)
    with agent.session() as connection:
        row = connection.execute("select public.search_messages(%s)", [text]).fetchone()
    assert row is not None
    words = desk.one("select private.folded(%s)", text)
    hits = {one["id"] for one in row[0]["messages"]}
    # blanks of other scripts end the last word, or are nothing at all
    assert (message in hits) == bool(words.strip(" ")) or text[-1:].isspace()


def test_filling_again_adds_nothing_twice(desk: Desk, agent: Person, thread: str) -> None:
    desk.inbound(thread, "halo")
    assert desk.one("select private.refill_search()") == 0
    desk.run("delete from private.searchable")
    assert desk.one("select private.refill_search()") == 1
    assert found(agent, "halo") == ["halo"]


def test_searches_at_once_agree(desk: Desk, agent: Person, thread: str) -> None:
    for number in range(5):
        desk.inbound(thread, f"halo {number}")
    answers = at_once([(agent, "search_messages", {"query": "halo"})] * 4)
    assert [texts(one) for one in answers] == [texts(answers[0])] * 4
