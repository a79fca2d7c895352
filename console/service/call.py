"""A POST of Twilio as the webhook needs it: headers, query and body, bounded, and little more.

Most of a framework's time for a request goes into what these two endpoints have no use for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope

# Twilio's requests have a few kB.
LARGEST_BODY = 1024 * 1024
# Twilio gives up after 15 seconds; whoever sends slower than this is not Twilio.
BODY_SECONDS = 10.0


class RefusedError(Exception):
    """Carries the answer to a request that is not taken, and why in a word."""

    def __init__(self, status: int, words: str, result: str) -> None:
        super().__init__(result)
        self.response: Response = PlainTextResponse(words, status_code=status)
        self.result = result


class Call:
    """One request. `headers` have lower-case names; of repeated ones the first counts."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1"), value.decode("latin-1"))
        self.headers: Mapping[str, str] = headers
        self.query: str = scope["query_string"].decode("latin-1")
        self._receive = receive

    async def body(self) -> bytes:
        """The raw body, never more than LARGEST_BODY of it in memory; never decompressed.

        Raises RefusedError when it is too large, too slow or cut off.
        """
        declared = self.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > LARGEST_BODY:
            raise _too_large()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body, more = await self._part()
                if not more and len(body) <= LARGEST_BODY:
                    return body
                whole = bytearray(body)
                while more and len(whole) <= LARGEST_BODY:
                    body, more = await self._part()
                    whole += body
        except TimeoutError:
            raise RefusedError(408, "Too slow.", "too_slow") from None
        if len(whole) > LARGEST_BODY:
            raise _too_large()
        return bytes(whole)

    async def _part(self) -> tuple[bytes, bool]:
        message = await self._receive()
        if message["type"] != "http.request":
            raise RefusedError(400, "Gone.", "cut_off")
        return message.get("body", b""), message.get("more_body", False)


def _too_large() -> RefusedError:
    return RefusedError(413, "Too large.", "too_large")
