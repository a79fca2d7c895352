"""Keys of both generations and tokens of both signatures, in every part; and nothing forged."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from supabase import AsyncClient, AsyncClientOptions

from console.local.gateway.config import ProjectKeys
from tests.contract.conftest import Seat, SignIn
from tests.contract.targets import Target
from tests.contract.test_realtime import join, listen, said, wire
from tests.remote.project import Agent, Project

__all__ = ["wire"]  # a fixture, used by name


@pytest.fixture
def gateway(target: Target, caplog: pytest.LogCaptureFixture) -> Project:
    """Ours, all of whose keys are known."""
    if target.project is None:
        pytest.skip("a real project shows one kind of key, and tests/contract/test_auth.py asks it")
    caplog.set_level("WARNING", logger="realtime")
    return target.project


@pytest.fixture(params=["published keys", "shared secret"])
async def seat(request: pytest.FixtureRequest, gateway: Project, sign_in: SignIn) -> Seat:
    """An agent of Jakarta whose token is signed either way."""
    gateway.misbehave(symmetric=request.param == "shared secret")
    return await sign_in(gateway.agent("made", gateway.desk.jakarta))


def listed(target: Target, token: str, key: str = "") -> httpx.Response:
    """Ask Storage for a list."""
    headers = {"apikey": key} if key else {}
    asked = {"prefix": "", "limit": 1}
    return target.ask("POST", "/storage/v1/object/list/media", token, json=asked, headers=headers)


async def test_a_token_of_either_signature_opens_every_part(
    seat: Seat, target: Target, gateway: Project
) -> None:
    published = target.ask("GET", "/auth/v1/.well-known/jwks.json").json()["keys"]
    algorithm = jwt.get_unverified_header(seat.token)["alg"]
    assert (algorithm, len(published)) in {("ES256", 1), ("HS256", 0)}
    profile: Any = await seat.client.rpc("my_profile", {}).execute()
    assert profile.data["id"] == seat.agent.id
    user = await seat.client.auth.get_user()
    assert user is not None
    assert user.user.id == seat.agent.id
    assert listed(target, seat.token).status_code == 200
    for topic in (f"profile:{seat.agent.id}", f"inbox:{gateway.desk.jakarta}"):
        assert (await listen(seat.client, topic)).states == ["SUBSCRIBED"]
    renewed = (await seat.client.auth.refresh_session()).session
    assert renewed is not None
    assert jwt.get_unverified_header(renewed.access_token)["alg"] == algorithm
    assert renewed.refresh_token != seat.refresh_token
    again: Any = await seat.client.rpc("my_profile", {}).execute()
    assert again.data["id"] == seat.agent.id


async def test_a_token_of_before_is_good_until_it_ends_when_the_signature_changes(
    gateway: Project, sign_in: SignIn, target: Target
) -> None:
    who = gateway.agent("nita", gateway.desk.jakarta)
    tokens = []
    for symmetric in (True, False, True):
        gateway.misbehave(symmetric=symmetric)
        tokens.append((await sign_in(who)).token)
    for token in tokens:
        assert target.ask("POST", "/rest/v1/rpc/my_profile", token).status_code == 200
        assert target.ask("GET", "/auth/v1/user", token).status_code == 200


def generations(keys: ProjectKeys) -> dict[str, tuple[str, str]]:
    return {
        "new": (keys.publishable_key, keys.secret_key),
        "legacy": (keys.anon_key, keys.service_role_key),
    }


@pytest.fixture(params=["new", "legacy"])
def keys(request: pytest.FixtureRequest, gateway: Project) -> tuple[str, str]:
    """The public and the secret key of one generation."""
    return generations(gateway.gateway.config.keys)[request.param]


@pytest.fixture
async def client_with(target: Target) -> AsyncIterator[list[AsyncClient]]:
    """Clients that a test made; closed at its end."""
    made: list[AsyncClient] = []
    yield made
    for one in made:
        await one.realtime.close()
        await one.postgrest.aclose()


async def test_with_the_public_key_of_either_generation_an_agent_signs_in_and_works(
    keys: tuple[str, str], gateway: Project, target: Target, client_with: list[AsyncClient]
) -> None:
    who = gateway.agent("wayan", gateway.desk.jakarta)
    async with httpx.AsyncClient(timeout=20) as http:
        options = AsyncClientOptions(httpx_client=http, auto_refresh_token=False)
        one = AsyncClient(target.url, keys[0], options)
        client_with.append(one)
        answer = await one.auth.sign_in_with_password(
            {"email": who.email, "password": who.password}
        )
        assert answer.session is not None
        await one.realtime.set_auth(answer.session.access_token)
        profile: Any = await one.rpc("my_profile", {}).execute()
        assert profile.data["id"] == who.id
        assert (await listen(one, f"profile:{who.id}")).states == ["SUBSCRIBED"]
        assert listed(target, answer.session.access_token, keys[0]).status_code == 200


def test_the_public_key_of_either_generation_alone_opens_nothing(
    keys: tuple[str, str], target: Target
) -> None:
    public = {"apikey": keys[0]}
    assert target.ask("GET", "/rest/v1/messages", keys[0], headers=public).status_code == 401
    assert target.ask("GET", "/auth/v1/admin/users", keys[0], headers=public).status_code >= 401
    answer = listed(target, keys[0], keys[0])
    assert answer.status_code >= 400 or answer.json() == []


def test_the_secret_key_of_either_generation_is_the_service(
    keys: tuple[str, str], target: Target, gateway: Project
) -> None:
    secret = {"apikey": keys[1]}
    thread = gateway.desk.conversation(gateway.desk.jakarta)
    gateway.desk.inbound(thread, "Halo")
    rows = target.ask("GET", "/rest/v1/messages?select=content", keys[1], headers=secret)
    assert rows.json() == [{"content": "Halo"}]
    assert target.ask("GET", "/auth/v1/admin/users", keys[1], headers=secret).status_code == 200
    put = target.ask(
        "POST",
        f"/storage/v1/object/media/{thread}/{uuid.uuid4()}/0/a.png",
        keys[1],
        content=b"\x89PNG",
        headers=secret | {"content-type": "image/png"},
    )
    assert put.status_code == 200


def test_a_new_secret_key_is_refused_in_a_browser(target: Target, gateway: Project) -> None:
    key = gateway.gateway.config.keys.secret_key
    browser = {"apikey": key, "user-agent": "Mozilla/5.0 (X11; Linux x86_64)"}
    assert target.ask("GET", "/rest/v1/messages", key, headers=browser).status_code == 401


def forged(keys: ProjectKeys, who: Agent, url: str) -> dict[str, str]:
    """Tokens that claim to be this agent's and were signed by somebody else."""
    claims = {
        "role": "authenticated", "aud": "authenticated", "sub": who.id,
        "iss": f"{url}/auth/v1", "exp": int(time.time()) + 600,
        "session_id": str(uuid.uuid4()),
    }  # fmt: skip
    stranger = ec.generate_private_key(ec.SECP256R1())
    ours = serialization.load_pem_private_key(keys.signing_key.encode(), password=None)
    pem = ours.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    named = {"kid": keys.signing_key_id}
    whole = jwt.encode(claims, keys.jwt_secret, "HS256")
    head, _, sealed = whole.split(".")
    raised = jwt.encode(claims | {"role": "service_role"}, keys.jwt_secret, "HS256").split(".")[1]
    return {
        "another secret": jwt.encode(claims, "x" * 40, "HS256"),
        "another key under our name": jwt.encode(claims, stranger, "ES256", headers=named),
        # The published key used as if it were the shared secret.
        "our public key as the secret": _hs256(claims, pem),
        "no signature": jwt.encode(claims, "", "none"),
        "other claims under a good signature": f"{head}.{raised}.{sealed}",
        "no end": jwt.encode({**claims, "exp": None}, keys.jwt_secret, "HS256"),
        "over": jwt.encode({**claims, "exp": 1}, keys.jwt_secret, "HS256"),
    }


def _hs256(claims: dict[str, Any], secret: bytes) -> str:
    """The library refuses to do what an attacker does; so by hand."""
    algorithm = jwt.get_algorithm_by_name("HS256")
    parts = [
        jwt.utils.base64url_encode(json.dumps(part).encode())
        for part in ({"alg": "HS256", "typ": "JWT"}, claims)
    ]
    body = b".".join(parts)
    sealed = jwt.utils.base64url_encode(algorithm.sign(body, secret))
    return (body + b"." + sealed).decode()


@pytest.mark.parametrize("kind", sorted(forged(ProjectKeys.generate(), Agent("x", "x"), "x")))
async def test_a_forged_token_opens_no_part(
    sari: Seat, target: Target, gateway: Project, wire: Any, kind: str
) -> None:
    token = forged(gateway.gateway.config.keys, sari.agent, target.url)[kind]
    assert target.ask("POST", "/rest/v1/rpc/my_profile", token).status_code == 401
    assert target.ask("GET", "/auth/v1/user", token).status_code in (401, 403)
    assert listed(target, token).status_code >= 400
    await wire.send(join(f"profile:{sari.agent.id}", "1", token))
    assert (await said(wire))["payload"]["status"] == "error"
