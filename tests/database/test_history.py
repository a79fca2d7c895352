"""The whole history of a number, both directions, is one indexed query."""

from __future__ import annotations

from typing import Any

from tests.database.conftest import Desk, Person

HISTORY = (
    "select * from public.messages where from_number = 'whatsapp:+62811000042'"
    " or to_number = 'whatsapp:+62811000042' order by timestamp"
)


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", ()) for node in nodes(child))]


def test_a_numbers_history_uses_indexes_and_has_both_directions(desk: Desk) -> None:
    desk.run(
        "insert into public.messages (conversation_id, direction, content, timestamp, status,"
        " from_number, to_number) select %s, case when inward then 'inbound' else 'outbound' end,"
        " 'text ' || n, now() + n * interval '1 second', 'received',"
        " case when inward then customer else 'whatsapp:+628110000001' end,"
        " case when inward then 'whatsapp:+628110000001' else customer end"
        " from (select n, n / 500 %% 2 = 0 as inward,"
        "  'whatsapp:+628110' || lpad((n %% 500)::text, 5, '0') as customer"
        "  from generate_series(1, 20000) n) t",
        desk.conversation(desk.jakarta),
    )
    desk.run("analyze public.messages")
    (plan,) = desk.one(f"explain (format json) {HISTORY}")
    kinds = {node["Node Type"] for node in nodes(plan["Plan"])}
    assert "Seq Scan" not in kinds
    indexes = {node.get("Index Name") for node in nodes(plan["Plan"])}
    assert {"messages_from_number", "messages_to_number"} <= indexes
    rows = desk.admin.execute(HISTORY.replace("*", "direction, timestamp")).fetchall()
    assert len(rows) == 40
    assert [row[0] for row in rows[:2]] == ["inbound", "outbound"]
    assert sorted(rows, key=lambda row: row[1]) == rows


def test_the_view_shows_the_first_table_form_under_row_security(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta, "Siti", "whatsapp:+6281234567890")
    desk.inbound(thread, "Halo")
    desk.inbound(desk.conversation(desk.bandung), "elsewhere")
    agent.call(
        "send_message",
        id="00000000-0000-4000-8000-0000000000aa",
        conversation_id=thread,
        content="Baik",
    )
    with agent.session() as connection:
        rows = connection.execute(
            "select from_number, to_number, body, direction from public.chat_history"
            " where from_number = %(n)s or to_number = %(n)s order by timestamp",
            {"n": "whatsapp:+6281234567890"},
        ).fetchall()
    assert rows == [
        ("whatsapp:+6281234567890", None, "Halo", "inbound"),
        ("whatsapp:+628110000001", "whatsapp:+6281234567890", "Baik", "outbound"),
    ]
