"""Fetches the signed word on new releases from where the administrator publishes it."""

from __future__ import annotations

import asyncio
import ssl

import certifi
import httpx

from console.domain.errors import OfflineError

_WITHIN = 20.0  # seconds for all of it


async def fetch_manifest(url: str, largest: int) -> bytes:
    """What lies at `url`, at most `largest` bytes; whether it may be believed is not known here.

    Sends nothing but the request itself, and follows no redirect. Raises OfflineError when it
    cannot be had, in whatever way.
    """
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    found = bytearray()
    length = 0
    try:
        async with (
            asyncio.timeout(_WITHIN),
            httpx.AsyncClient(verify=context, timeout=_WITHIN, follow_redirects=False) as client,
            client.stream("GET", url, headers={"user-agent": "balas"}) as response,
        ):
            response.raise_for_status()
            # To the end, since leaving in the middle leaves the library's generators open.
            async for part in response.aiter_bytes():
                length += len(part)
                found += part[: largest - len(found)]
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ssl.SSLError) as error:
        raise OfflineError("The update notice cannot be fetched", str(error)) from error
    if length > largest:
        raise OfflineError("The update notice cannot be read", "It is too large.")
    return bytes(found)
