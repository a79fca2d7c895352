"""Faults 23 and 24 and attack 10 as the agent sees them: strange texts, bad files, markup."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from console.domain.alerts import What
from console.domain.content import Kind
from console.domain.ids import NoteId
from console.domain.intents import AddNote
from console.domain.message import Message
from console.local.samples import sample
from console.ui.alerts.notices import notice_for
from console.ui.alerts.tray import as_typed
from console.ui.screens.question import Question
from console.ui.timeline.renderers import faults
from console.ui.timeline.text import TextBlock
from tests.service.requests import new_sid, whatsapp
from tests.story.conftest import Seat
from tests.trials.trap import Trap
from tests.trials.window.conftest import Town, at_desk, open_thread
from tests.waiting import eventually

LONG = 90.0  # seconds
PLAIN = Qt.TextFormat.PlainText
TALLEST = 20_000.0  # pixels; a bubble is folded long before


@dataclass(frozen=True)
class Bait:
    """Markup that fetches something where it is taken for markup."""

    trap: Trap
    picture: Path

    def __str__(self) -> str:
        return (
            f'<b>A</b><img src="{self.picture.as_uri()}"><img src="http://127.0.0.1:'
            f'{self.trap.port}/x.png"><a href="javascript:alert(1)">B</a>&amp;'
        )

    def was_taken(self) -> bool:
        """Whether anybody fetched the picture from the disk or from the net."""
        return self.trap.connections > 0 or self.picture.stat().st_atime_ns != 0


@pytest.fixture
def bait(tmp_path: Path) -> Iterator[Bait]:
    """A picture whose reading would show in its time of access, and a server that should rest."""
    picture = tmp_path / "rahasia.png"
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    image.save(str(picture))
    os.utime(picture, ns=(0, time.time_ns()))
    with Trap() as trap:
        yield Bait(trap, picture)


def read_as_markup(words: str) -> list[str]:
    """Widgets that show these words and would take them for markup: a label, or any tooltip."""
    found = []
    for widget in QApplication.allWidgets():
        said = widget.text() if isinstance(widget, QLabel) else ""
        if words in said and isinstance(widget, QLabel) and widget.textFormat() is not PLAIN:
            found.append(f"label: {said}")
        if words in widget.toolTip():  # it has no other format than Qt's guess
            found.append(f"tooltip: {widget.toolTip()}")
    return found


def shown_words() -> str:
    """What every visible label and button says."""
    visible: list[QWidget] = [w for w in QApplication.allWidgets() if w.isVisible()]
    texts = [w.text() for w in visible if isinstance(w, QLabel | QAbstractButton)]
    return "\n".join(texts)


@pytest.mark.trial("A10")
async def test_markup_is_shown_as_typed_wherever_it_stands_and_fetches_nothing(
    town: Town, qtbot: QtBot, tmp_path: Path, bait: Bait
) -> None:
    address, text = "whatsapp:+6281310010010", str(bait)
    thread = town.customer("Umpan", address, text)
    town.desk.run("update public.contacts set name = %s where name = 'Umpan'", text)
    agent = town.agent("umpan", town.shop)
    town.desk.run("update public.profiles set display_name = %s where id = %s", text, agent.id)
    async with at_desk(town, agent, tmp_path / "desk") as seat:
        await open_thread(seat, thread)
        await eventually(lambda: [b.content.text for b in seat.bubbles()][:1] == [text])
        seat.window.inbox.thread_screen.composer.editor.setPlainText(text)
        await seat.store.outbox.note(AddNote(NoteId(str(uuid.uuid4())), thread, text))
        await eventually(lambda: [b.content.kind for b in seat.bubbles()][-1] is Kind.NOTE)
        assert seat.bubbles()[-1].content.text == text
        row = await seat.store.conversations.get(thread)
        assert row is not None
        title = notice_for(What.MESSAGE, row, None, content=True).title
        assert "<b>A</b><img" in title
        assert text.startswith(title.removesuffix("…"))
        assert "<b" not in as_typed(text)
        seat.window.toast.tell(text, text)
        question = Question(seat.window, text, text)
        question.add(text, None)
        question.open()
        seat.window.inbox.conversations.search.setText("Halo")
        for top in QApplication.topLevelWidgets():
            top.grab()
        assert read_as_markup("<b>") == []
        assert text in shown_words()
        seat.window.inbox.thread_screen.open_link(f"javascript:fetch('{bait.picture.as_uri()}')")
        seat.window.inbox.thread_screen.open_link(bait.picture.as_uri())
        question.close()
    assert not bait.was_taken()


STRANGE = {
    "families": "👩‍👩‍👧‍👦" * 1600,
    "right to left": "\u202eمرحبا بالعالم\u202c שלום",
    "lines": "\n".join("x" * 64_000),
    "signs": "e\u0301" * 3 + "\ufdfd" * 50 + "\u0e49" * 200,
}


@pytest.mark.trial("F23")
async def test_strange_messages_are_shown_or_labelled_and_the_window_goes_on(
    town: Town, tmp_path: Path
) -> None:
    sender = f"whatsapp:ID.{new_sid()[2:18]}"
    agent = town.agent("aneh", town.shop)

    def came(**changes: str | None) -> None:
        nameless = {"WaId": None, "ProfileName": None, "ChannelMetadata": None, "From": sender}
        fields = whatsapp(To=town.facts["inbox_address"], **(nameless | changes))
        assert town.webhook(urlencode(fields)).status_code == 200

    for text in STRANGE.values():
        came(Body=text)
    came(MessageType="hologram", HologramUrl="x", Body="", Future="ya")
    thread = town.conversation_of(sender)
    async with at_desk(town, agent, tmp_path) as seat:
        await open_thread(seat, thread)
        await eventually(lambda: len(seat.bubbles()) == len(STRANGE) + 1, within=LONG)
        assert [b.content.text for b in seat.bubbles()[:-1]] == list(STRANGE.values())
        assert seat.bubbles()[-1].content.kind is Kind.UNSUPPORTED
        timeline = seat.window.inbox.thread_screen.timeline
        await eventually(lambda: timeline.verticalScrollBar().maximum() > 0)
        for at in (0, timeline.verticalScrollBar().maximum()):
            timeline.verticalScrollBar().setValue(at)
            seat.window.grab()
        assert timeline.verticalScrollBar().maximum() < TALLEST
        row = await seat.store.conversations.get(thread)
        assert row is not None
        assert row.title


def said_under(seat: Seat, message: Message) -> str:
    """What stands under a message's files."""
    blocks = faults.measure(message, 300, seat.window.inbox.thread_screen.context)
    return " ".join(block.text for block in blocks if isinstance(block, TextBlock))


@pytest.mark.trial("F24")
async def test_a_file_that_cannot_be_had_says_so_on_its_bubble_and_comes_whole_later(
    town: Town, tmp_path: Path
) -> None:
    address = "whatsapp:+6281310000024"
    thread = town.customer("Foto", address)
    agent = town.agent("foto", town.shop)
    async with at_desk(town, agent, tmp_path) as seat:
        await open_thread(seat, thread)
        # What the service does with bad answers of Twilio is a trial of the service's own.
        town.misbehave(status=404, paths=["/storage/v1/object/sign/media"])
        wrote = {"from": address, "name": "Foto", "media": [{"sample": "resi.jpg"}]}
        town.customer_does("inbound", **wrote)

        def photo() -> Message | None:
            found = [b for b in seat.bubbles() if b.content.kind is Kind.IMAGE]
            return found[-1] if found and found[-1].content.media[0].path else None

        await eventually(lambda: photo() is not None, within=LONG)
        message = photo()
        assert message is not None
        item = message.content.media[0]
        assert item.path is not None

        def is_told() -> bool:
            seat.window.grab()  # what is painted asks for its file
            return said_under(seat, message) != ""

        await eventually(is_told, within=LONG)
        assert await seat.store.media.read(item.bucket, item.path) is None
        town.misbehave(status=0, paths=[])
        seat.window.inbox.thread_screen.files.fetch(message, 0)

        async def is_here() -> bool:
            whole = await seat.store.media.read(item.bucket, item.path or "")
            return whole == sample("resi.jpg").content

        await eventually(is_here, within=LONG)
        await eventually(lambda: said_under(seat, message) == "")
