"""A gateway in a process of its own on a small project, and clients of supabase-py for it."""

from __future__ import annotations

import socket
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from supabase import AsyncClient, AsyncClientOptions, acreate_client

from console.local.cluster import free_port
from console.local.gateway.config import GatewayConfig, ProjectKeys
from console.local.gateway.misbehaviour import Misbehaviour
from console.local.leash import Leash
from console.local.postgres import Postgres
from tests.conftest import Database, create_database
from tests.waiting import wait_until

ROLES = (
    "authenticator",
    "supabase_auth_admin",
    "supabase_storage_admin",
    "supabase_realtime_admin",
)
PASSWORD = "rahasia-sekali"

# A small project: notes that only their owner sees, a bucket of one's own folder, a private topic.
PROJECT = """
create table public.notes (
  id uuid primary key default gen_random_uuid(),
  owner uuid not null default auth.uid(),
  body text not null unique,
  stars int not null default 0,
  at timestamptz not null default '2026-03-01 10:00:00+00'
);
alter table public.notes enable row level security;
grant select, insert, update, delete on public.notes to authenticated, service_role;
grant select on public.notes to anon;
create policy own on public.notes to authenticated
  using (owner = (select auth.uid())) with check (owner = (select auth.uid()));

create function public.add(a int, b int default 2) returns int language sql immutable
  as 'select a + b';
create function public.echo(document jsonb, at timestamptz) returns jsonb language sql stable
  as $$ select jsonb_build_object('document', document, 'at', at) $$;
create function public.my_notes(at_least int default 0) returns setof public.notes
  language sql stable as 'select * from public.notes where stars >= at_least';
create function public.refuse() returns void language plpgsql as $$
begin
  raise exception using errcode = 'P0001', message = 'window_closed', detail = 'The window closed.',
    hint = 'Choose a template.';
end $$;
create function public.gone() returns void language plpgsql as $$
begin
  raise exception using errcode = 'PT410', message = 'gone';
end $$;
create table public.muted (id uuid primary key);
alter table public.muted enable row level security;
grant select on public.muted to authenticated;
create policy own on public.muted to authenticated using (id = (select auth.uid()));

insert into storage.buckets (id, name, file_size_limit, allowed_mime_types)
  values ('files', 'files', 1000000, '{image/*,application/pdf,text/plain}');
create policy mine on storage.objects to authenticated
  using (bucket_id = 'files' and (storage.foldername(name))[1] = (select auth.uid())::text)
  with check (bucket_id = 'files' and (storage.foldername(name))[1] = (select auth.uid())::text);

create policy hear on realtime.messages for select to authenticated
  using ((select realtime.topic()) = 'inbox:' || (select auth.uid())::text
         and not exists (select from public.muted where id = (select auth.uid())));
create policy shout on realtime.messages for insert to authenticated
  with check ((select realtime.topic()) = 'inbox:' || (select auth.uid())::text);
"""


@dataclass(frozen=True)
class Gateway:
    """A running gateway."""

    config: GatewayConfig
    database: Database
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return self.config.url

    def headers(self, key: str | None = None) -> dict[str, str]:
        key = key or self.config.keys.secret_key
        return {"apikey": key, "authorization": f"Bearer {key}"}

    def ask(
        self, method: str, path: str, *, token: str | None = None, **more: Any
    ) -> httpx.Response:
        """A bare request with the public key, as whoever the token says."""
        key = self.config.keys.publishable_key
        headers = {"apikey": key, "authorization": f"Bearer {token or key}"}
        headers |= more.pop("headers", {})
        return httpx.request(method, f"{self.url}{path}", headers=headers, **more)

    def control(self, path: str, **switches: object) -> Any:
        answer = httpx.post(f"{self.url}/local/{path}", headers=self.headers(), json=switches)
        assert answer.status_code == 200, answer.text
        return answer.json()


def start_gateway(config: GatewayConfig, file: Path, leash: Leash) -> subprocess.Popen[bytes]:
    """The process, ready to answer. One that does not get so far is ended again."""
    config.save(file)
    process = subprocess.Popen(
        [sys.executable, "-m", "console.local.gateway", "--config", str(file)],
        cwd=Path(__file__).resolve().parents[2],
        stderr=subprocess.DEVNULL,
    )
    leash.hold(process.pid)

    def ready() -> bool:
        assert process.poll() is None, "the gateway ended"
        try:
            # Dozens of looks at each of dozens of starts: thirty times as cheap as asking.
            socket.create_connection((config.host, config.port), 1).close()
        except OSError:
            return False
        try:
            return httpx.get(f"{config.url}/local/health").status_code == 200
        except httpx.TransportError:
            return False

    try:
        wait_until(ready)
    except BaseException:
        process.kill()
        process.wait()
        leash.release(process.pid)
        raise
    return process


# Between two tests everything goes that a test may have made.
CLEAN = """
set local storage.allow_delete_query = 'true';
truncate public.notes, public.muted;
delete from storage.objects;
delete from storage.buckets where id <> 'files';
delete from auth.users;
"""


@pytest.fixture(scope="package")  # to the end of a run, it would idle at the others' cost
def shared_gateway(
    postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory, leash: Leash
) -> Iterator[Gateway]:
    """One process for all tests, on a project with notes, a bucket and a private topic."""
    database = create_database(postgres_server, f"gateway_{uuid.uuid4().hex[:8]}", "postgres")
    execute(database, PROJECT)
    folder = tmp_path_factory.mktemp("gateway")
    config = GatewayConfig(
        keys=ProjectKeys.generate(),
        database={role: database.dsn_of(role) for role in ROLES},
        files=folder / "files",
        port=free_port(),
    )
    process = start_gateway(config, folder / "gateway.json", leash)
    yield Gateway(config, database, process)
    process.terminate()
    process.wait()
    leash.release(process.pid)


@pytest.fixture
def gateway(shared_gateway: Gateway) -> Iterator[Gateway]:
    """Well-behaved, and without anybody or anything of an earlier test."""
    yield shared_gateway
    shared_gateway.control("misbehave", **asdict(Misbehaviour()))
    execute(shared_gateway.database, CLEAN)
    for path in (shared_gateway.config.files / "objects").rglob("*"):
        if path.is_file():
            path.unlink()


Client = Callable[..., Awaitable[AsyncClient]]


@pytest.fixture
async def client(gateway: Gateway) -> AsyncIterator[Client]:
    """Makes clients as the desktop does; `client(key)` for another key than the public one."""
    made: list[tuple[AsyncClient, httpx.AsyncClient]] = []

    async def make(key: str | None = None) -> AsyncClient:
        http = httpx.AsyncClient(http2=True, timeout=20, follow_redirects=True)
        one = await acreate_client(
            gateway.url,
            key or gateway.config.keys.publishable_key,
            AsyncClientOptions(httpx_client=http, auto_refresh_token=False),
        )
        made.append((one, http))
        return one

    yield make
    for one, http in made:
        await one.realtime.close()
        await http.aclose()


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in."""

    id: uuid.UUID
    email: str


@pytest.fixture
def person(gateway: Gateway) -> Callable[[str], Person]:
    """Makes users who can sign in with PASSWORD."""

    def make(name: str) -> Person:
        email = f"{name}@example.com"
        answer = httpx.post(
            f"{gateway.url}/auth/v1/admin/users",
            headers=gateway.headers(),
            json={"email": email, "password": PASSWORD, "email_confirm": True},
        )
        assert answer.status_code == 200, answer.text
        return Person(uuid.UUID(answer.json()["id"]), email)

    return make


@pytest.fixture
async def budi(client: Client, person: Callable[[str], Person]) -> AsyncClient:
    """A client with Budi signed in."""
    return await sign_in(await client(), person("budi"))


@pytest.fixture
async def citra(client: Client, person: Callable[[str], Person]) -> AsyncClient:
    """A client with Citra signed in."""
    return await sign_in(await client(), person("citra"))


async def sign_in(one: AsyncClient, who: Person) -> AsyncClient:
    """Sign in, and let Realtime know the token before the first join."""
    answer = await one.auth.sign_in_with_password({"email": who.email, "password": PASSWORD})
    assert answer.session is not None
    await one.realtime.set_auth(answer.session.access_token)
    return one


async def token_of(one: AsyncClient) -> str:
    """The access token of a client that is signed in."""
    session = await one.auth.get_session()
    assert session is not None
    return session.access_token


def rows(answer: Any) -> list[dict[str, Any]]:
    """The rows of a Rest answer."""
    assert isinstance(answer.data, list)
    return answer.data


def execute(database: Database, statement: str) -> None:
    """Statements as postgres, in one transaction."""
    with psycopg.connect(database.dsn) as connection:
        connection.execute(statement)
