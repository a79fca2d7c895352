"""An older database with work in it, brought up to date: nothing lost, old rows served as new."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from pathlib import Path
from typing import Any

from console.local.snapshot import SNAPSHOT, snapshot
from console.service.migrate import migrate, migrations
from tests.conftest import Database
from tests.database.conftest import Desk

# Files up to this one have run in databases that exist and never change again; the later ones
# find rows there.
LAST = "20260101000951"
AS_THEY_RAN = (
    "01eca88501f37e684585e4dfb1afba777e6c9643457e4d2b811dc1cbb4d74484"  # SHA-256 of their texts
)
KEPT = ("profiles", "inboxes", "inbox_members", "contacts", "contact_addresses", "conversations",
        "messages", "notes", "drafts", "reads")  # fmt: skip


def rows(desk: Desk) -> dict[str, list[dict[str, Any]]]:
    """Every row of the tables that people fill, by table."""
    query = "select coalesce(jsonb_agg(to_jsonb(t)), '[]') from {} t"
    return {table: desk.one(query.format(f"public.{table}")) for table in KEPT}


def test_what_has_run_somewhere_is_not_changed_any_more() -> None:
    texts = [s.path.read_text(encoding="utf-8") for s in migrations() if s.version <= LAST]
    assert hashlib.sha256("".join(texts).encode()).hexdigest() == AS_THEY_RAN, (
        "an edited migration runs nowhere where it ran before: write a new one"
    )


def test_a_database_of_an_older_release_keeps_its_rows_and_serves_them_as_new_ones(
    empty_project: Database, tmp_path: Path
) -> None:
    for step in migrations():
        if step.version <= LAST:
            shutil.copy(step.path, tmp_path)
    migrate(empty_project.dsn, folder=tmp_path)
    with Desk.of(empty_project) as desk:
        desk.jakarta = desk.inbox("Jakarta", "whatsapp:+628110000001")
        ani, ratna = desk.person("Ani", "agent", desk.jakarta), desk.person("Ratna", "supervisor")
        thread = desk.conversation(desk.jakarta, "Siti Rahmawati", "whatsapp:+6281234567801")
        desk.inbound(thread, "Pesanan lama", at="now() - interval '40 days'")
        desk.inbound(thread, "Pesanan baru")
        reply = {"conversation_id": thread, "content": "Segera"}
        ani.call("send_message", id=str(uuid.uuid4()), **reply)
        ani.call("save_draft", conversation_id=thread, body="Setengah", attachments=[])
        with desk.lines:
            ani.pull()
            before = rows(desk)
        volume = desk.one("select sum(n)::int from private.report_volume")

        applied = migrate(empty_project.dsn).applied
        assert [name[:14] for name in applied] == [
            step.version for step in migrations() if step.version > LAST
        ]
        assert snapshot(empty_project.dsn) == SNAPSHOT.read_text(encoding="utf-8")

        after = rows(desk)
        assert {table: len(found) for table, found in after.items()} == {
            table: len(found) for table, found in before.items()
        }
        for table, found in before.items():  # columns may have come, none has changed
            for old in found:
                assert old in [{name: now[name] for name in old} for now in after[table]]
        assert desk.one("select sum(n)::int from private.report_volume") == volume
        with desk.lines:
            for query in ("pesanan", "lama"):
                told = ratna.call("search_messages", query=query)["messages"]
                assert any("lama" in one["content"] for one in told)
            for query in ("siti rah", "7801"):
                told = ani.call("search_contacts", query=query)["contacts"]
                assert [one["name"] for one in told] == ["Siti Rahmawati"]
            # A desktop that was here before goes on from where it was.
            ani.call("send_message", id=(sent := str(uuid.uuid4())), **reply)
            assert sent in {message["id"] for message in ani.pull()["messages"]}
            desk.run("update public.messages set status = 'sent' where id = %s", sent)
            events = "select array_agg(status) from private.delivery_events where message_id = %s"
            assert desk.one(events, sent) == ["sent"]
