"""What the start leaves for later: the first picture waits for nothing that it does not show."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# The program as `balas` starts it, on a new store, until its list of conversations is known.
PROGRAM = """
import asyncio, sys
from pathlib import Path

from console.cli import _program

app = _program()
from console.settings.paths import Paths
from console.settings.project import ProjectAddress
from console.settings.secrets import ThrowAwayKeys
from console.settings.values import Values
from console.ui import window
from console.ui.screens.inbox.listview import ConversationList
from PySide6 import QtCore, QtWidgets

styled = unknown = 0


class Told(ConversationList):
    def changeEvent(self, event):
        global styled
        styled += event.type() == QtCore.QEvent.Type.StyleChange
        super().changeEvent(event)

    def paintEvent(self, event):
        super().paintEvent(event)
        global unknown
        unknown += self.is_waiting


if COUNTS:
    import console.ui.screens.inbox.results as panel

    panel.ConversationList = Told


async def live(application):
    values = Values(Path("settings.json"))
    values.set("last_user", "00000000-0000-4000-8000-000000000001")
    project = ProjectAddress("http://127.0.0.1:9", "sb_publishable_none", fixed=True)
    desktop = app.Desktop(application, Paths.below(Path()), values, ThrowAwayKeys(), project)
    listed = asyncio.Event()

    class Window(window.MainWindow):
        def __init__(self, *parts):
            super().__init__(*parts)
            self.inbox.conversations.model.loaded.connect(self.tell)
            if COUNTS:
                assert isinstance(self.inbox.conversations.list, Told)
                print(styled)
                self.tasks.start(self.count())

        async def count(self):
            await self.inbox.is_whole.wait()
            print(self.isVisible(), unknown)
            desktop.close()

        def tell(self):
            listed.set()
            if not COUNTS:
                print(*(name for name in MODULES if name in sys.modules))
                print(*(name for name in TYPES if name in vars(QtWidgets)))
                desktop.close()

    from console.app import desktop as composed

    composed.MainWindow, composed._PATIENCE = Window, 60
    await desktop.run()
    assert listed.is_set()


app.run_on_qt(live)
"""
MODULES = (
    "uuid",
    "console.store.desk",
    "console.store.outbox",
    "console.store.team",
    "console.domain.company",
    "console.domain.content",
    "console.domain.intents",
    "console.domain.links",
    "console.domain.sending",
    "console.domain.shifts",
    "console.domain.twilio_codes",
    "console.ui.screens.inbox.acts",
    "console.ui.screens.inbox.reading",
    "console.ui.timeline.context",
)
# PySide makes all kinds of widgets when it is given one that Qt made.
TYPES = ("QMdiArea", "QWizard")


def start(folder: Path, **names: object) -> list[str]:
    """What the program printed."""
    given = "".join(f"{name} = {value!r}\n" for name, value in names.items())
    ran = subprocess.run(
        [sys.executable, "-c", given + PROGRAM],
        cwd=folder,
        env={
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
        capture_output=True,
        text=True,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.splitlines()


def test_the_list_is_there_before_what_nobody_has_asked_for(tmp_path: Path) -> None:
    assert start(tmp_path, COUNTS=False, MODULES=MODULES, TYPES=TYPES) == ["", ""]


def test_the_list_is_styled_once_and_not_painted_before_it_is_known(tmp_path: Path) -> None:
    styled, painted = start(tmp_path, COUNTS=True)
    assert int(styled) <= 1
    assert painted == "True 0"
