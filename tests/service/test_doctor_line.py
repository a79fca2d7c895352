"""The doctor's own connection, where the server takes it and then refuses what it says first."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from console.service.doctor.database import connect
from tests.conftest import Database


def test_a_connection_that_refuses_its_settings_is_closed_again(
    empty_project: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[psycopg.Connection[Any]] = []
    real = psycopg.connect

    def in_a_failed_transaction(url: str, **how: Any) -> psycopg.Connection[Any]:
        made.append(real(url, **how))
        made[0].execute("begin")
        with pytest.raises(psycopg.errors.DivisionByZero):
            made[0].execute("select 1 / 0")
        return made[0]

    monkeypatch.setattr(psycopg, "connect", in_a_failed_transaction)
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        connect(empty_project.dsn)
    assert made[0].closed
