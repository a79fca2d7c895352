"""Qt's players beside Python: nothing waits for a thread that waits for Python."""

from __future__ import annotations

import asyncio
import random
import re
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from console.ui import multimedia
from console.ui.composer.bench import sound
from console.ui.screens.film import Film
from console.ui.timeline import waveforms
from console.ui.timeline.posters import poster_of
from console.ui.timeline.waveforms import sound_of
from tests.gallery.made import sample_file
from tests.gallery.stage import Stage
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]
ROUNDS = 12


def test_nothing_is_told_to_them_with_pythons_lock() -> None:
    direct = re.compile(
        r"(player|decoder|recorder|effect)"
        r"\.(play|pause|stop|record|start|setPosition|setPlaybackRate)\("
    )
    found = [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for file in sorted((ROOT / "console").rglob("*.py"))
        if "QtMultimedia" in (text := file.read_text("utf-8"))
        for line in text.splitlines()
        if direct.search(line)
    ]
    assert found == []


async def test_what_is_played_writes_nothing_on_the_terminal(
    stage: Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await sound_of(sample_file("suara.ogg"))
    assert await poster_of(sample_file("video.mp4"))
    said = capfd.readouterr()
    assert said.out + said.err == ""


@pytest.mark.qt_log_ignore("No such method")
def test_a_call_of_nothing_is_a_fault(qapp: QApplication) -> None:
    with pytest.raises(RuntimeError, match="QTimer has no slot nothing"):
        multimedia.call(QTimer(), "nothing")


async def test_a_film_stops_at_any_moment(stage: Stage) -> None:
    """A renderer's thread that ended asked Python while it held a lock that `stop` waited for."""
    data, chance = sample_file("video.mp4"), random.Random(7)
    for _ in range(ROUNDS):
        film = Film(stage.theme)
        film.play(data)
        await asyncio.sleep(chance.random() * 0.12)
        film.stop()
        film.deleteLater()


async def test_what_is_encoded_goes_when_it_is_given_up(qapp: QApplication) -> None:
    pcm = bytes(sound.WIDTH * sound.RATE * 60)
    begun = asyncio.Event()
    work = asyncio.create_task(sound.encoded(pcm, lambda _part: begun.set()))
    await begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    await eventually(lambda: not sound._ending)


async def test_a_recording_that_is_slow_to_open_is_given_up_at_once_and_goes_when_it_can(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the window stood still for two seconds, and then Qt ended the program."""
    begun, may_open = threading.Event(), threading.Event()
    call = multimedia.call

    def slow(target: QObject, slot: str) -> None:
        if slot == "start":
            begun.set()
            assert may_open.wait(30)
        call(target, slot)

    monkeypatch.setattr(multimedia, "call", slow)
    work = asyncio.create_task(sound_of(sample_file("suara.ogg")))
    await eventually(begun.is_set)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert waveforms._listening
    may_open.set()
    await eventually(lambda: not waveforms._listening)
