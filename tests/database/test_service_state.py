"""Whether sending runs is told to staff, through the feed and the table."""

from __future__ import annotations

from tests.database.conftest import Desk, Person


def test_whether_replies_leave_is_told_to_staff_and_to_nobody_else(
    desk: Desk, agent: Person, outsider: Person
) -> None:
    (state,) = agent.pull()["service_state"]
    assert (state["part"], state["state"]) == ("sending", "running")
    assert outsider.pull()["service_state"] == []
    desk.run("select private.stop_sending(20003, 'Our Twilio key was refused.')")
    (state,) = agent.pull()["service_state"]
    assert (state["state"], state["error_code"]) == ("stopped", 20003)
    seen = "select state from public.service_state"
    with agent.session() as connection:
        assert connection.execute(seen).fetchall() == [("stopped",)]
    with outsider.session() as connection:
        assert connection.execute(seen).fetchall() == []
