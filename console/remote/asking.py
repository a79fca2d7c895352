"""One call of a database function: with a timeout, a fresh token, and errors in our words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from supabase import AsyncClient

from console.domain.errors import ChangedSinceError, OfflineError, SignedOutError
from console.remote.auth import Auth
from console.remote.errors import translated

TIMEOUT = 20.0  # seconds


class Asking:
    """What every group of calls is made with."""

    def __init__(self, client: AsyncClient, auth: Auth) -> None:
        self._client = client
        self._auth = auth

    async def ask(self, name: str, arguments: Mapping[str, Any], limit: float = TIMEOUT) -> Any:
        """The answer of one database function; a token no longer taken is renewed once.

        Waits at most `limit` seconds. Raises RefusedError (our rules), SignedOutError, or
        EnvironmentFaultError.
        """
        token = await self._auth.token()
        try:
            return await self._once(token, name, arguments, limit)
        except SignedOutError:
            token = await self._auth.token(stale=token)
            return await self._once(token, name, arguments, limit)

    async def save(
        self,
        act: str,
        arguments: Mapping[str, Any],
        seen: Mapping[str, Any] | None,
        read: Callable[[Mapping[str, Any]], object],
    ) -> Mapping[str, Any]:
        """The answer of a function that changes something, by its name.

        With `seen`, fields and their values, only where these are still so. Raises besides
        ChangedSinceError, with what `read` finds in the answer.
        """
        if seen is None:
            return as_object(await self.ask(act, arguments))
        asked = {"act": act, "arguments": dict(arguments), "seen": dict(seen)}
        answer = as_object(await self.ask("save_unless_changed", asked))
        if "conflict" in answer:
            raise ChangedSinceError(read(answer))
        return answer

    async def _once(self, token: str, name: str, arguments: Mapping[str, Any], limit: float) -> Any:
        try:
            with translated():
                async with asyncio.timeout(limit):
                    # Never keep what this hangs on: it holds the token of its making.
                    postgrest = self._client.postgrest
                    postgrest.auth(token)
                    answer = await postgrest.rpc(name, dict(arguments)).execute()
        except ValueError as error:
            raise OfflineError(
                "No connection to the server",
                "Something else answers in its place, perhaps a sign-in page of this network.",
            ) from error
        return answer.data


def as_object(wire: Any) -> Mapping[str, Any]:
    """The answer as an object. Raises OfflineError where something else answered."""
    if not isinstance(wire, Mapping):
        raise OfflineError(
            "No connection to the server", "The answer is not what this program understands."
        )
    return wire
