"""Fetching a customer's file from Twilio without being led astray.

The URL comes from outside, so every hop is checked before a connection is made: HTTPS only, no
address that is not public, and the connection goes to exactly the address that was checked. Our
credentials go to Twilio's own hosts on the first hop and nowhere else: Twilio redirects to another
host for the bytes.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import Message as Headers
from typing import IO

import httpx

from console.domain.errors import EnvironmentFaultError, ExpectedError
from console.service.config import Config

LARGEST_FILE = 100 * 1024 * 1024  # bytes; WhatsApp's own limit for documents
MOST_HOPS = 5
_TIMEOUT = httpx.Timeout(connect=10, read=30, write=10, pool=30)
_WHOLE_FILE = 20 * 60.0  # seconds, for 100 MB on a slow line


class FetchError(EnvironmentFaultError):
    """Not now: unreachable, cut off, not there yet. Trying again may help. `code` is for a row."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__("The file could not be fetched.", text)
        self.code = code


class NeverFetchError(ExpectedError):
    """Not ever: an address we do not go to, or a file that is too large. `code` is for a row."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__("The file will not be fetched.", text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came: `size` in bytes, the type and the name as the other side says them."""

    size: int
    content_type: str | None
    name: str | None


class MediaFetcher:
    """Fetches from Twilio and from where Twilio redirects to."""

    def __init__(self, config: Config) -> None:
        self._spared = config.media_hosts
        self._login = httpx.BasicAuth(*config.twilio_login)
        self._client = httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False, trust_env=False)

    async def close(self) -> None:
        """Close idle connections."""
        await self._client.aclose()

    async def fetch(self, url: str, into: IO[bytes]) -> Fetched:
        """Write the whole file into `into`; never half a file without an error.

        Raises FetchError, NeverFetchError.
        """
        try:
            async with asyncio.timeout(_WHOLE_FILE):
                return await self._follow(url, into)
        except TimeoutError as error:
            raise FetchError("too_slow") from error
        except httpx.InvalidURL as error:
            raise NeverFetchError("unsafe_address") from error
        except httpx.HTTPError as error:
            raise FetchError("unreachable", type(error).__name__) from error

    async def _follow(self, url: str, into: IO[bytes]) -> Fetched:
        place = httpx.URL(url)
        if not self._is_twilio(place):
            raise NeverFetchError("unsafe_address", "Not a host of Twilio.")
        for hop in range(MOST_HOPS):
            async with self._open(place, with_login=hop == 0) as answer:
                if answer.is_redirect:
                    place = place.join(answer.headers["location"])
                    continue
                return await _read(answer, into)
        raise FetchError("redirect_loop")

    @asynccontextmanager
    async def _open(self, place: httpx.URL, *, with_login: bool) -> AsyncIterator[httpx.Response]:
        addresses = await self._checked_addresses(place)
        answer = await self._send(place, addresses, self._login if with_login else None)
        try:
            yield answer
        finally:
            await answer.aclose()

    async def _send(
        self, place: httpx.URL, addresses: Sequence[str], login: httpx.BasicAuth | None
    ) -> httpx.Response:
        """Ask the first address that takes a connection.

        The very addresses that were checked: a name could point elsewhere a moment later.
        """
        for number, address in enumerate(addresses, start=1):
            request = self._client.build_request(
                "GET",
                place.copy_with(host=address),
                headers={"host": place.netloc.decode("ascii"), "accept-encoding": "identity"},
                extensions={"sni_hostname": place.host},
            )
            try:
                return await self._client.send(request, stream=True, auth=login)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if number == len(addresses):
                    raise
        raise FetchError("unreachable", "The host has no address.")

    def _is_spared(self, place: httpx.URL) -> bool:
        return place.host in self._spared or f"{place.host}:{place.port}" in self._spared

    def _is_twilio(self, place: httpx.URL) -> bool:
        return (
            self._is_spared(place)
            or place.host == "twilio.com"
            or (place.host.endswith((".twilio.com", ".twiliocdn.com")))
        )

    async def _checked_addresses(self, place: httpx.URL) -> list[str]:
        """The addresses of the host, when all of them are public."""
        spared = self._is_spared(place)
        if place.scheme not in ("http", "https") or not place.host or place.userinfo:
            raise NeverFetchError("unsafe_address")
        if not spared and (place.scheme != "https" or place.port is not None):
            raise NeverFetchError("unsafe_address")
        port = place.port or (443 if place.scheme == "https" else 80)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                place.host, port, type=socket.SOCK_STREAM
            )
        except (OSError, UnicodeError) as error:
            raise FetchError("unreachable", "The host has no address.") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not spared and not all(_is_public(address) for address in addresses):
            raise NeverFetchError("unsafe_address")
        return addresses


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        # An IPv4 address in IPv6 clothes is judged as what it is.
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            address = inner
        elif address.teredo is not None or address in ipaddress.ip_network("64:ff9b::/96"):
            return False
    return address.is_global and not address.is_multicast


async def _read(answer: httpx.Response, into: IO[bytes]) -> Fetched:
    if answer.status_code in (401, 403):
        raise FetchError("refused", f"HTTP {answer.status_code}")
    if answer.status_code in (404, 410):
        raise FetchError("not_found")
    if answer.status_code != 200:
        raise FetchError("unreachable", f"HTTP {answer.status_code}")
    declared = answer.headers.get("content-length", "")
    expected = int(declared) if declared.isascii() and declared.isdigit() else None
    if expected is not None and expected > LARGEST_FILE:
        raise NeverFetchError("too_large")
    into.seek(0)
    into.truncate()
    size = 0
    async for chunk in answer.aiter_raw():
        size += len(chunk)
        if size > LARGEST_FILE:
            raise NeverFetchError("too_large")
        into.write(chunk)
    if expected is not None and size != expected:
        raise FetchError("cut_off")
    if size == 0:
        raise FetchError("empty")
    return Fetched(size, answer.headers.get("content-type"), _name(answer))


def _name(answer: httpx.Response) -> str | None:
    disposition = answer.headers.get("content-disposition")
    if not disposition:
        return None
    headers = Headers()
    headers["content-disposition"] = disposition
    return headers.get_filename() or None
