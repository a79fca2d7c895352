"""When a row changed last grows with each change: desktops tell newer from older by it."""

from __future__ import annotations

from tests.database.conftest import Desk


def test_what_is_changed_last_is_the_newest_whoever_began_first(desk: Desk) -> None:
    message = desk.inbound(desk.conversation(desk.jakarta))
    change = "update public.messages set status = %s where id = %s"
    latest = "select updated_at from public.messages where id = %s"
    with desk.database.connect(autocommit=False) as slow:
        slow.execute("select 1")  # it begins here
        desk.admin.execute(change, ["delivered", message])
        first = desk.one(latest, message)
        slow.execute(change, ["read", message])
        slow.commit()
    assert first < desk.one(latest, message)
    # And when the server's clock is set back.
    desk.admin.execute("set session_replication_role = replica")  # no triggers
    desk.admin.execute(
        "update public.messages set updated_at = now() + interval '1 hour' where id = %s", [message]
    )
    desk.admin.execute("set session_replication_role = origin")
    ahead = desk.one(latest, message)
    desk.admin.execute(change, ["read", message])
    assert ahead < desk.one(latest, message)
