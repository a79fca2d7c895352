"""Who may import whom: the contracts in pyproject.toml, and no library outside its extra."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_every_import_keeps_to_the_contracts() -> None:
    # In a process of its own: import-linter sets up logging anew and silences every other logger.
    program = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"
    command = [sys.executable, "-c", program]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_first_screen_waits_for_nothing_that_comes_after_it() -> None:
    later = (
        "supabase httpx cryptography keyring PySide6.QtMultimedia PySide6.QtPdf console.sync"
        " console.remote.client console.domain.feed console.domain.intents console.domain.contact"
        " console.store.outbox console.store.dispatch console.ui.alerts console.ui.completeness"
        " console.ui.screens.inbox.acts console.ui.screens.sign_in console.ui.composer.composer"
        " console.ui.timeline.view console.ui.tour"
    )
    program = (
        "import sys\n"
        "from console.cli import _program\n"
        "_program()\n"
        f"early = set({later!r}.split()) & set(sys.modules)\n"
        "assert not early, early\n"
        # The thread and the composer wait for nothing that only some files need.
        "import console.ui.composer.composer, console.ui.screens.inbox.files\n"
        "import console.ui.screens.inbox.viewing, console.ui.timeline.view\n"
        "early = {'PySide6.QtMultimedia', 'PySide6.QtPdf'} & set(sys.modules)\n"
        "assert not early, early\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("command", ["--version", "--help", "demo --help", "user add --help"])
def test_help_imports_nothing_that_it_does_not_start(command: str) -> None:
    program = (
        "import sys\n"
        "from console import cli\n"
        f"sys.argv = ['balas', *{command.split()!r}]\n"
        "try:\n"
        "    cli.main()\n"
        "except SystemExit as end:\n"
        "    assert end.code == 0, end.code\n"
        "heavy = {'PySide6', 'supabase', 'psycopg', 'twilio', 'httpx'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True)
