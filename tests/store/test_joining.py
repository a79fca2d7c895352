"""Two threads become one on the server while this machine holds unsent work for one of them."""

from __future__ import annotations

from console.domain.feed import Record
from console.domain.ids import ConversationId, NoteId, new_message_id
from console.domain.intents import AddNote, Draft, SendMessage
from tests.store.conftest import Desk, new_id
from tests.store.test_drafts import CONTENT, PICTURE, drafted, sent_bytes


async def join(desk: Desk, old: ConversationId, new: ConversationId) -> None:
    """The server merged the contacts: an event in the thread that stays, the other is deleted."""
    id = new_id()
    event = {
        "id": id, "conversation_id": new, "kind": "contact_merged", "actor_id": None,
        "data": {"threads": {old: new}}, "created_at": desk.server.tick().isoformat(),
    }  # fmt: skip
    await desk.apply(records=(Record("events", id, new, event),), deleted={"conversations": [old]})


async def test_replies_and_notes_that_wait_go_to_the_thread_that_stays(desk: Desk) -> None:
    old, new = await desk.customer("Budi", "halo"), await desk.customer("Budi S", "hai")
    await desk.store.outbox.send(SendMessage(new_message_id(), old, "belum terkirim"))
    await desk.store.outbox.note(AddNote(NoteId(new_message_id()), old, "catatan", ()))
    await join(desk, old, new)
    assert await desk.texts(old) == []
    assert {"belum terkirim", "catatan"} <= set(await desk.texts(new))
    lanes = await desk.store.dispatch.lanes()
    assert {lane.conversation_id for lane in lanes} == {new}


async def test_a_reply_with_a_file_is_sent_from_the_new_place(desk: Desk) -> None:
    old, kept = await drafted(desk)
    new = await desk.customer("Budi S", "hai")
    id = new_message_id()
    await desk.store.outbox.send(SendMessage(id, old, "lihat ini", (kept,)))
    await join(desk, old, new)
    place = f"{new}/{id}/0/tempel.png"
    assert await sent_bytes(desk) == CONTENT
    assert await desk.store.media.read("attachments", place) == CONTENT
    bubble = await desk.store.messages.get(id)
    assert bubble is not None
    assert [file.path for file in bubble.content.media] == [place]


async def test_what_was_being_written_is_put_before_the_draft_that_is_there(desk: Desk) -> None:
    old, kept = await drafted(desk, "dari yang lama")
    new = await desk.customer("Budi S", "hai")
    other = await desk.store.drafts.take(PICTURE, b"lain" * 10)
    await desk.store.drafts.save(Draft(new, "sudah ada", (other,)))
    await join(desk, old, new)
    assert await desk.store.drafts.get(old) is None
    joined = Draft(new, "dari yang lama\n\nsudah ada", (kept, other))
    assert await desk.store.drafts.get(new) == joined
    await desk.store.outbox.send(SendMessage(new_message_id(), new, joined.text, (kept,)))
    assert await sent_bytes(desk) == CONTENT


async def test_a_thread_of_which_nothing_waits_just_goes(desk: Desk) -> None:
    old, new = await desk.customer("Budi", "halo"), await desk.customer("Budi S", "hai")
    await join(desk, old, new)
    assert await desk.store.conversations.get(old) is None
    assert await desk.store.outbox.pending() == 0
