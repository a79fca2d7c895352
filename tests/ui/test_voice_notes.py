"""Voice notes: bars, a hand that goes anywhere in them, three speeds."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from console.domain.content import Content, Kind
from console.domain.message import Message
from console.ui.timeline.context import Target
from console.ui.timeline.player import Player
from console.ui.timeline.renderers.audio import AudioBlock, recording
from console.ui.window import MainWindow
from tests.gallery.made import looked_into, sample_file
from tests.gallery.memory import MemoryStore
from tests.gallery.samples import SITI, Thread, media
from tests.waiting import eventually

KEY = "siti/PTT.ogg"


@pytest.fixture
async def note(open_thread: MainWindow, store: MemoryStore) -> Message:
    """A voice note of 21 seconds that has been looked into."""
    made = Thread().add(
        content=Content(Kind.AUDIO, "", (media("PTT.ogg", "audio/ogg", 33_502),)), minutes=1
    )
    store.media.files[KEY] = sample_file("suara.ogg")
    store.messages.threads[SITI] = [made]
    screen = open_thread.inbox.thread_screen
    screen.model.open(store.conversations.rows[0])
    await eventually(lambda: len(screen.model.messages) == 1)
    await looked_into(open_thread)
    assert open_thread.inbox.pictures.facts(made.content.media[0])
    return made


def places(window: MainWindow, target: Target) -> list[QPoint]:
    """Where a click means `target`, left to right."""
    view = window.inbox.thread_screen.timeline
    found = []
    for x in range(0, view.viewport().width(), 2):
        for y in range(0, view.viewport().height(), 8):
            hit = view.hit_at(QPointF(x, y))
            if hit and hit[1] and hit[1].target is target:
                found.append(QPoint(x, y))
                break
    return found


async def test_its_bars_are_its_loudness(open_thread: MainWindow, note: Message) -> None:
    context = open_thread.inbox.thread_screen.context
    block = recording(note.content.media[0], 400, context)
    assert isinstance(block, AudioBlock)
    assert len(set(block.peaks)) > 20
    assert round(block.seconds) == 21


async def test_a_click_in_the_bars_plays_from_there_and_a_drag_goes_on(
    open_thread: MainWindow, note: Message, qtbot: QtBot
) -> None:
    view = open_thread.inbox.thread_screen.timeline.viewport()
    player = open_thread.inbox.thread_screen.player
    bars = places(open_thread, Target.SEEK)
    half = bars[len(bars) // 2]
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=half)
    await eventually(lambda: 9 < player.position(KEY) < 12.5)
    qtbot.mouseMove(view, bars[len(bars) * 9 // 10] + QPoint(0, 90))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=half)
    assert open_thread.inbox.thread_screen.timeline.selection.is_empty


async def test_play_and_pause(open_thread: MainWindow, note: Message, qtbot: QtBot) -> None:
    view = open_thread.inbox.thread_screen.timeline.viewport()
    player = open_thread.inbox.thread_screen.player
    disc = places(open_thread, Target.PLAY)[5]
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=disc)
    await eventually(lambda: player.is_playing(KEY))
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=disc)
    await eventually(lambda: not player.is_playing(KEY))


async def test_three_speeds_in_turn(open_thread: MainWindow, note: Message, qtbot: QtBot) -> None:
    view = open_thread.inbox.thread_screen.timeline.viewport()
    player = open_thread.inbox.thread_screen.player
    chip = places(open_thread, Target.SPEED)[4]
    seen = []
    for _ in range(3):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=chip)
        seen.append(player.rate)
    assert seen == [1.5, 2.0, 1.0]


async def test_the_speed_holds_and_the_pitch_stays(note: Message) -> None:
    player = Player()
    player.next_rate()
    player.play(KEY, sample_file("suara.ogg"))
    made = player._player
    assert made is not None
    assert made.playbackRate() == 1.5
    assert made.pitchCompensation()
    player.stop()
