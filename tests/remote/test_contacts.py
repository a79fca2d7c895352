"""Contacts from the typed call through the gateway to the next pull, and into a store."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest

from console.domain.errors import ChangedSinceError, RefusedError
from console.domain.feed import ContactRow
from console.domain.ids import ContactId, ConversationId, InboxId, new_message_id
from console.remote import connect
from console.remote.client import Remote
from tests.remote.project import Project

TEMPLATE = "HX" + "a" * 32


@pytest.fixture
async def supervisor(project: Project) -> AsyncIterator[Remote]:
    """A client with a supervisor signed in."""
    ratna = project.agent("ratna", role="supervisor")
    remote = await connect(project.url, project.key)
    await remote.auth.sign_in(ratna.email, ratna.password)
    yield remote
    await remote.close()


def new_id() -> str:
    return str(uuid.uuid4())


async def contacts_of(remote: Remote) -> dict[str, ContactRow]:
    """By name, as a first pull brings them."""
    page, _ = await remote.calls.pull_changes("", 500)
    assert page.unreadable == 0
    return {row.name: row for row in page.contacts}


def customer(project: Project, name: str, inbox: str) -> ConversationId:
    conversation = project.desk.conversation(inbox, name)
    project.desk.inbound(conversation)
    return ConversationId(conversation)


async def test_an_edit_comes_back_with_the_feed_and_a_refused_one_says_its_rule(
    project: Project, signed_in: Remote
) -> None:
    customer(project, "Siti", project.desk.jakarta)
    siti = (await contacts_of(signed_in))["Siti"]
    changes = {
        "notes": "Reseller",
        "locale": "id",
        "attributes": {"kota": "Bekasi"},
        "add_addresses": [{"channel": "sms", "address": "+62 812 9999 0000"}],
    }
    await signed_in.contacts.edit(siti.id, changes)
    siti = (await contacts_of(signed_in))["Siti"]
    assert (siti.notes, siti.locale, siti.attributes) == ("Reseller", "id", {"kota": "Bekasi"})
    assert "+6281299990000" in {entry.address for entry in siti.addresses}
    assert siti.created_at is not None
    with pytest.raises(RefusedError) as caught:
        await signed_in.contacts.edit(siti.id, {"phone": "0812"})
    assert caught.value.code == "bad_address"
    seen = {"notes": siti.notes, "locale": siti.locale, "attributes": dict(siti.attributes)}
    await signed_in.contacts.edit(siti.id, {"notes": "Grosir", "attributes": {"kota": None}}, seen)
    with pytest.raises(ChangedSinceError) as told:
        await signed_in.contacts.edit(siti.id, {"notes": "Eceran"}, {"notes": siti.notes})
    assert isinstance(told.value.now, ContactRow)
    assert told.value.now.notes == "Grosir"


async def test_a_merge_and_its_undoing_and_a_block_reach_the_feed(
    project: Project, signed_in: Remote
) -> None:
    customer(project, "Siti", project.desk.jakarta)
    customer(project, "Siti lagi", project.desk.jakarta)
    known = await contacts_of(signed_in)
    into, gone, merge = known["Siti"].id, known["Siti lagi"].id, new_id()
    await signed_in.contacts.merge(merge, into, gone)
    await signed_in.contacts.merge(merge, into, gone)
    assert set(await contacts_of(signed_in)) == {"Siti"}
    await signed_in.contacts.undo_merge(merge)
    assert set(await contacts_of(signed_in)) == {"Siti", "Siti lagi"}
    await signed_in.contacts.block(into, True)
    assert (await contacts_of(signed_in))["Siti"].blocked
    found = await signed_in.contacts.search("siti")
    assert {line.name: line.blocked for line in found.lines} == {"Siti": True, "Siti lagi": False}
    assert len(found.of(into).conversations) == 1


async def test_erasing_is_for_supervisors_who_first_see_what_it_reaches(
    project: Project, signed_in: Remote, supervisor: Remote
) -> None:
    thread = customer(project, "Siti", project.desk.jakarta)
    customer(project, "Bambang", project.desk.jakarta)
    project.desk.run(
        'update public.messages set media = \'[{"path": "x"}]\' where conversation_id = %s',
        thread,
    )
    project.desk.inbound(thread)
    siti = (await contacts_of(supervisor))["Siti"].id
    reach = await supervisor.contacts.reach(siti)
    assert (reach.conversations, reach.messages, reach.files) == (1, 2, 1)
    with pytest.raises(RefusedError) as caught:
        await signed_in.contacts.erase(new_id(), siti)
    assert caught.value.code == "not_allowed"
    receipt = new_id()
    asked = await supervisor.contacts.erase(receipt, siti)
    again = await supervisor.contacts.erase(receipt, siti)
    assert (asked.id, asked.state) == (again.id, again.state) == (receipt, "waiting")
    assert asked.requested_at is not None


async def test_writing_first_previews_the_fitting_language_and_sends_once(
    project: Project, signed_in: Remote
) -> None:
    for language, sid, body in (
        ("id", TEMPLATE, "Halo {{1}}, pesanan {{2}}"),
        ("en", "HX" + "b" * 32, "Hello {{1}}, order {{2}}"),
    ):
        project.desk.run(
            "insert into public.templates (content_sid, name, language, body, variables, status)"
            " values (%s, 'sapaan', %s, %s, '{}', 'approved')",
            sid,
            language,
            body,
        )
    customer(project, "Siti Rahma", project.desk.jakarta)
    siti = (await contacts_of(signed_in))["Siti Rahma"].id
    await signed_in.contacts.edit(siti, {"locale": "en"})
    jakarta = InboxId(project.desk.jakarta)
    wanted = {"name": "sapaan", "variables": {"1": "{{contact.first_name}}"}}
    shown = await signed_in.contacts.preview(jakarta, wanted, ContactId(siti))
    assert (shown.language, shown.missing, shown.text) == ("en", ("2",), "")
    wanted["variables"] = {"1": "{{contact.first_name}}", "2": "#7"}
    shown = await signed_in.contacts.preview(jakarta, wanted, ContactId(siti))
    assert shown.text == "Hello Siti, order #7"
    id = new_message_id()
    number = "+62 813 1111 2222"
    wanted["variables"] = {"1": "Bambang", "2": "#8"}
    first = await signed_in.contacts.start(
        id, jakarta, address=number, template=wanted, name="Bambang"
    )
    again = await signed_in.contacts.start(
        id, jakarta, address=number, template=wanted, name="Bambang"
    )
    assert again == first
    assert "Bambang" in await contacts_of(signed_in)
    with pytest.raises(RefusedError) as caught:
        await signed_in.contacts.start(new_message_id(), jakarta, address="0813", template=wanted)
    assert caught.value.code == "bad_address"
