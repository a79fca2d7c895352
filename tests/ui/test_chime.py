"""The sound of an alert: by the sound server's program, by none without a server."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QProcess

from console.ui.alerts import sound
from console.ui.alerts.sound import FILE, Chime
from tests.waiting import eventually

pytestmark = pytest.mark.skipif(os.name != "posix", reason="programs of Linux desktops")


def player(folder: Path, name: str, last: str) -> Path:
    """A program that writes down what it is asked to play; `last` is its last command."""
    heard = folder / f"{name}.heard"
    program = folder / name
    program.write_text(f'#!/bin/sh\necho "$@" >> "{heard}"\n{last}\n')
    program.chmod(0o755)
    return heard


def asked(heard: Path) -> int:
    """How often a program was asked to play; its file is there a moment before its first line."""
    return len(heard.read_text().splitlines()) if heard.exists() else 0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Only its programs are found; a sound server seems to listen."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    monkeypatch.setattr(sound, "_is_linux", lambda: True)
    return tmp_path


async def test_the_servers_program_plays_and_the_next_where_one_fails(
    qapp: QObject, folder: Path
) -> None:
    refused = player(folder, "pw-play", "exit 1")
    heard = player(folder, "paplay", "exit 0")
    chime = Chime(qapp)
    chime.play()
    await eventually(lambda: asked(heard) == 1)
    await eventually(lambda: chime._program.state() == QProcess.ProcessState.NotRunning)  # type: ignore[union-attr]
    chime.play()
    await eventually(lambda: asked(heard) == 2)
    assert heard.read_text().splitlines()[1].split()[-1] == str(FILE)
    assert asked(refused) == 1  # that one is asked no more
    assert chime._effect is None  # and Qt's own sound was not loaded
    chime.end()


async def test_it_does_not_sound_twice_at_once_and_ends_with_the_window(
    qapp: QObject, folder: Path
) -> None:
    heard = player(folder, "pw-play", "exec sleep 600")
    chime = Chime(qapp)
    chime.play()
    chime.play()
    await eventually(lambda: asked(heard) > 0)
    assert asked(heard) == 1
    chime.end()
    assert chime._program is not None
    assert chime._program.state() == QProcess.ProcessState.NotRunning


async def test_nothing_is_started_where_no_server_listens(
    qapp: QObject, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    player(folder, "pw-play", "exit 0")
    monkeypatch.delenv("PULSE_SERVER")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("HOME", str(folder))
    chime = Chime(qapp)
    chime.play()
    assert (chime._program, chime._effect) == (None, None)
    (folder / "pulse").mkdir()
    (folder / "pulse" / "native").touch()
    chime.play()
    assert (chime._program, chime._effect) != (None, None)
    chime.end()


@pytest.mark.parametrize("before", ["", "/opt/lib"])
async def test_the_program_does_not_find_the_libraries_of_a_frozen_build(
    qapp: QObject, folder: Path, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    told = folder / "libraries"
    player(folder, "pw-play", f'echo "<$LD_LIBRARY_PATH>" > "{told}.new"; mv "{told}.new" "{told}"')
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/nowhere/balas/_internal")
    if before:
        monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", before)
    chime = Chime(qapp)
    chime.play()
    await eventually(told.exists)
    assert told.read_text() == f"<{before}>\n"
    chime.end()
