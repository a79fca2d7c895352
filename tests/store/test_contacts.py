"""Contacts in the store: whole, in the alphabet's order, searched, and gone when they go."""

from __future__ import annotations

from dataclasses import replace

from console.domain.contact import ContactLine
from console.domain.feed import ContactRow, MessageFacts, Record
from console.domain.ids import ContactId
from tests.store.conftest import ME, NOON, Desk, new_id


async def known(desk: Desk, *names: str) -> list[ContactRow]:
    """People with a conversation each, as a page of the feed brings them."""
    made = [desk.server.customer(name) for name in names]
    await desk.store.feed.apply(
        desk.server.page(
            contacts=tuple(contact for contact, _ in made),
            conversations=tuple(conversation for _, conversation in made),
        )
    )
    return [contact for contact, _ in made]


async def titles(desk: Desk, search: str = "", after: ContactLine | None = None) -> list[str]:
    return [line.title for line in await desk.store.contacts.page(search, after=after)]


async def test_a_contact_has_all_that_the_server_knows_of_them(desk: Desk) -> None:
    (row,) = await known(desk, "Siti")
    fuller = replace(
        row,
        locale="id",
        notes="Reseller di Bekasi",
        attributes={"kota": "Bekasi", "poin": "120"},
        created_at=NOON,
        addresses=(replace(row.addresses[0], opted_out_at=NOON),),
    )
    desk.heard.clear()
    await desk.store.feed.apply(desk.server.page(contacts=(fuller,)))
    found = await desk.store.contacts.get(row.id)
    assert found is not None
    assert (found.name, found.locale, found.notes) == ("Siti", "id", "Reseller di Bekasi")
    assert found.attributes == {"kota": "Bekasi", "poin": "120"}
    assert [entry.opted_out_at for entry in found.addresses] == [NOON]
    (conversation,) = await desk.store.conversations.of_contact(row.id)
    assert any(conversation.id in change.conversations for change in desk.heard)
    desk.heard.clear()
    await desk.store.feed.apply(desk.server.page(contacts=(fuller,)))
    assert not any(change.conversations for change in desk.heard)


async def test_contacts_stand_in_the_alphabets_order_and_are_paged_by_key(desk: Desk) -> None:
    await known(desk, "émile", "Bambang", "", "agus", "Dewi")
    everybody = await desk.store.contacts.page()
    assert [line.name for line in everybody] == ["agus", "Bambang", "Dewi", "émile", ""]
    assert await desk.store.contacts.count() == 5
    after = everybody[1]
    assert await titles(desk, after=after) == [line.title for line in everybody[2:]]


async def test_a_contact_is_found_by_parts_of_the_name_and_by_the_number_as_dialled(
    desk: Desk,
) -> None:
    siti, _ = await known(desk, "Siti Rahmawati", "Bambang")
    local = siti.addresses[0].address.removeprefix("whatsapp:+62")
    assert await titles(desk, "rahma siti") == ["Siti Rahmawati"]
    assert await titles(desk, f"0{local[:4]}-{local[4:]}") == ["Siti Rahmawati"]
    assert await titles(desk, "nobody") == []
    await desk.store.feed.apply(desk.server.page(contacts=(replace(siti, name="Sinta"),)))
    assert await titles(desk, "siti") == []
    assert await titles(desk) == ["Bambang", "Sinta"]


async def test_who_is_erased_or_merged_away_is_on_no_page_any_more(desk: Desk) -> None:
    siti, bambang = await known(desk, "Siti", "Bambang")
    await desk.store.feed.apply(desk.server.page(deleted={"contacts": (siti.id,)}))
    assert await titles(desk) == ["Bambang"]
    assert await desk.store.contacts.get(siti.id) is None
    await desk.store.feed.apply(desk.server.page(forget=(desk.server.inbox,)))
    assert await titles(desk) == []
    assert await desk.store.contacts.get(ContactId(bambang.id)) is None


async def test_a_contacts_files_come_newest_first_and_blocking_shows_in_the_list(
    desk: Desk,
) -> None:
    contact, conversation = desk.server.customer("Siti")

    def sent(name: str) -> MessageFacts:
        media = ({"bucket": "media", "path": name, "content_type": "image/jpeg", "name": name},)
        return desk.server.inbound(conversation.id, name, message_type="image", media=media)

    await desk.store.feed.apply(
        desk.server.page(
            contacts=(replace(contact, blocked=True),),
            conversations=(conversation,),
            messages=(sent("a.jpg"), desk.server.inbound(conversation.id, "teks"), sent("b.jpg")),
        )
    )
    found = await desk.store.contacts.files(contact.id)
    assert [message.content.text for message in found] == ["b.jpg", "a.jpg"]
    row = await desk.store.conversations.get(conversation.id)
    assert row is not None
    assert row.blocked


async def test_what_a_blocked_customer_writes_is_not_counted_until_they_are_unblocked(
    desk: Desk,
) -> None:
    contact, conversation = desk.server.customer("Siti", assignee_id=ME)

    async def unread(blocked: bool) -> tuple[int, int]:
        await desk.apply(
            contacts=(replace(contact, blocked=blocked),),
            conversations=(conversation,),
            messages=(desk.server.inbound(conversation.id, "halo"),),
        )
        row = await desk.store.conversations.get(conversation.id)
        assert row is not None
        return row.unread, (await desk.store.conversations.counters()).unread

    assert await unread(blocked=True) == (0, 0)
    assert await unread(blocked=False) == (2, 1)


async def test_the_last_merge_that_stands_is_known_from_the_thread(desk: Desk) -> None:
    contact, conversation = desk.server.customer("Siti")

    def event(kind: str, merge: str) -> Record:
        id, at = new_id(), desk.server.tick().isoformat()
        data = {"id": id, "conversation_id": conversation.id, "kind": kind, "created_at": at}
        return Record("events", id, conversation.id, {**data, "data": {"merge_id": merge}})

    records = (event("contact_merged", "one"), event("contact_merged", "two"))
    page = desk.server.page(contacts=(contact,), conversations=(conversation,), records=records)
    await desk.store.feed.apply(page)
    assert await desk.store.contacts.last_merge(contact.id) == "two"
    await desk.store.feed.apply(desk.server.page(records=(event("merge_undone", "two"),)))
    assert await desk.store.contacts.last_merge(contact.id) == "one"
