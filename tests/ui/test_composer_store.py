"""The composer's reply in the real store: captions, undo, and a draft that outlives the program."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from pytestqt.qtbot import QtBot

from console.domain.intents import Attachment, Draft
from console.store.store import Store
from console.ui.composer.sender import Sender, Sent
from tests.gallery.stage import Stage
from tests.store.conftest import KEY, Desk, open_desk
from tests.waiting import eventually


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest_asyncio.fixture
async def desk(path: Path) -> AsyncIterator[Desk]:
    """A store on disk, as the program has it."""
    made = await open_desk(path)
    yield made
    await made.store.close()


async def drafted(desk: Desk) -> Draft:
    """A text with two files, the second with a caption of its own."""
    conversation = await desk.customer("Budi", "halo")
    files = []
    for name in ("a.png", "b.png"):
        found = Attachment("", name, "image/png", 0)
        files.append(await desk.store.drafts.take(found, name.encode() * 1000))
    draft = Draft(conversation, "Halo", (files[0], replace(files[1], caption="dua")), note="catat")
    await desk.store.drafts.save(draft)
    return draft


async def test_a_draft_with_everything_in_it_is_there_after_a_restart(
    desk: Desk, path: Path
) -> None:
    draft = await drafted(desk)
    await desk.store.close()
    desk.store = await Store.open(path, KEY)
    assert await desk.store.drafts.get(draft.conversation_id) == draft
    assert await desk.store.drafts.read(draft.attachments[1]) == b"b.png" * 1000


async def test_the_file_of_a_later_message_is_kept_until_it_leaves_too(
    stage: Stage, desk: Desk, qtbot: QtBot
) -> None:
    draft = await drafted(desk)
    sender = Sender(desk.store, stage.scope(), stage.errors)
    sent: list[Sent] = []
    sender.sent.connect(sent.append)
    sender.send(draft, 5.0, None, "Budi")
    await eventually(lambda: sent)
    messages = await desk.store.messages.latest(draft.conversation_id)
    ours = [m for m in messages if m.local]
    assert [(m.content.text, m.content.media[0].name) for m in ours] == [
        ("Halo", "a.png"),
        ("dua", "b.png"),
    ]
    for message in ours:
        item = message.content.media[0]
        content = await desk.store.media.read(item.bucket, item.path or "")
        assert content == (item.name or "").encode() * 1000
    assert await desk.store.drafts.get(draft.conversation_id) == Draft(
        draft.conversation_id, "", note="catat"
    )


async def test_taken_back_it_is_the_same_draft_with_files_that_can_be_sent(
    stage: Stage, desk: Desk, qtbot: QtBot
) -> None:
    draft = await drafted(desk)
    sender = Sender(desk.store, stage.scope(), stage.errors)
    sent: list[Sent] = []
    back: list[Draft] = []
    sender.sent.connect(sent.append)
    sender.came_back.connect(lambda found, _: back.append(found))
    sender.send(draft, 5.0, None, "Budi")
    await eventually(lambda: sent)
    sender.undo(Draft(draft.conversation_id, "lagi", note="catat"))
    await eventually(lambda: back)
    assert back == [replace(draft, text="Halo\n\nlagi")]
    assert await desk.store.drafts.get(draft.conversation_id) == back[0]
    for item in draft.attachments:
        assert await desk.store.drafts.read(item) == item.name.encode() * 1000
    messages = await desk.store.messages.latest(draft.conversation_id)
    assert not [m for m in messages if m.local]
