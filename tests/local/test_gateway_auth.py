"""Auth through supabase-py: signing in and out, refresh, codes by mail, the Admin API, the keys."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import jwt
import pytest
from supabase import AsyncClient
from supabase_auth.errors import AuthApiError, AuthWeakPasswordError

from tests.local.conftest import PASSWORD, Client, Gateway, Person, execute, token_of


async def test_a_user_signs_in_and_the_token_says_who(budi: AsyncClient, gateway: Gateway) -> None:
    session = await budi.auth.get_session()
    assert session is not None
    keys = gateway.ask("GET", "/auth/v1/.well-known/jwks.json").json()["keys"]
    claims = jwt.decode(
        session.access_token, jwt.PyJWK(keys[0]), ["ES256"], audience="authenticated"
    )
    assert claims["email"] == "budi@example.com"
    assert (claims["role"], claims["aal"]) == ("authenticated", "aal1")
    assert claims["sub"] == session.user.id
    assert claims["amr"][0]["method"] == "password"
    answer = await budi.auth.get_user()
    assert answer is not None
    assert answer.user.email == "budi@example.com"


@pytest.mark.parametrize("email", ["budi@example.com", "nobody@example.com"])
async def test_a_wrong_password_and_an_unknown_user_look_the_same(
    client: Client, person: Callable[[str], Person], email: str
) -> None:
    person("budi")
    with pytest.raises(AuthApiError, match="Invalid login credentials") as caught:
        await (await client()).auth.sign_in_with_password({"email": email, "password": "salah"})
    assert (caught.value.code, caught.value.status) == ("invalid_credentials", 400)


async def test_a_refresh_gives_new_tokens_and_the_old_one_ends_the_session_later(
    budi: AsyncClient, gateway: Gateway
) -> None:
    first = await budi.auth.get_session()
    assert first is not None
    second = (await budi.auth.refresh_session()).session
    assert second is not None
    assert second.refresh_token != first.refresh_token
    third = (await budi.auth.refresh_session()).session
    assert third is not None
    execute(
        gateway.database, "update auth.refresh_tokens set updated_at = now() - interval '1 min'"
    )
    with pytest.raises(AuthApiError) as reused:
        await budi.auth.refresh_session(first.refresh_token)
    assert (reused.value.code, reused.value.status) == ("refresh_token_already_used", 400)
    with pytest.raises(AuthApiError) as ended:
        await budi.auth.refresh_session(third.refresh_token)
    assert str(ended.value.code) == "refresh_token_not_found"


async def test_two_refreshes_at_once_get_the_same_successor(
    budi: AsyncClient, gateway: Gateway
) -> None:
    session = await budi.auth.get_session()
    assert session is not None
    answers = [
        gateway.ask(
            "POST",
            "/auth/v1/token?grant_type=refresh_token",
            json={"refresh_token": session.refresh_token},
        ).json()["refresh_token"]
        for _ in range(2)
    ]
    assert answers[0] == answers[1]


async def test_after_signing_out_the_token_opens_no_account(
    budi: AsyncClient, gateway: Gateway
) -> None:
    token = await token_of(budi)
    await budi.auth.sign_out()
    answer = gateway.ask("GET", "/auth/v1/user", token=token)
    assert (answer.status_code, answer.json()["code"]) == (403, "session_not_found")


async def test_an_expired_token_is_a_bad_jwt(
    client: Client, person: Callable[[str], Person], gateway: Gateway
) -> None:
    gateway.control("misbehave", token_lifetime=-5)
    who = person("budi")
    one = await client()
    answer = await one.auth.sign_in_with_password({"email": who.email, "password": PASSWORD})
    assert answer.session is not None
    with pytest.raises(AuthApiError) as caught:
        await one.auth.get_user(answer.session.access_token)
    assert (caught.value.code, caught.value.status) == ("bad_jwt", 403)


async def test_a_code_from_the_mail_sets_a_new_password_once(
    client: Client, person: Callable[[str], Person], gateway: Gateway
) -> None:
    who = person("budi")
    one = await client()
    await one.auth.reset_password_for_email(who.email)
    await one.auth.reset_password_for_email("nobody@example.com")
    mails = gateway.ask("GET", "/local/mail", headers=gateway.headers()).json()
    assert [(mail["to"], mail["kind"]) for mail in mails] == [(who.email, "recovery")]
    code = mails[0]["code"]
    await one.auth.verify_otp({"email": who.email, "token": code, "type": "recovery"})
    with pytest.raises(AuthWeakPasswordError):
        await one.auth.update_user({"password": "kurz"})
    await one.auth.update_user({"password": "kata-sandi-baru"})
    with pytest.raises(AuthApiError) as caught:
        await one.auth.verify_otp({"email": who.email, "token": code, "type": "recovery"})
    assert (caught.value.code, caught.value.status) == ("otp_expired", 403)
    fresh = await client()
    await fresh.auth.sign_in_with_password({"email": who.email, "password": "kata-sandi-baru"})


async def test_the_service_makes_lists_and_deletes_users(client: Client, gateway: Gateway) -> None:
    service = await client(gateway.config.keys.secret_key)
    admin = service.auth.admin
    made = (await admin.create_user({"email": "Dewi@Example.com", "email_confirm": True})).user
    with pytest.raises(AuthApiError) as taken:
        await admin.create_user({"email": "dewi@example.com"})
    assert (taken.value.code, taken.value.status) == ("email_exists", 422)
    link = await admin.generate_link({"type": "recovery", "email": "dewi@example.com"})
    assert len(link.properties.email_otp) == 6
    one = await client()
    answer = await one.auth.verify_otp(
        {"email": "dewi@example.com", "token": link.properties.email_otp, "type": "recovery"}
    )
    assert answer.user is not None
    assert answer.user.id == made.id
    await admin.update_user_by_id(made.id, {"ban_duration": "100h", "password": "pasti-ditolak"})
    with pytest.raises(AuthApiError) as banned:
        await one.auth.sign_in_with_password(
            {"email": "dewi@example.com", "password": "pasti-ditolak"}
        )
    assert banned.value.code == "user_banned"
    assert [user.id for user in await admin.list_users()] == [made.id]
    await admin.delete_user(made.id)
    assert await admin.list_users() == []


async def test_the_admin_api_is_closed_to_users(budi: AsyncClient, gateway: Gateway) -> None:
    answer = gateway.ask("GET", "/auth/v1/admin/users", token=await token_of(budi))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_admin")


def test_both_generations_of_keys_open_the_door_and_others_do_not(gateway: Gateway) -> None:
    keys = gateway.config.keys
    statuses = {}
    for key in (keys.publishable_key, keys.secret_key, keys.anon_key, keys.service_role_key):
        answer = httpx.get(f"{gateway.url}/rest/v1/notes", headers=gateway.headers(key))
        statuses[key] = answer.status_code
    assert set(statuses.values()) == {200}
    assert httpx.get(f"{gateway.url}/rest/v1/notes").status_code == 401
    wrong = httpx.get(f"{gateway.url}/rest/v1/notes", headers={"apikey": "sb_publishable_x"})
    assert wrong.json()["message"] == "Invalid API key"


def test_a_secret_key_is_refused_in_a_browser(gateway: Gateway) -> None:
    browser = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64)"}
    answer = httpx.get(f"{gateway.url}/rest/v1/notes", headers=gateway.headers() | browser)
    assert answer.status_code == 401
    assert "browser" in answer.json()["message"]


def test_mails_and_faults_are_for_holders_of_the_secret_key(gateway: Gateway) -> None:
    assert gateway.ask("GET", "/local/mail").status_code == 403
    assert gateway.ask("POST", "/local/misbehave", json={"status": 500}).status_code == 403
    assert gateway.ask("POST", "/local/realtime/hangup").status_code == 403


def test_a_token_signed_by_somebody_else_is_refused(gateway: Gateway) -> None:
    claims = {"role": "service_role", "sub": "x", "exp": time.time() + 60}
    for token in (
        jwt.encode(claims, "a-secret-of-at-least-thirty-two-bytes", "HS256"),
        jwt.encode(claims, "", "none"),
    ):
        answer = gateway.ask("GET", "/rest/v1/notes", token=token)
        assert (answer.status_code, answer.json()["code"]) == (401, "PGRST301")
