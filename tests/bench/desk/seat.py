"""`python -m tests.bench.desk.seat FOLDER [SCRIPT]`: the program, with the store's key at hand.

Everything is as `balas` does it, but that the key does not come from a keyring or a passphrase.
With a script it does by itself what is measured, and prints what it found as a line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from console import logs
from console.cli import _program
from console.settings.paths import Paths
from console.settings.project import ProjectAddress
from console.settings.secrets import system_keyring
from console.settings.values import Values

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

app = _program()
KEY = bytes(range(32))


class KeyAtHand:
    """One key for every store; where a real one would come from is looked up all the same."""

    async def key_for(self, name: str) -> bytes:
        system_keyring()
        return KEY


def main(folder: Path, script: str | None) -> int:
    """Until the window is closed, or the script has ended."""
    logs.configure("desktop", "WARNING")
    paths = Paths.below(folder)
    values = Values(paths.settings_file)
    facts = json.loads((folder / "project.json").read_text())

    async def live(application: QApplication) -> None:
        project = ProjectAddress(facts["supabase_url"], facts["publishable_key"], fixed=True)
        desktop = app.Desktop(application, paths, values, KeyAtHand(), project)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, desktop.close)
        if script is None:
            await desktop.run()
            return
        desktop.bench_facts = facts
        played = asyncio.create_task(import_module("tests.bench.desk.script").play(desktop, script))
        played.add_done_callback(lambda _: desktop.close())
        await desktop.run()
        sys.stdout.write(json.dumps(await played) + "\n")

    app.run_on_qt(live)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None))
