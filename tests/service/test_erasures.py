"""Receipts of erasures: kept in a private file, and gone through again after a restore."""

from __future__ import annotations

import json
import stat
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console.domain.errors import ExpectedError
from console.service import erasures
from tests.conftest import Database
from tests.service.conftest import config_of

SITI, SID = str(uuid.uuid4()), f"SM{'0' * 32}"
NUMBER = "whatsapp:+6281299900417"


def ask(database: Database, query: str, *values: object) -> Any:
    with database.connect() as connection:
        row = connection.execute(query.encode(), values).fetchone()
    return row[0] if row else None


def with_siti(database: Database) -> Database:
    """Siti, who wrote once."""
    with database.connect() as connection:
        connection.execute(
            "insert into public.inboxes (name, channel, address)"
            " values ('Jakarta', 'whatsapp', 'whatsapp:+628110000001')"
        )
        connection.execute("insert into public.contacts (id, name) values (%s, 'Siti')", [SITI])
        connection.execute(
            "insert into public.contact_addresses (contact_id, address, channel)"
            " values (%s, %s, 'whatsapp')",
            [SITI, NUMBER],
        )
        arrives(database, SID)
    return database


def arrives(database: Database, sid: str) -> Any:
    request = {
        "sid": sid, "from": NUMBER, "to": "whatsapp:+628110000001", "channel": "whatsapp",
        "addresses": [NUMBER], "phone": "+6281299900417", "profile_name": "Siti",
        "message_type": "text", "content": "Halo", "media": [], "metadata": {"kind": "text"},
    }  # fmt: skip
    return ask(database, "select private.ingest(%s, %s)", json.dumps(request), sid.encode())


def test_who_was_erased_is_erased_again_in_a_database_that_was_restored(
    new_database: Callable[[str], Database], migrated_template: Database, tmp_path: Path
) -> None:
    now, restored, later = (
        with_siti(new_database(migrated_template.name)),
        with_siti(new_database(migrated_template.name)),
        new_database(migrated_template.name),
    )
    receipt = str(uuid.uuid4())
    ask(
        now,
        "insert into public.erasures (id, contact_id) values (%s, %s) returning id",
        receipt,
        SITI,
    )
    ask(now, "select private.erase_rows(%s)", receipt)
    target = tmp_path / "receipts"
    for _ in range(2):  # an older file is replaced
        erasures.export_file(target, config=config_of(now.dsn))
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["receipts"]
    words = target.read_text()
    assert receipt in words
    assert "Siti" not in words
    assert "81299900417" not in words

    for _ in range(2):  # safe to repeat
        erasures.replay_file(target, config=config_of(restored.dsn))
    jobs = "select count(*) from jobs.procrastinate_jobs where task_name = 'erase_contact'"
    assert ask(restored, jobs) == 1
    assert ask(restored, "select blocked from public.contacts")
    ask(restored, "select private.erase_rows(%s)", receipt)
    for table in ("contacts", "contact_addresses", "conversations", "messages"):
        assert ask(restored, f"select count(*) from public.{table}") == 0, table
    assert arrives(restored, SID) == {"duplicate": True}
    assert "message_id" in arrives(restored, f"SM{'1' * 32}")
    assert ask(
        restored, "select count(*) from public.audit_log where action = 'contact_erasure_replayed'"
    )

    # One who first wrote after the backup was made does not come back from Twilio's list.
    erasures.replay_file(target, config=config_of(later.dsn))
    assert ask(later, "select private.erase_rows(%s)", receipt) is not None
    assert ask(later, "select counts ->> 'messages' from public.erasures") == "0"
    assert ask(later, "select count(*) from private.erased_sids where sid = %s", SID) == 1

    # Where it happened nothing is to be done.
    erasures.replay_file(target, config=config_of(now.dsn))
    assert ask(now, jobs) == 0


@pytest.mark.parametrize(
    "words", ["x", "[]", '{"names": []}', '{"sids": 1}', '{"erasures": [{"id": "x"}]}', "\udcff"]
)
def test_what_is_no_file_of_receipts_is_refused(
    database: Database, tmp_path: Path, words: str
) -> None:
    target = tmp_path / "receipts"
    target.write_bytes(words.encode(errors="surrogateescape"))
    with pytest.raises(ExpectedError, match="no file of receipts"):
        erasures.replay_file(target, config=config_of(database.dsn))
    with pytest.raises(ExpectedError, match="cannot be read"):
        erasures.replay_file(tmp_path / "gone", config=config_of(database.dsn))
    with pytest.raises(ExpectedError, match="cannot be written"):
        erasures.export_file(tmp_path / "no" / "folder", config=config_of(database.dsn))
