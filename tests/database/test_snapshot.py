"""schema.sql shows exactly what the migrations make."""

from __future__ import annotations

from console.local.snapshot import SNAPSHOT, snapshot
from console.service.migrate import migrate
from tests.conftest import Database


def test_the_snapshot_equals_the_migrations(empty_project: Database) -> None:
    migrate(empty_project.dsn)
    assert snapshot(empty_project.dsn) == SNAPSHOT.read_text(encoding="utf-8"), (
        "run `balas migrate --snapshot`"
    )
