"""A desktop in a process of its own: an agent types a reply, presses Enter, and the power goes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.app import Desktop, run_on_qt
from console.domain.ids import ConversationId
from console.settings.paths import Paths
from console.settings.project import ProjectAddress
from console.settings.values import Values
from console.ui.window import MainWindow
from tests.waiting import eventually

PATIENCE = 90.0  # seconds


class FixedKey:
    """The key of one store, as the keyring would give it again after a restart."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    async def key_for(self, name: str) -> bytes:
        return self._key


def program(application: QApplication, told: dict[str, Any]) -> Desktop:
    """The program, as it starts on this folder."""
    paths = Paths.below(Path(told["folder"]))
    project = ProjectAddress(told["url"], told["publishable_key"], fixed=True)
    key = FixedKey(bytes.fromhex(told["key"]))
    return Desktop(application, paths, Values(paths.settings_file), key, project)


async def work(application: QApplication, told: dict[str, Any]) -> None:
    """Type `text` into the conversation's composer; die `delay` seconds after Enter, or as soon
    as the bubble stands in the thread where that is null.

    The file `journal` says how far it came: typed, then shown once the bubble stands in the thread.
    """
    desktop = program(application, told)
    life = asyncio.create_task(desktop.run())
    await eventually(lambda: desktop.window is not None, within=PATIENCE)
    window = desktop.window
    assert window is not None
    window.open_conversation(ConversationId(told["conversation"]))
    composer = window.inbox.thread_screen.composer
    await eventually(lambda: composer.is_ready and composer.can_write, within=PATIENCE)
    journal = os.open(told["journal"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    QTest.keyClicks(composer.editor, told["text"])
    os.write(journal, b"typed\n")
    die = partial(os.kill, os.getpid(), signal.SIGKILL)
    if told["delay"] is not None:
        threading.Timer(told["delay"], die).start()
    QTest.keyClick(composer.editor, Qt.Key.Key_Return)
    await eventually(lambda: _shows(window, told["text"]), within=PATIENCE)
    os.write(journal, b"shown\n")
    if told["delay"] is None:
        die()
    with contextlib.suppress(asyncio.CancelledError):
        await life


def _shows(window: MainWindow, text: str) -> bool:
    messages = window.inbox.thread_screen.model.messages
    return any(message.content.text == text for message in messages)


def main() -> None:
    """Read one line of JSON from standard input, and do it."""
    told: dict[str, Any] = json.loads(sys.stdin.readline())
    run_on_qt(lambda application: work(application, told))


if __name__ == "__main__":
    main()
