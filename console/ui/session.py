"""What the window asks of the session: signing in and out, without knowing the network."""

from __future__ import annotations

from typing import Literal, Protocol

SignOutChoice = Literal["send", "keep", "discard"]


class SessionActions(Protocol):
    """Implemented by the program over the remote side; every failure is a BalasError."""

    @property
    def project_url(self) -> str:
        """The Supabase project's URL, or an empty text before the first set-up."""

    @property
    def project_fixed(self) -> bool:
        """True when the administrator chose the project: it is not asked for."""

    async def connect_project(self, url: str, key: str) -> None:
        """Check and remember the project's URL and publishable key."""

    async def sign_in(self, email: str, password: str) -> None: ...

    async def request_code(self, email: str) -> None:
        """Ask for a one-time code by e-mail."""

    async def verify_code(self, email: str, code: str, new_password: str) -> None:
        """Sign in with a one-time code and set the password."""

    async def unlock(self, password: str) -> bool:
        """Whether this is the password of who is signed in; also without a network, once known."""

    async def sign_out(self, choice: SignOutChoice) -> None:
        """Sign out; `choice` says what becomes of replies that have not left yet."""
