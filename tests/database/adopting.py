"""Projects that worked before Balas, their rows, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console.service.migrate import Report
from tests.conftest import Database

OLD_PROJECT = Path(__file__).with_name("adopted.sql").read_text()
Ledger = dict[str, dict[str, Any]]
TABLES = ("profiles", "conversations", "messages")


def fill(project: Database, extra: str = "") -> Database:
    with project.connect() as connection:
        connection.execute((OLD_PROJECT + extra).encode())
    return project


@dataclass(frozen=True)
class Adopted:
    """An old project after its migration, and its rows before."""

    project: Database
    before: Ledger
    report: Report


def ledger(project: Database) -> Ledger:
    """Every row of the old tables as JSON, by table and id."""
    with project.connect() as connection:
        return {
            f"{table} {ident}": row
            for table in TABLES
            for ident, row in connection.execute(f"select id, to_jsonb(t) from public.{table} t")
        }


def check_nothing_is_lost(before: Ledger, project: Database) -> None:
    """Every old value is still there, or beside in adopted_…, where Balas has its own words."""
    after = ledger(project)
    assert set(before) <= set(after)
    for key, row in before.items():
        for column, value in row.items():
            kept = after[key].get(f"adopted_{column}", after[key].get(column))
            assert kept == value, f"{key}: {column}"
