"""Sign-in and the session: one refresh at a time, never lost, failures in plain words."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass

from pydantic import ValidationError
from supabase import AsyncClient
from supabase_auth.constants import STORAGE_KEY
from supabase_auth.types import AuthResponse, Session

from console.domain.errors import BalasError, EnvironmentFaultError, SignedOutError
from console.domain.ids import ProfileId
from console.remote.errors import translated
from console.remote.keeper import Keeper

log = logging.getLogger(__name__)

TIMEOUT = 20.0  # seconds for one call
# A token is renewed this long before its end, so that none expires on its way.
MARGIN = 60.0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is signed in."""

    profile_id: ProfileId
    email: str


class Auth:
    """The agent's session. Its tokens never leave this package."""

    def __init__(self, client: AsyncClient, keeper: Keeper) -> None:
        self._client = client
        self._keeper = keeper
        self._session: Session | None = None
        self._valid_until = 0.0  # by this machine's clock, whatever the server's says
        self._refreshing: asyncio.Task[Session] | None = None
        self._verified: tuple[str, str] | None = None  # an e-mail and the code it was given

    async def restore(self) -> Identity | None:
        """The identity of the session that was kept, without asking the network."""
        raw = await self._keeper.get_item(STORAGE_KEY)
        if raw is None:
            return None
        try:
            session = Session.model_validate_json(raw)
        except ValidationError:
            log.warning("the kept session cannot be read; signing in again is needed")
            await self._keeper.remove_item(STORAGE_KEY)
            return None
        self._session = session
        self._valid_until = float(session.expires_at or 0)
        return self.identity

    @property
    def identity(self) -> Identity | None:
        """Who is signed in, or None."""
        if self._session is None:
            return None
        user = self._session.user
        return Identity(ProfileId(user.id), user.email or "")

    async def sign_in(self, email: str, password: str) -> Identity:
        """Raises RefusedError (wrong password, blocked), EnvironmentFaultError (offline, TLS)."""
        with translated():
            async with asyncio.timeout(TIMEOUT):
                answer = await self._client.auth.sign_in_with_password(
                    {"email": email.strip(), "password": password}
                )
        return self._begin(answer)

    async def request_code(self, email: str) -> None:
        """Have a one-time code sent by e-mail. Says nothing about whether the address exists."""
        with translated():
            async with asyncio.timeout(TIMEOUT):
                await self._client.auth.reset_password_for_email(email.strip())

    async def verify_code(self, email: str, code: str, new_password: str) -> Identity:
        """Sign in with a one-time code and set the password.

        A code works once. When only the password is refused, calling again with the same code
        and another password goes on from there.
        """
        if self._verified != (email, code) or self.identity is None:
            with translated():
                async with asyncio.timeout(TIMEOUT):
                    answer = await self._client.auth.verify_otp(
                        {"email": email.strip(), "token": code.strip(), "type": "recovery"}
                    )
            self._begin(answer)
            self._verified = (email, code)
        with translated():
            async with asyncio.timeout(TIMEOUT):
                await self._client.auth.update_user({"password": new_password})
        self._verified = None
        identity = self.identity
        if identity is None:
            raise SignedOutError
        return identity

    def _begin(self, answer: AuthResponse) -> Identity:
        if answer.session is None:
            raise SignedOutError
        self._take(answer.session)
        user = answer.session.user
        return Identity(ProfileId(user.id), user.email or "")

    def _take(self, session: Session) -> None:
        self._session = session
        self._valid_until = time.time() + session.expires_in

    async def token(self, *, stale: str | None = None) -> str:
        """A token that is good for a minute at least; `stale` is one that the server refused.

        Any number of callers cause one refresh. A caller who is cancelled does not cancel it:
        the old refresh token is used up by then, and losing the new one would end the session.
        Raises SignedOutError when the session is over, OfflineError when it cannot be renewed now.
        """
        session = self._session
        if session is None:
            raise SignedOutError
        expired = time.time() > self._valid_until - MARGIN
        if not expired and session.access_token != stale:
            return session.access_token
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh(session), name="refresh token")
            # Somebody asks for the result, unless all of them were cancelled meanwhile.
            self._refreshing.add_done_callback(_seen)
        return (await asyncio.shield(self._refreshing)).access_token

    async def _refresh(self, session: Session) -> Session:
        with translated():
            async with asyncio.timeout(TIMEOUT):
                answer = await self._client.auth.refresh_session(session.refresh_token)
        if answer.session is None:
            raise SignedOutError
        self._take(answer.session)
        return answer.session

    async def sign_out(self) -> None:
        """End the session here, and on the server if it can be reached."""
        try:
            with translated():
                async with asyncio.timeout(TIMEOUT):
                    await self._client.auth.sign_out({"scope": "local"})
        except EnvironmentFaultError:
            log.info("signed out without the server, which cannot be reached")
        except BalasError:
            log.info("signed out; the server had already ended the session")
        self._session = None
        await self._keeper.remove_item(STORAGE_KEY)


def _seen(task: asyncio.Task[Session]) -> None:
    if not task.cancelled():
        task.exception()
