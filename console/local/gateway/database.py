"""The gateway's connections: one pool for each server role, and transactions as the caller."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from console.local.gateway.tokens import Caller

Connection = psycopg.AsyncConnection[DictRow]

# As hosted: callers 8 s, and enough for a desk of some tens of agents.
_POOL_SIZES = {
    "authenticator": 12,
    "supabase_auth_admin": 4,
    "supabase_storage_admin": 4,
    "supabase_realtime_admin": 4,
}
_WAIT = 4.0  # seconds for a free connection; then the answer is 503

# PostgREST applies the settings of the role it takes on, because SET ROLE alone does not.
# Source: https://docs.postgrest.org/en/stable/references/transactions.html
_TAKE_ON = """
select set_config('search_path', 'public, extensions', true),
       set_config('statement_timeout', coalesce(
         (select split_part(setting, '=', 2) from pg_roles, unnest(rolconfig) as setting
          where rolname = %(role)s and setting like 'statement_timeout=%%'),
         current_setting('statement_timeout')), true),
       set_config('request.jwt.claims', %(claims)s, true),
       set_config('request.method', %(method)s, true),
       set_config('request.path', %(path)s, true),
       set_config('role', %(role)s, true)
"""


class DatabaseAwayError(Exception):
    """No connection to Postgres can be had now: the answer is 503."""


class Database:
    """Pools that outlive a killed Postgres: a dead connection is found before it is used."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = urls
        self._pools: dict[str, AsyncConnectionPool[Connection]] = {
            role: AsyncConnectionPool(
                urls[role],
                min_size=1,
                max_size=size,
                open=False,
                timeout=_WAIT,
                reconnect_timeout=2.0,
                check=AsyncConnectionPool.check_connection,
                kwargs={
                    "row_factory": dict_row,
                    "application_name": f"gateway {role}",
                    "connect_timeout": 3,
                },
                name=role,
            )
            for role, size in _POOL_SIZES.items()
        }

    async def open(self) -> None:
        """Begin to connect; returns at once, also while Postgres is away."""
        for pool in self._pools.values():
            await pool.open(wait=False)

    async def close(self) -> None:
        """Give all connections back."""
        for pool in self._pools.values():
            await pool.close()

    def url(self, role: str) -> str:
        """The connection URL of a login role, for a connection outside the pools."""
        return self._urls[role]

    @asynccontextmanager
    async def transaction(self, role: str) -> AsyncIterator[Connection]:
        """One transaction as a server role, e.g. `supabase_auth_admin`; an exception rolls back."""
        try:
            async with self._pools[role].connection() as connection, connection.transaction():
                yield connection
        except (PoolTimeout, psycopg.OperationalError) as error:
            if is_away(error):
                raise DatabaseAwayError(str(error)) from error
            raise

    @asynccontextmanager
    async def acting_as(
        self, caller: Caller, *, method: str = "GET", path: str = "/", read_only: bool = False
    ) -> AsyncIterator[Connection]:
        """One transaction under the caller's role and claims, so that row security decides."""
        async with self.transaction("authenticator") as connection:
            await take_on(connection, caller, method=method, path=path)
            if read_only:
                await connection.execute("set transaction read only")
            yield connection


async def take_on(
    connection: Connection, caller: Caller, *, method: str = "GET", path: str = "/"
) -> None:
    """Become the caller until the end of the running transaction."""
    about: dict[str, Any] = {
        "role": caller.role,
        "claims": json.dumps(caller.claims),
        "method": method,
        "path": path,
    }
    await connection.execute(_TAKE_ON, about)


def is_away(error: Exception) -> bool:
    """Whether this failure means that Postgres is gone, shutting down or full."""
    if isinstance(error, PoolTimeout):
        return True
    state = getattr(error, "sqlstate", None)
    return state is None or state.startswith("08") or state in {"57P01", "57P02", "57P03", "53300"}
