"""Fetching a customer's file from Twilio without being led astray.

The URL comes from outside, so every hop is checked before a connection is made: HTTPS only, no
address that is not public, and the connection goes to exactly the address that was checked. Our
credentials go to Twilio's own hosts on the first hop and nowhere else: Twilio redirects to another
host for the bytes.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import Message as Headers

import httpx

from console.domain.errors import EnvironmentFaultError, ExpectedError
from console.service.config import Config
from console.service.partial import Partial, Partials

LARGEST_FILE = 100 * 1024 * 1024  # bytes; WhatsApp's own limit for documents
MOST_HOPS = 5
_TIMEOUT = httpx.Timeout(connect=10, read=30, write=10, pool=30)
_WHOLE_FILE = 20 * 60.0  # seconds, for 100 MB on a slow line
# How often one call goes on after a break that came in the midst of the bytes.
MOST_BREAKS = 5
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")


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
        self.partials = Partials()

    async def close(self) -> None:
        """Close idle connections, let go of what came in part."""
        self.partials.close()
        await self._client.aclose()

    async def fetch(self, url: str, into: Partial) -> Fetched:
        """Write into `into` what is still missing there; never half a file without an error.

        After an error, what came stays in `into`, and the next call goes on from there. Raises
        FetchError, NeverFetchError.
        """
        if into.is_whole:
            return Fetched(into.size, into.content_type, into.name)
        try:
            async with asyncio.timeout(_WHOLE_FILE):
                for _ in range(MOST_BREAKS):
                    before = into.size
                    try:
                        return await self._follow(url, into)
                    except (FetchError, httpx.HTTPError):
                        if into.size <= before:
                            raise  # nothing came: wait for better times
                return await self._follow(url, into)
        except TimeoutError as error:
            raise FetchError("too_slow") from error
        except httpx.InvalidURL as error:
            raise NeverFetchError("unsafe_address") from error
        except httpx.HTTPError as error:
            raise FetchError("unreachable", type(error).__name__) from error

    async def _follow(self, url: str, into: Partial) -> Fetched:
        place = httpx.URL(url)
        if not self._is_twilio(place):
            raise NeverFetchError("unsafe_address", "Not a host of Twilio.")
        for hop in range(MOST_HOPS):
            async with self._open(place, with_login=hop == 0, have=into) as answer:
                if answer.is_redirect:
                    place = place.join(answer.headers["location"])
                    continue
                return await _read(answer, into)
        raise FetchError("redirect_loop")

    @asynccontextmanager
    async def _open(
        self, place: httpx.URL, *, with_login: bool, have: Partial
    ) -> AsyncIterator[httpx.Response]:
        addresses = await self._checked_addresses(place)
        login = self._login if with_login else None
        answer = await self._send(place, addresses, login, have)
        try:
            yield answer
        finally:
            await answer.aclose()

    async def _send(
        self,
        place: httpx.URL,
        addresses: Sequence[str],
        login: httpx.BasicAuth | None,
        have: Partial,
    ) -> httpx.Response:
        """Ask the first address that takes a connection.

        The very addresses that were checked: a name could point elsewhere a moment later.
        """
        headers = {"host": place.netloc.decode("ascii"), "accept-encoding": "identity"}
        if have.size:
            headers["range"] = f"bytes={have.size}-"
            if have.tag:
                headers["if-range"] = have.tag
        for number, address in enumerate(addresses, start=1):
            request = self._client.build_request(
                "GET",
                place.copy_with(host=address),
                headers=headers,
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


async def _read(answer: httpx.Response, into: Partial) -> Fetched:
    if answer.status_code in (401, 403):
        raise FetchError("refused", f"HTTP {answer.status_code}")
    if answer.status_code in (404, 410):
        raise FetchError("not_found")
    if answer.status_code == 416:
        into.restart()  # it is not the file that it was
        raise FetchError("cut_off")
    if answer.status_code not in (200, 206):
        raise FetchError("unreachable", f"HTTP {answer.status_code}")
    _place(answer, into)
    if into.total is not None and into.total > LARGEST_FILE:
        raise NeverFetchError("too_large")
    async for chunk in answer.aiter_raw():
        if into.size + len(chunk) > LARGEST_FILE:
            raise NeverFetchError("too_large")
        into.write(chunk)
    if into.total is None:
        into.total = into.size
    if into.size != into.total:
        if into.size > into.total:
            into.restart()
        raise FetchError("cut_off")
    if into.size == 0:
        raise FetchError("empty")
    return Fetched(into.size, into.content_type, into.name)


def _place(answer: httpx.Response, into: Partial) -> None:
    """Make `into` ready for what this answer carries: the rest of the same file, or all of one."""
    into.content_type, into.name = answer.headers.get("content-type"), _name(answer)
    if answer.status_code == 206:
        part = _RANGE.fullmatch(answer.headers.get("content-range", ""))
        if part is None or int(part[1]) != into.size or into.total not in (None, int(part[2])):
            into.restart()
            raise FetchError("cut_off")
        into.total = int(part[2])
        into.file.seek(into.size)
        return
    into.restart()
    declared = answer.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit():
        into.total = int(declared)
    tag = answer.headers.get("etag", "")
    weak = tag.startswith("W/")  # says that the meaning is the same, not the bytes
    into.tag = answer.headers.get("last-modified") if weak or not tag else tag


def _name(answer: httpx.Response) -> str | None:
    disposition = answer.headers.get("content-disposition")
    if not disposition:
        return None
    headers = Headers()
    headers["content-disposition"] = disposition
    return headers.get_filename() or None
