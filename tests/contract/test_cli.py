"""The migrations by the official Supabase CLI, before and after `balas migrate`. By a command:

BALAS_CONTRACT=cli python3 dev.py test tests/contract/test_cli.py
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from console.local.snapshot import SNAPSHOT, snapshot
from console.service.migrate import migrate, migrations
from tests.conftest import Database
from tests.contract.targets import NAMES

CLI = "supabase@3"  # from npm; needs no Docker for this


class Push:
    """`supabase --workdir resources db push`."""

    def __init__(self, npx: str, folder: Path) -> None:
        self._npx = npx
        self._folder = folder

    def __call__(self, database: Database) -> str:
        """Everything it said. Fails the test where it fails."""
        push = ["--workdir", "resources", "db", "push", f"--remote={database.dsn}", "--yes"]
        ran = subprocess.run(
            [self._npx, "--yes", CLI, *push],
            cwd=self._folder,
            env=os.environ | {"DO_NOT_TRACK": "1", "SUPABASE_TELEMETRY_DISABLED": "1"},
            capture_output=True,
            text=True,
            timeout=300,
        )
        said = ran.stdout + ran.stderr
        assert ran.returncode == 0, said[-3000:]
        return said


@pytest.fixture
def push(tmp_path: Path, repository: Path) -> Push:
    npx = shutil.which("npx")
    if "cli" not in NAMES:
        pytest.skip("it fetches a program from npm: set BALAS_CONTRACT=cli to run it")
    if npx is None:
        pytest.skip("the Supabase CLI needs npx, which is not installed here")
    # A copy, because the program leaves a folder of its own beside the migrations.
    shutil.copytree(repository / "resources" / "supabase", tmp_path / "resources" / "supabase")
    return Push(npx, tmp_path)


def test_after_the_cli_only_the_queue_is_left_for_balas_migrate(
    empty_project: Database, push: Push
) -> None:
    said = push(empty_project)
    assert all(step.path.name in said for step in migrations())
    assert snapshot(empty_project.dsn) == SNAPSHOT.read_text(encoding="utf-8")
    # The queue's tables belong to the installed release of its library, not to a migration.
    assert [name.split()[0] for name in migrate(empty_project.dsn).applied] == ["procrastinate"]
    assert migrate(empty_project.dsn).applied == []
    assert snapshot(empty_project.dsn) == SNAPSHOT.read_text(encoding="utf-8")


def test_after_balas_migrate_the_cli_has_nothing_left_to_do(database: Database, push: Push) -> None:
    said = push(database)
    assert "up to date" in said
    assert "Applying" not in said
    assert migrate(database.dsn).applied == []
