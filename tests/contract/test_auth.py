"""Auth: signing in, the rotating refresh token, codes by mail, signing out, both kinds of keys."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import httpx
import jwt
import pytest
from supabase_auth.errors import AuthApiError

from tests.contract.conftest import Open, Seat, SignIn
from tests.contract.targets import Target, fetch
from tests.remote.project import Project

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@pytest.fixture(autouse=True)
def _auth(target: Target) -> None:
    target.needs("auth")


@pytest.fixture
def gateway(target: Target) -> Project:
    """Our gateway, which can be told to misbehave and whose mails can be read."""
    if target.project is None:
        pytest.skip("the mails and faults of a real project are out of reach")
    return target.project


def token(target: Target, grant: str, **body: str) -> httpx.Response:
    return target.ask("POST", f"/auth/v1/token?grant_type={grant}", json=body)


async def test_a_session_has_all_that_the_client_reads(sari: Seat, target: Target) -> None:
    wanted = {"email": sari.agent.email, "password": sari.agent.password}
    session = token(target, "password", **wanted).json()
    assert session.keys() >= {"access_token", "refresh_token", "expires_in", "expires_at", "user"}
    assert session["token_type"] == "bearer"
    user = session["user"]
    assert user.keys() >= {
        "id", "aud", "role", "email", "app_metadata", "user_metadata", "created_at", "updated_at",
        "identities", "is_anonymous",
    }  # fmt: skip
    for name, value in user.items():
        if name.endswith("_at") and value:
            assert RFC_3339.fullmatch(value), name
            assert datetime.fromisoformat(value).tzinfo


async def test_the_token_says_who_and_is_verified_by_the_published_keys(
    sari: Seat, target: Target
) -> None:
    keys = target.ask("GET", "/auth/v1/.well-known/jwks.json").json()["keys"]
    header = jwt.get_unverified_header(sari.token)
    by_id = {key["kid"]: jwt.PyJWK(key) for key in keys}
    claims = jwt.decode(
        sari.token,
        by_id[header["kid"]] if header.get("kid") in by_id else "",
        [header["alg"]],
        audience="authenticated",
        # A project from before signing keys has none to show.
        options={"verify_signature": header.get("kid") in by_id},
    )
    assert (claims["role"], claims["sub"]) == ("authenticated", sari.agent.id)
    assert claims["iss"].endswith("/auth/v1")
    assert claims.keys() >= {
        "exp", "iat", "email", "app_metadata", "user_metadata", "session_id", "aal", "amr",
    }  # fmt: skip


async def test_a_wrong_password_and_an_unknown_person_look_the_same(
    sari: Seat, target: Target
) -> None:
    answers = [
        token(target, "password", email=email, password="salah-sekali")
        for email in (sari.agent.email, "nobody@example.com")
    ]
    for answer in answers:
        assert answer.status_code == 400
        assert answer.headers["x-supabase-api-version"] == "2024-01-01"
        assert answer.json()["code"] == "invalid_credentials"
    assert answers[0].json() == answers[1].json()


async def test_a_refresh_rotates_the_token_and_keeps_the_session(
    sari: Seat, target: Target
) -> None:
    answer = await sari.client.auth.refresh_session()
    assert answer.session is not None
    assert answer.session.refresh_token != sari.refresh_token
    before, after = (
        jwt.decode(one, options={"verify_signature": False})
        for one in (sari.token, answer.session.access_token)
    )
    assert after["session_id"] == before["session_id"]


async def test_an_expired_token_is_no_hindrance_to_a_refresh(
    sari: Seat, target: Target, gateway: Project, sign_in: SignIn
) -> None:
    gateway.misbehave(token_lifetime=-60)
    late = await sign_in(sari.agent)
    gateway.misbehave(token_lifetime=0)
    refused = target.ask("GET", "/auth/v1/user", late.token)
    assert (refused.status_code, refused.json()["code"]) == (403, "bad_jwt")
    answer = target.ask(
        "POST",
        "/auth/v1/token?grant_type=refresh_token",
        late.token,
        json={"refresh_token": late.refresh_token},
    )
    assert answer.status_code == 200


async def test_an_unknown_refresh_token_is_refused(target: Target) -> None:
    answer = token(target, "refresh_token", refresh_token="nosuchtoken00")
    assert (answer.status_code, answer.json()["code"]) == (400, "refresh_token_not_found")


async def test_signing_out_here_ends_this_session_and_no_other(
    sari: Seat, target: Target, sign_in: SignIn
) -> None:
    elsewhere = await sign_in(sari.agent)
    await sari.client.auth.sign_out({"scope": "local"})
    answer = target.ask("GET", "/auth/v1/user", sari.token)
    assert (answer.status_code, answer.json()["code"]) == (403, "session_not_found")
    refused = token(target, "refresh_token", refresh_token=sari.refresh_token)
    assert (refused.status_code, refused.json()["code"]) == (400, "refresh_token_not_found")
    assert target.ask("GET", "/auth/v1/user", elsewhere.token).status_code == 200
    # Only Auth knows of sessions: to the data the token is good until its end.
    assert target.ask("GET", "/rest/v1/labels", sari.token).status_code == 200


async def test_a_code_from_the_mail_signs_in_once(
    sari: Seat, target: Target, gateway: Project, client: Open
) -> None:
    one = await client()
    await one.auth.reset_password_for_email(sari.agent.email)
    mails = fetch(f"{target.url}/local/mail", gateway.gateway.headers()).json()
    code = next(mail["code"] for mail in reversed(mails) if mail["to"] == sari.agent.email)
    wanted: Any = {"email": sari.agent.email, "token": code, "type": "recovery"}
    assert (await one.auth.verify_otp(wanted)).session is not None
    with pytest.raises(AuthApiError) as again:
        await one.auth.verify_otp(wanted)
    assert (again.value.code, again.value.status) == ("otp_expired", 403)


@pytest.mark.parametrize("path", ["/auth/v1/admin/users", "/auth/v1/admin/users/x"])
async def test_people_are_made_with_the_secret_key_alone(
    sari: Seat, target: Target, path: str
) -> None:
    answer = target.ask("GET", path, sari.token)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_admin")


async def test_nobody_signs_up_by_themselves(target: Target, gateway: Project) -> None:
    body = {"email": "tamu@example.com", "password": "rahasia-sekali"}
    answer = target.ask("POST", "/auth/v1/signup", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "signup_disabled")
    assert gateway.rows("select 1 from auth.users") == []


@pytest.mark.parametrize("generation", ["new", "legacy"])
def test_keys_of_both_generations_speak_for_the_same_roles(
    target: Target, gateway: Project, generation: str
) -> None:
    keys = gateway.gateway.config.keys
    public, secret = (
        (keys.publishable_key, keys.secret_key)
        if generation == "new"
        else (keys.anon_key, keys.service_role_key)
    )
    statuses = [
        fetch(
            f"{target.url}/rest/v1/messages", {"apikey": key, "authorization": f"Bearer {key}"}
        ).status_code
        for key in (public, secret)
    ]
    assert statuses == [401, 200]
