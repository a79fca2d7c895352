"""Drafts hold their files: nothing in plain on the disk, nothing lost with the original."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from console.domain.errors import ExpectedError
from console.domain.feed import DraftRow
from console.domain.ids import ConversationId, new_message_id
from console.domain.intents import Attachment, Draft, SendMessage
from console.store.store import Store
from tests.store.conftest import KEY, NOON, Desk, open_desk

PICTURE = Attachment("", "tempel.png", "image/png", 0)
CONTENT = b"gambar" * 100_000  # more than two pieces


async def drafted(desk: Desk, text: str = "lihat ini") -> tuple[ConversationId, Attachment]:
    """A draft with a pasted picture."""
    conversation = await desk.customer("Budi", "halo")
    kept = await desk.store.drafts.take(PICTURE, CONTENT)
    await desk.store.drafts.save(Draft(conversation, text, (kept,)))
    return conversation, kept


async def blobs(store: Store) -> int:
    """How many files lie in the store, whosever they are."""
    return int(await store._database.read(lambda r: r.value("select count(*) from blobs")))


async def sent_bytes(desk: Desk) -> bytes:
    """What the only reply on its way would upload."""
    [lane] = [lane for lane in await desk.store.dispatch.lanes() if lane.replies]
    intent = await desk.store.dispatch.next(lane)
    assert intent is not None
    (file,) = intent.files
    content = b""
    while piece := await desk.store.dispatch.piece(file.blob_id, len(content)):
        content += piece
    assert len(content) == file.size
    return content


async def test_a_draft_keeps_its_picture_over_a_restart_and_sends_it(path: Path) -> None:
    desk = await open_desk(path)
    conversation, kept = await drafted(desk)
    await desk.store.close()
    again = Desk(await Store.open(path, KEY), desk.server)
    draft = await again.store.drafts.get(conversation)
    assert draft == Draft(conversation, "lihat ini", (kept,))
    id = new_message_id()
    await again.store.outbox.send(SendMessage(id, conversation, draft.text, draft.attachments))
    assert await again.store.drafts.get(conversation) is None
    assert await sent_bytes(again) == CONTENT
    place = f"{conversation}/{id}/0/tempel.png"
    assert await again.store.media.read("attachments", place) == CONTENT
    assert await blobs(again.store) == 1
    await again.store.close()


async def test_the_original_may_go_once_it_is_attached(desk: Desk, tmp_path: Path) -> None:
    conversation = await desk.customer("Budi", "halo")
    file = tmp_path / "nota.pdf"
    file.write_bytes(CONTENT)
    kept = await desk.store.drafts.take(Attachment(str(file), "nota.pdf", "application/pdf", 1))
    file.unlink()
    assert kept.size == len(CONTENT)
    await desk.store.outbox.send(SendMessage(new_message_id(), conversation, "", (kept,)))
    assert await sent_bytes(desk) == CONTENT


async def test_a_file_that_cannot_be_read_is_not_taken(desk: Desk) -> None:
    with pytest.raises(ExpectedError, match="cannot be read"):
        await desk.store.drafts.take(Attachment("/nowhere.pdf", "nowhere.pdf", "x/y", 1))
    assert await blobs(desk.store) == 0


async def test_a_draft_of_files_alone_stands_in_the_list_by_their_names(desk: Desk) -> None:
    conversation, kept = await drafted(desk, text="")
    row = await desk.store.conversations.get(conversation)
    assert row is not None
    assert row.draft == kept.name
    await desk.store.drafts.save(Draft(conversation, "", (kept,), note="ingat"))
    row = await desk.store.conversations.get(conversation)
    assert row is not None
    assert row.draft == "ingat"


async def test_a_file_taken_out_of_the_draft_is_gone(desk: Desk) -> None:
    conversation, kept = await drafted(desk)
    other = await desk.store.drafts.take(PICTURE, b"lain")
    await desk.store.drafts.save(Draft(conversation, "dua", (kept, other)))
    await desk.store.drafts.save(Draft(conversation, "dua", (other,)))
    assert await blobs(desk.store) == 1
    await desk.store.drafts.save(Draft(conversation, ""))
    assert await blobs(desk.store) == 0


async def test_what_never_came_into_a_draft_is_gone_with_the_next_start(path: Path) -> None:
    desk = await open_desk(path)
    conversation, kept = await drafted(desk)
    await desk.store.drafts.take(PICTURE, b"langsung dibuang")
    await desk.store.media.append("media", "a/b", 0, b"half")
    assert await blobs(desk.store) == 3
    await desk.store.close()
    store = await Store.open(path, KEY)
    assert await blobs(store) == 2
    assert await store.media.begin("media", "a/b") == 4
    draft = await store.drafts.get(conversation)
    assert draft is not None
    assert draft.attachments == (kept,)
    await store.close()


async def test_a_file_that_is_no_longer_kept_is_never_another_one(desk: Desk) -> None:
    conversation, kept = await drafted(desk)
    await desk.store.drafts.save(Draft(conversation, ""))
    for number in range(3):
        await desk.store.drafts.take(PICTURE, b"lain %d" % number)
    with pytest.raises(ExpectedError, match="cannot be read"):
        await desk.store.outbox.send(SendMessage(new_message_id(), conversation, "x", (kept,)))


async def test_a_sent_file_leaves_the_draft_that_was_typed_on(desk: Desk) -> None:
    conversation, kept = await drafted(desk, "lihat")
    await desk.store.outbox.send(SendMessage(new_message_id(), conversation, "lihat ini", (kept,)))
    assert await desk.store.drafts.get(conversation) == Draft(conversation, "lihat")
    assert await sent_bytes(desk) == CONTENT


async def test_a_file_can_be_added_to_a_draft_from_outside(desk: Desk) -> None:
    conversation, kept = await drafted(desk)
    other = await desk.store.drafts.take(PICTURE, b"lain")
    await desk.store.drafts.add(conversation, other)
    draft = await desk.store.drafts.get(conversation)
    assert draft == Draft(conversation, "lihat ini", (kept, other))


async def test_the_files_of_a_draft_leave_with_its_inbox(desk: Desk) -> None:
    await drafted(desk)
    await desk.apply(forget=(desk.server.inbox,))
    assert await blobs(desk.store) == 0


def named(*items: Attachment) -> tuple[Attachment, ...]:
    """Files as the server names them."""
    return tuple(replace(item, path="", kept=None) for item in items)


async def test_a_draft_from_elsewhere_names_its_files_and_keeps_those_that_are_here(
    desk: Desk,
) -> None:
    conversation, kept = await drafted(desk)
    await desk.store._database.write(lambda w: w.run("delete from intents"))  # it was mirrored
    other = Attachment("", "nota.pdf", "application/pdf", 7, caption="lunas")
    files = named(kept, other)
    await desk.apply(drafts=(DraftRow(conversation, "lihat ini ya", NOON, files=files),))
    draft = await desk.store.drafts.get(conversation)
    assert draft == Draft(conversation, "lihat ini ya", (kept, other))
    assert [item.is_missing for item in draft.attachments] == [False, True]
    await desk.apply(drafts=(DraftRow(conversation, "lihat", NOON),))  # who wrote knew of none
    draft = await desk.store.drafts.get(conversation)
    assert draft == Draft(conversation, "lihat", (kept,))
    assert await blobs(desk.store) == 1


async def test_the_echo_of_ones_own_draft_changes_nothing(desk: Desk) -> None:
    conversation, kept = await drafted(desk)
    await desk.store._database.write(lambda w: w.run("delete from intents"))
    heard = len(desk.heard)
    await desk.apply(drafts=(DraftRow(conversation, "lihat ini", NOON, files=named(kept)),))
    assert not any(changes.drafts for changes in desk.heard[heard:])


async def test_a_draft_of_files_alone_comes_back_by_their_names(desk: Desk) -> None:
    conversation = await desk.customer("Budi", "halo")
    await desk.apply(drafts=(DraftRow(conversation, "", NOON, files=named(PICTURE)),))
    row = await desk.store.conversations.get(conversation)
    assert row is not None
    assert row.draft == PICTURE.name
    kept = await desk.store.drafts.take(PICTURE, CONTENT)
    await desk.store.drafts.add(conversation, kept)
    assert await desk.store.drafts.get(conversation) == Draft(conversation, "", (kept,))
