"""Signing in, staying signed in, and what a person reads when it does not work."""

from __future__ import annotations

import asyncio
import json
import re
import socket

import httpx
import psycopg
import pytest

from console.domain.errors import ExpectedError, OfflineError, RefusedError, SignedOutError
from console.remote import connect
from console.remote.client import Remote, project_url, sign_in_over
from tests.remote.project import Agent, Project


class Drawer:
    """A place for the session that outlives a client."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get_item(self, key: str) -> str | None:
        return self.kept.get(key)

    async def set_item(self, key: str, value: str) -> None:
        self.kept[key] = value

    async def remove_item(self, key: str) -> None:
        self.kept.pop(key, None)


async def test_a_right_password_signs_in_and_the_database_knows_who_asks(
    remote: Remote, sari: Agent, project: Project
) -> None:
    identity = await remote.auth.sign_in(f" {sari.email} ", sari.password)
    assert identity.profile_id == sari.id
    page, offset = await remote.calls.pull_changes("", 50)
    assert [inbox.name for inbox in page.inboxes] == ["Jakarta"]
    assert [profile.id for profile in page.profiles] == [sari.id]
    assert offset is not None
    assert abs(offset.total_seconds()) < 5


async def test_a_wrong_password_is_said_plainly(remote: Remote, sari: Agent) -> None:
    with pytest.raises(RefusedError, match="password is wrong") as caught:
        await remote.auth.sign_in(sari.email, "salah")
    assert caught.value.code == "invalid_credentials"
    assert remote.auth.identity is None


async def test_no_network_is_said_plainly() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        remote = await connect(f"http://127.0.0.1:{closed.getsockname()[1]}", "sb_publishable_x")
        with pytest.raises(OfflineError, match="No connection"):
            await remote.auth.sign_in("sari@example.com", "x")
        await remote.close()


@pytest.mark.parametrize(
    "address",
    ["http://abcd.supabase.co", "http://10.0.0.7:8000", "http://localhost.evil.example"],
)
def test_an_unencrypted_address_is_refused(address: str) -> None:
    with pytest.raises(ExpectedError, match="not be encrypted"):
        project_url(address)


@pytest.mark.parametrize("address", ["", "supabase", "ftp://x", "https://", "https://a:b@x.co"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ExpectedError, match="not the address"):
        project_url(address)


@pytest.mark.parametrize("address", ["http://127.0.0.1:54321", "http://[::1]:1", "https://x.co/"])
def test_loopback_and_https_are_taken(address: str) -> None:
    assert project_url(address) == address.rstrip("/")


async def test_a_code_from_the_mail_sets_the_password_also_after_one_too_weak(
    remote: Remote, sari: Agent, project: Project
) -> None:
    await remote.auth.request_code(sari.email)
    await remote.auth.request_code("nobody@example.com")
    mails = project.gateway.ask("GET", "/local/mail", headers=project.gateway.headers()).json()
    code = next(mail["code"] for mail in mails if mail["to"] == sari.email)
    with pytest.raises(RefusedError, match="code is wrong"):
        await remote.auth.verify_code(sari.email, "000000", "kata-sandi-baru")
    with pytest.raises(RefusedError, match="too weak"):
        await remote.auth.verify_code(sari.email, code, "kurz")
    identity = await remote.auth.verify_code(sari.email, code, "kata-sandi-baru")
    assert identity.profile_id == sari.id
    again = await connect(project.url, project.key)
    await again.auth.sign_in(sari.email, "kata-sandi-baru")
    await again.close()


async def test_the_session_outlives_the_program_without_asking_the_network(
    remote: Remote, sari: Agent, project: Project
) -> None:
    drawer = Drawer()
    await remote.auth.sign_in(sari.email, sari.password)
    await remote.keep_session_in(drawer)
    project.unplug()
    later = await connect(project.url, project.key, drawer)
    assert later.auth.identity is not None
    assert later.auth.identity.profile_id == sari.id
    project.plug_in()
    page, _ = await later.calls.pull_changes("", 50)
    assert page.inboxes
    await later.close()


async def test_a_session_that_cannot_be_read_means_signing_in_again(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    drawer = Drawer()
    drawer.kept["supabase.auth.token"] = json.dumps({"half": "a session"})
    with caplog.at_level("WARNING"):
        later = await connect(project.url, project.key, drawer)
    assert "signing in again" in caplog.text
    assert later.auth.identity is None
    assert drawer.kept == {}
    await later.close()


async def test_many_callers_with_an_expired_token_cause_one_refresh(
    remote: Remote, sari: Agent, project: Project
) -> None:
    drawer = Drawer()
    await remote.keep_session_in(drawer)
    project.misbehave(token_lifetime=30)  # shorter than our margin: stale at once
    await remote.auth.sign_in(sari.email, sari.password)
    project.misbehave(token_lifetime=0)
    sessions = "select count(*) from auth.refresh_tokens"
    [(before,)] = project.rows(sessions)
    tokens = await asyncio.gather(*(remote.auth.token() for _ in range(8)))
    assert len(set(tokens)) == 1
    [(after,)] = project.rows(sessions)
    assert after - before == 1
    assert re.escape(tokens[0]) in re.escape(drawer.kept["supabase.auth.token"])


async def test_a_cancelled_caller_does_not_lose_the_new_session(
    remote: Remote, sari: Agent, project: Project
) -> None:
    project.misbehave(token_lifetime=30)
    await remote.auth.sign_in(sari.email, sari.password)
    project.misbehave(token_lifetime=0, slow=0.3)
    impatient = asyncio.create_task(remote.auth.token())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    project.misbehave(slow=0.0)
    page, _ = await remote.calls.pull_changes("", 50)
    assert page.inboxes


async def test_a_token_the_server_refuses_is_renewed_and_the_call_repeated(
    remote: Remote, sari: Agent, project: Project
) -> None:
    project.misbehave(token_lifetime=-5)  # as after a long sleep with a wrong clock
    await remote.auth.sign_in(sari.email, sari.password)
    project.misbehave(token_lifetime=0)
    page, _ = await remote.calls.pull_changes("", 50)
    assert page.inboxes


async def test_a_session_ended_elsewhere_says_sign_in_again(
    signed_in: Remote, project: Project
) -> None:
    with psycopg.connect(project.desk.database.admin_dsn, autocommit=True) as admin:
        admin.execute("delete from auth.refresh_tokens")
        admin.execute("delete from auth.sessions")
    token = await signed_in.auth.token()
    with pytest.raises(SignedOutError):
        await signed_in.auth.token(stale=token)


@pytest.mark.parametrize("body", [b"", b'{"message": "Unauthorized"}', b"<html>401</html>"])
async def test_a_401_without_a_code_means_that_the_sign_in_is_over(body: bytes) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(401, content=body))
    hooks = {"response": [sign_in_over]}
    async with httpx.AsyncClient(transport=transport, event_hooks=hooks) as client:
        with pytest.raises(SignedOutError):
            await client.post("https://project.example/rest/v1/rpc/pull_changes")
        # Auth says by its own codes what is wrong
        assert (await client.post("https://project.example/auth/v1/token")).status_code == 401


async def test_signing_out_forgets_the_session_also_offline(
    signed_in: Remote, project: Project
) -> None:
    drawer = Drawer()
    await signed_in.keep_session_in(drawer)
    assert drawer.kept
    project.unplug()
    await signed_in.auth.sign_out()
    assert drawer.kept == {}
    with pytest.raises(SignedOutError):
        await signed_in.calls.pull_changes("", 50)


async def test_a_stranger_sees_nothing(project: Project) -> None:
    outsider = project.agent("luar")
    conversation = project.desk.conversation(project.desk.jakarta)
    project.desk.inbound(conversation)
    remote = await connect(project.url, project.key)
    await remote.auth.sign_in(outsider.email, outsider.password)
    page, _ = await remote.calls.pull_changes("", 50)
    assert not page.messages
    assert not page.conversations
    await remote.close()
