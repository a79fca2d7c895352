"""One project's client: the shared connections, and everything that hangs on them."""

from __future__ import annotations

import asyncio
import os
import ssl
from typing import Self
from urllib.parse import urlsplit

import certifi
import httpx
from supabase import AsyncClient, AsyncClientOptions

from console.domain.errors import ExpectedError, SignedOutError
from console.remote import trial
from console.remote.administration import Administration
from console.remote.auth import Auth
from console.remote.calls import Calls
from console.remote.contacts import Contacts
from console.remote.keeper import Keeper, SessionStorage
from console.remote.lines import Lines
from console.remote.members import Members
from console.remote.presence import Presence
from console.remote.realtime import Doorbell
from console.remote.reports import Reports
from console.remote.search import Search
from console.remote.shift import Shift
from console.remote.storage import Files

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def project_url(text: str) -> str:
    """The project's URL, tidied. Raises ExpectedError for what is none, or is not encrypted.

    Plain http would show every password and message to the network; on loopback there is none.
    """
    url = text.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.query:
        raise ExpectedError(
            "This is not the address of a project",
            "It looks like https://abcdefgh.supabase.co.",
            fix="Copy it from the project's settings.",
        )
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise ExpectedError(
            "The connection would not be encrypted",
            "An address that begins with http:// lets everyone on the way read along.",
            fix="Use the address that begins with https://.",
        )
    return url


def _tls() -> ssl.SSLContext:
    """Verified TLS: the well-known authorities, and those this computer trusts besides."""
    paths = ssl.get_default_verify_paths()
    if not any((paths.cafile, paths.capath)):  # each None where it does not exist
        # WORKAROUND: the library opens the WebSocket without letting us choose a context, and a
        # frozen build's OpenSSL looks where the building machine had its certificates.
        os.environ.setdefault("SSL_CERT_FILE", certifi.where())
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context


async def sign_in_over(response: httpx.Response) -> None:
    """Raises SignedOutError for a 401 of the data API, whoever gave it and in whatever words.

    A gateway in front of PostgREST says 401 without PostgREST's code, and the library passes on
    the code alone.
    """
    if response.status_code == httpx.codes.UNAUTHORIZED and "/rest/v1/" in response.url.path:
        raise SignedOutError


class Remote:
    """The project as one signed-in agent may use it."""

    def __init__(self, client: AsyncClient, http: httpx.AsyncClient, keeper: Keeper) -> None:
        self._http = http
        self._keeper = keeper
        self.url = str(client.supabase_url).rstrip("/")
        self._key = client.supabase_key
        self.auth = Auth(client, keeper)
        self.calls = Calls(client, self.auth)
        self.contacts = Contacts(client, self.auth)
        self.shift = Shift(client, self.auth)
        self.reports = Reports(client, self.auth)
        self.search = Search(client, self.auth)
        self.files = Files(client, http, self.auth)
        self.administration = Administration(client, self.auth, self.files)
        self.doorbell = Doorbell(str(client.realtime_url), client.supabase_key, self.auth)
        self.presence = Presence(
            lambda: self.auth.identity.profile_id if self.auth.identity is not None else None,
            Members(client, self.auth).of,
        )
        self.doorbell.guest = self.presence.on_line

    @classmethod
    async def connect(cls, url: str, key: str, storage: SessionStorage | None = None) -> Self:
        """See `console.remote.connect`. Touches no network."""
        address = project_url(url)
        if not key.strip():
            raise ExpectedError(
                "The publishable key is missing",
                "It begins with sb_publishable_.",
                fix="Copy it from the project's API settings.",
            )
        tls = await asyncio.to_thread(_tls)  # it reads every certificate authority there is
        http = Lines(tls, event_hooks={"response": [sign_in_over]})
        keeper = Keeper(storage)
        client = AsyncClient(
            address,
            key.strip(),
            AsyncClientOptions(
                httpx_client=http,
                storage=keeper,
                # Our own: the library's timer sleeps through a laptop's sleep, swallows a
                # refusal, and five callers make five refreshes.
                auto_refresh_token=False,
            ),
        )
        remote = cls(client, http, keeper)
        await remote.auth.restore()
        return remote

    async def check(self) -> None:
        """Whether there is a project at this address that takes this key and has Balas in it.

        Raises ExpectedError or EnvironmentFaultError with the one thing to do; see `trial`.
        """
        await trial.check(self.url, self._key, await asyncio.to_thread(_tls))

    async def keep_session_in(self, storage: SessionStorage) -> None:
        """From here on the session lies in `storage`."""
        await self._keeper.move_to(storage)

    async def close(self) -> None:
        """Let go of every connection. The session stays where it is kept."""
        await self.doorbell.close()
        await self._http.aclose()
