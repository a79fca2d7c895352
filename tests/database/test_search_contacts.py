"""Search for people on the server: by name and number, kept in step, and only one's own."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest

from tests.database.conftest import Desk, Person

SITI = "whatsapp:+6281234567801"


@pytest.fixture
def siti(desk: Desk) -> str:
    """Siti Rahmawati, with a thread in Jakarta."""
    thread = desk.conversation(desk.jakarta, "Siti Rahmawatí", SITI)
    return str(desk.one("select contact_id from public.conversations where id = %s", thread))


def names(person: Person, query: str, **options: Any) -> list[str]:
    found = person.call("search_contacts", query=query, **options)
    return [row["name"] for row in found["contacts"]]


@pytest.mark.parametrize(
    "query",
    [
        "siti", "SITI rah", "rahmawati ", "0812-3456-7801", "+62 812 3456", "7801", "3456",
        "0062 812", "812.345", "(0812) 34", "siti 0812",
    ],
)  # fmt: skip
def test_people_are_found_by_name_and_by_any_part_of_their_number(
    desk: Desk, agent: Person, siti: str, query: str
) -> None:
    desk.conversation(desk.jakarta, "Sari", "whatsapp:+628999")
    assert names(agent, query) == ["Siti Rahmawatí"]


@pytest.mark.parametrize(
    "query", ["", " ", "iti", "rahma siti x", "7802", "'; drop table", "siti & !", ":*", "~", "\\"]
)
def test_nothing_else_is_found_and_no_sign_has_a_meaning(
    desk: Desk, agent: Person, siti: str, query: str
) -> None:
    assert names(agent, query) == (["Siti Rahmawatí"] if query == "siti & !" else [])


def test_each_finds_whom_they_may_see(
    desk: Desk, agent: Person, outsider: Person, supervisor: Person, siti: str
) -> None:
    desk.conversation(desk.bandung, "Siti Bandung")
    desk.contact("Siti Impor", "whatsapp:+62855")
    assert names(agent, "siti") == ["Siti Rahmawatí"]
    assert names(outsider, "siti") == []
    assert names(supervisor, "siti") == ["Siti Bandung", "Siti Impor", "Siti Rahmawatí"]
    assert names(agent, "~" + desk.bandung) == []
    found = supervisor.call("search_contacts", query="siti", page_size=1)
    assert (len(found["contacts"]), found["more"]) == (1, True)
    found = agent.call("search_contacts", query="siti")
    assert [row["address"] for row in found["contacts"][0]["addresses"]] == [SITI]
    assert [row["inbox_id"] for row in found["conversations"]] == [desk.jakarta]
    assert found["more"] is False
    desk.run("update public.profiles set active = false")
    assert names(agent, "siti") == names(supervisor, "siti") == []


def test_what_changes_is_found_as_it_is_now(
    desk: Desk, agent: Person, supervisor: Person, siti: str
) -> None:
    agent.call("edit_contact", contact_id=siti, changes={"name": "Ibu Wati"})
    assert (names(agent, "siti"), names(agent, "wati")) == ([], ["Ibu Wati"])
    desk.run(
        "insert into public.contact_addresses (contact_id, address, channel)"
        " values (%s, '+6285512345', 'sms')",
        siti,
    )
    assert names(agent, "085512345") == ["Ibu Wati"]
    desk.run("delete from public.contact_addresses where address = '+6285512345'")
    assert names(agent, "085512345") == []
    desk.run("update public.conversations set inbox_id = %s", desk.bandung)
    assert (names(agent, "wati"), names(supervisor, "wati")) == ([], ["Ibu Wati"])
    other = desk.contact("Budi", "whatsapp:+62877777")
    merge = {"id": str(uuid.uuid4()), "into_id": siti, "from_id": other}
    supervisor.call("merge_contacts", **merge)
    assert (names(supervisor, "budi"), names(supervisor, "77777")) == ([], ["Ibu Wati"])
    supervisor.call("undo_merge", id=merge["id"])
    assert (names(supervisor, "budi"), names(supervisor, "77777")) == (["Budi"], ["Budi"])
    desk.run("delete from public.conversations")
    desk.run("delete from public.contacts")
    assert desk.one("select count(*) from private.searchable_contacts") == 0


def test_a_number_and_a_thread_that_come_at_once_are_both_known(
    desk: Desk, agent: Person, supervisor: Person
) -> None:
    contact = desk.contact("Siti")
    with desk.database.connect(autocommit=False) as one:
        one.execute(
            "insert into public.contact_addresses (contact_id, address, channel)"
            " values (%s, '+6285512345', 'sms')",
            [contact],
        )
        other = threading.Thread(
            target=lambda: desk.run(
                "insert into public.conversations (inbox_id, contact_id) values (%s, %s)",
                desk.jakarta,
                contact,
            )
        )
        other.start()
        other.join(0.2)
        one.commit()
        other.join()
    assert names(agent, "085512345") == ["Siti"]


def test_who_is_far_down_the_order_of_names_is_found_as_well(
    desk: Desk, supervisor: Person
) -> None:
    desk.run("insert into public.contacts (name) select 'A ' || n from generate_series(1, 6000) n")
    desk.contact("Zubaidah", "whatsapp:+62899999")
    assert names(supervisor, "zub") == names(supervisor, "99999") == ["Zubaidah"]
    assert len(names(supervisor, "a", page_size=100)) == 100
    desk.run("truncate private.searchable_contacts")
    desk.one("select private.refill_contact_search()")
    assert names(supervisor, "zub") == ["Zubaidah"]
