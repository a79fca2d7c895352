"""What the shop's people do in the demo: everything that a desk shows, done as they may do it."""

from __future__ import annotations

import logging
from typing import Any

import psycopg
import pytest

from console.local.cast import CAST, SCENES, SOUGHT
from console.local.colleagues import CANNED_REPLIES, DEEDS, LABELS, Deed, perform, prepare
from console.local.scenario import answer_to
from tests.conftest import Database


@pytest.fixture
def shop(database: Database) -> Database:
    """The demo's database when every customer has written once."""
    with database.connect(autocommit=False) as connection:
        prepare(connection)
        connection.execute(
            "insert into inboxes (name, channel, address) values"
            " ('WhatsApp', 'whatsapp', 'whatsapp:+62215'), ('SMS', 'sms', '+62215')"
        )
        connection.execute(
            "insert into profiles (id, display_name, role) values"
            " (gen_random_uuid(), 'Dimas', 'agent'), (gen_random_uuid(), 'Ayu Lestari', 'agent'),"
            " (gen_random_uuid(), 'Siti Rahma', 'supervisor')"
        )
        connection.execute(
            "insert into inbox_members select i.id, p.id from inboxes i, profiles p"
            " where p.display_name = 'Ayu Lestari'"
        )
        connection.execute(
            "insert into templates (content_sid, name, language, body, status)"
            " values ('HX' || repeat('0', 32), 'konfirmasi_terima', 'id',"
            " 'Halo {{1}}, sudah sampai?', 'approved')"
        )
        for name, actor in CAST.items():
            if name == SOUGHT:
                continue
            channel = "whatsapp" if actor.address.startswith("whatsapp:") else "sms"
            connection.execute(
                "with person as (insert into contacts (name) values (%(name)s) returning id),"
                " place as (insert into contact_addresses (contact_id, address, channel)"
                "   select id, %(address)s, %(channel)s from person)"
                " insert into conversations (contact_id, inbox_id, last_inbound_at, waiting_since)"
                " select person.id, i.id, now(), now() from person, inboxes i"
                " where i.channel = %(channel)s",
                {"name": actor.name, "address": actor.address, "channel": channel},
            )
    return database


def ask(database: Database, query: str) -> list[Any]:
    with database.connect() as connection:
        return connection.execute(query.encode()).fetchall()


def test_the_demo_has_an_assigned_a_snoozed_and_a_resolved_conversation(
    shop: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "balas.scenario"):
        for deed in DEEDS:
            perform(shop.dsn, deed)
    assert caplog.messages == []
    states = dict(ask(shop, "select status, count(*) from conversations group by 1"))
    assert states == {"open": 8, "snoozed": 1, "resolved": 1}
    mine = ask(
        shop,
        "select p.name from conversations c join contacts p on p.id = c.contact_id"
        " join profiles a on a.id = c.assignee_id where a.display_name = 'Ayu Lestari'"
        " order by 1",
    )
    assert [name for (name,) in mine] == ["Lina Nuraini", "Siti Rahmawati", "Toko Makmur Jaya"]
    notes = ask(shop, "select body, cardinality(mentions) from notes order by created_at")
    assert [count for _, count in notes] == [0, 1]
    assert notes[1][0].startswith("@Ayu Lestari ")
    used = ask(
        shop, "select distinct l.name from conversation_labels c join labels l on l.id = c.label_id"
    )
    assert len(used) == 4
    said = ask(shop, "select content from messages order by created_at")
    assert said[0][0].startswith("Buka kak")
    assert said[1] == ("Halo Rina, sudah sampai?",)
    actors = ask(shop, "select distinct p.role from events e join profiles p on p.id = e.actor_id")
    assert actors == [("supervisor",)]


def test_the_demo_answers_by_itself_and_gives_customers_to_who_is_there(shop: Database) -> None:
    for deed in DEEDS:
        if deed.actor is None:
            perform(shop.dsn, deed)
    assert ask(shop, "select channel, routing, has_rules from inboxes order by 1") == [
        ("sms", True, True),
        ("whatsapp", False, False),
    ]
    ((body,),) = ask(shop, "select body from auto_replies")
    assert answer_to(body.lower()) is None, "a customer would take it for an answer"
    there = ask(shop, "select display_name from profiles where available")
    assert there == [("Ayu Lestari",)]


def test_who_is_put_away_or_done_does_not_write_again_in_the_story() -> None:
    for deed in DEEDS:
        if deed.act in ("snooze", "resolve"):
            assert all(scene.at < deed.at for scene in SCENES if scene.actor == deed.actor)


def test_nothing_is_done_before_the_customer_has_written() -> None:
    first = {scene.actor: scene.at for scene in reversed(SCENES)}
    assert all(deed.at > first[deed.actor] for deed in DEEDS if deed.actor)


def test_what_somebody_changed_meanwhile_stops_no_story(
    database: Database, shop: Database, caplog: pytest.LogCaptureFixture
) -> None:
    gone = {"label_id": "{label:Hilang}"}
    with caplog.at_level(logging.INFO, "balas.scenario"):
        perform(shop.dsn, Deed(0, "agent", "siti", "set_label", gone))
        perform(shop.dsn, Deed(0, "agent", "siti", "snooze", {"until": "2001-01-01"}))
        with shop.connect() as connection:
            connection.execute("update profiles set active = false")
        perform(shop.dsn, Deed(0, "agent", "siti", "resolve"))
    assert len(caplog.messages) == 3
    assert ask(shop, "select count(*) from events") == [(0,)]


def test_labels_and_replies_are_prepared_once(shop: Database) -> None:
    count = "select (select count(*) from labels), (select count(*) from canned_replies)"
    assert ask(shop, count) == [(len(LABELS), len(CANNED_REPLIES))]
    with shop.connect() as connection:
        connection.execute("delete from labels where name = 'VIP'")
        connection.execute("delete from canned_replies where shortcut = 'halo'")
    with psycopg.connect(shop.dsn) as connection:
        prepare(connection)
    assert ask(shop, count) == [(len(LABELS) - 1, len(CANNED_REPLIES) - 1)]
