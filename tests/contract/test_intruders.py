"""Those who want more than is theirs, over HTTP and the WebSocket: attacks 17, 18 and 19."""

from __future__ import annotations

import logging
import uuid
from typing import Any

import pytest
from supabase_auth.errors import AuthApiError

from tests.contract.conftest import Seat, SignIn
from tests.contract.targets import Target
from tests.contract.test_realtime import listen
from tests.database.conftest import Desk
from tests.remote.project import Project


@pytest.fixture
def gateway(target: Target) -> Project:
    """Ours: nobody is switched off in a real project."""
    if target.project is None:
        pytest.skip("nobody is attacked in a project that is not ours")
    return target.project


def role_of(desk: Desk, person: str) -> str:
    return str(desk.one("select role from public.profiles where id = %s", person))


async def shown(seat: Seat) -> str:
    """All that the desktop would be told, as text."""
    answer: Any = await seat.client.rpc("pull_changes", {"cursor": "", "page_size": 1000}).execute()
    assert isinstance(answer.data["conversations"], list)
    return str(answer.data)


async def test_an_agent_is_told_nothing_of_an_inbox_that_is_not_theirs(
    gateway: Project, sari: Seat, desk: Desk, target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="realtime")
    secret = "rahasia-bandung"
    thread = desk.conversation(desk.bandung, secret)
    message = desk.inbound(thread, secret)
    assert secret not in await shown(sari)
    for table in ("messages", "contacts", "conversations", "chat_history", "notes"):
        answer = target.ask("GET", f"/rest/v1/{table}?select=*", sari.token)
        assert (answer.status_code, secret in answer.text) == (200, False), table
    for name, about in (
        ("messages_before", {"conversation_id": thread, "before": "2030-01-01T00:00:00Z"}),
        ("mark_read", {"conversation_id": thread, "message_id": message}),
        ("assign", {"conversation_id": thread, "assignee_id": sari.agent.id}),
        ("save_draft", {"conversation_id": thread, "body": "x", "attachments": []}),
    ):
        answer = target.ask("POST", f"/rest/v1/rpc/{name}", sari.token, json=about)
        assert (answer.status_code, answer.json()["message"]) == (400, "not_found"), name
    for topic in (f"inbox:{desk.bandung}", f"desk:{desk.bandung}", f"profile:{uuid.uuid4()}"):
        ear = await listen(sari.client, topic)
        assert ear.states == ["CHANNEL_ERROR"], topic


async def test_nobody_makes_themselves_administrator(
    gateway: Project, sari: Seat, desk: Desk, target: Target
) -> None:
    await sari.client.auth.update_user({"data": {"role": "admin", "inboxes": [desk.bandung]}})
    changes = {"app_metadata": {"role": "service_role"}, "role": "service_role"}
    target.ask("PUT", "/auth/v1/user", sari.token, json=changes)
    session = (await sari.client.auth.refresh_session()).session
    assert session is not None
    for path, body in (
        (f"/rest/v1/profiles?id=eq.{sari.agent.id}", {"role": "admin"}),
        (f"/rest/v1/inbox_members?profile_id=eq.{sari.agent.id}", {"inbox_id": desk.bandung}),
    ):
        answer = target.ask("PATCH", path, session.access_token, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "42501"), path
    wanted = {"profile_id": sari.agent.id, "changes": {"role": "admin"}}
    answer = target.ask("POST", "/rest/v1/rpc/save_profile", session.access_token, json=wanted)
    assert answer.json()["message"] == "not_allowed"
    assert role_of(desk, sari.agent.id) == "agent"
    refused = target.ask("GET", "/auth/v1/admin/users", session.access_token)
    assert refused.status_code == 403
    assert target.ask("GET", "/rest/v1/settings", session.access_token).json() == []


async def test_who_was_switched_off_gets_nothing_with_what_they_still_hold(
    gateway: Project,
    sari: Seat,
    desk: Desk,
    target: Target,
    sign_in: SignIn,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, logger="realtime")
    thread = desk.conversation(desk.jakarta, "Siti")
    desk.inbound(thread, "rahasia-jakarta")
    assert "rahasia-jakarta" in await shown(sari)
    # As `balas user disable` does.
    desk.run("update public.profiles set active = false where id = %s", sari.agent.id)
    banned = target.ask(
        "PUT",
        f"/auth/v1/admin/users/{sari.agent.id}",
        headers={"apikey": target.secret, "authorization": f"Bearer {target.secret}"},
        json={"ban_duration": "876000h"},
    )
    assert banned.status_code == 200
    assert "rahasia-jakarta" not in await shown(sari)
    assert target.ask("GET", "/rest/v1/messages", sari.token).json() == []
    reply = {"id": str(uuid.uuid4()), "conversation_id": thread, "content": "x", "media": []}
    sent = target.ask("POST", "/rest/v1/rpc/send_message", sari.token, json=reply)
    assert sent.status_code == 400
    ear = await listen(sari.client, f"inbox:{desk.jakarta}")
    assert ear.states == ["CHANNEL_ERROR"]
    with pytest.raises(AuthApiError) as refreshed:
        await sari.client.auth.refresh_session()
    assert refreshed.value.code == "user_banned"
    with pytest.raises(AuthApiError):
        await sign_in(sari.agent)
