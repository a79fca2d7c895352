"""Clients of supabase-py, unmodified, for the project that is asked."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest
from supabase import AsyncClient, AsyncClientOptions

from console.local.leash import Leash
from tests.conftest import Database, create_database
from tests.contract.targets import NAMES, Target, of_environment, of_gateway, running_lite
from tests.database.conftest import Desk
from tests.remote.project import Agent, project, shared_project

__all__ = ["project", "shared_project"]  # fixtures of another file


@pytest.fixture(scope="package")  # to the end of a run, it would idle at the others' cost
def shared_lite(
    migrated_template: Database, tmp_path_factory: pytest.TempPathFactory, leash: Leash
) -> Iterator[Target]:
    """One process of the npm package for all tests."""
    database = create_database(
        migrated_template.server, f"lite_{uuid.uuid4().hex[:8]}", migrated_template.name
    )
    with running_lite(database, tmp_path_factory.mktemp("lite"), leash) as made:
        yield made


@pytest.fixture(params=[name for name in NAMES if name != "cli"] or ["cli"])
def target(request: pytest.FixtureRequest) -> Target:
    """The project that is asked."""
    match request.param:
        case "gateway":
            return of_gateway(request.getfixturevalue("project"))
        case "lite":
            made: Target = request.getfixturevalue("shared_lite")
            return made
        case "project":
            return of_environment()
        case "cli":
            pytest.skip("asked for the Supabase CLI alone")
    raise ValueError(f"BALAS_CONTRACT names {request.param}")


@pytest.fixture
def desk(target: Target) -> Desk:
    """The database, to write what customers do; a real project is only read."""
    if target.desk is None:
        pytest.skip("nothing is written into a real project")
    return target.desk


@dataclass(frozen=True)
class Seat:
    """Somebody with a client that acts for them, as the desktop's does."""

    client: AsyncClient
    agent: Agent
    token: str
    refresh_token: str = ""


Open = Callable[[], Awaitable[AsyncClient]]
SignIn = Callable[[Agent], Awaitable[Seat]]


@pytest.fixture
async def client(target: Target) -> AsyncIterator[Open]:
    """Makes clients with the publishable key, on one shared HTTP client each."""
    made: list[tuple[AsyncClient, httpx.AsyncClient]] = []

    async def make() -> AsyncClient:
        http = httpx.AsyncClient(http2=True, timeout=20, follow_redirects=True)
        options = AsyncClientOptions(httpx_client=http, auto_refresh_token=False)
        one = AsyncClient(target.url, target.key, options)
        made.append((one, http))
        return one

    yield make
    for one, http in made:
        await one.realtime.close()
        await http.aclose()


@pytest.fixture
async def sign_in(target: Target, client: Open) -> SignIn:
    """Signs somebody in; where Auth cannot be asked, a token is minted for them."""

    async def seat(who: Agent) -> Seat:
        one = await client()
        if "auth" not in target.parts:
            token = target.token_for(who)
            one.postgrest.auth(token)
            return Seat(one, who, token)
        answer = await one.auth.sign_in_with_password(
            {"email": who.email, "password": who.password}
        )
        assert answer.session is not None
        token = answer.session.access_token
        await one.realtime.set_auth(token)
        known = Agent(answer.session.user.id, who.email, who.password)
        return Seat(one, known, token, answer.session.refresh_token)

    return seat


@pytest.fixture
async def sari(target: Target, sign_in: SignIn) -> Seat:
    """An agent, of Jakarta where we may say so, signed in."""
    inboxes = [target.desk.jakarta] if target.desk else []
    name = "sari" if target.name != "lite" else "sari-of-lite"
    return await sign_in(target.agent(name, *inboxes))
