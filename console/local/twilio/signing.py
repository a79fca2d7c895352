"""Signed requests as Twilio makes them: X-Twilio-Signature, time limits, one retry."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urldefrag

import httpx

# Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
CONNECT_TIMEOUT = 5.0
TOTAL_TIMEOUT = 15.0
_ANSWER_KEPT = 4000


def signature(auth_token: str, url: str, params: Mapping[str, str]) -> str:
    """HMAC-SHA1 of the URL followed by each key and value in the order of the keys, base64.

    Source: https://www.twilio.com/docs/usage/webhooks/webhooks-security
    """
    text = url + "".join(f"{key}{params[key]}" for key in sorted(params))
    digest = hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back from a webhook; `status` is None when nothing did. `elapsed` in seconds."""

    status: int | None
    body: str
    content_type: str
    error: str | None
    attempts: int
    elapsed: float

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Callers:
    """Several HTTP clients that share the calls, each with a few connections.

    WORKAROUND: httpcore looks at every connection and every waiting request for each request,
    so one client with hundreds of calls in flight does twenty a second instead of hundreds
    (measured). https://github.com/encode/httpcore/pull/1035
    """

    _CLIENTS = 16
    _EACH = 8

    def __init__(self) -> None:
        limits = httpx.Limits(max_connections=self._EACH, max_keepalive_connections=self._EACH)
        self._clients = [
            httpx.AsyncClient(limits=limits, trust_env=False) for _ in range(self._CLIENTS)
        ]
        self._busy = [0] * self._CLIENTS
        self._room = asyncio.Semaphore(self._CLIENTS * self._EACH)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[httpx.AsyncClient]:
        """The least busy client; waits while all connections are in use."""
        async with self._room:
            index = self._busy.index(min(self._busy))
            self._busy[index] += 1
            try:
                yield self._clients[index]
            finally:
                self._busy[index] -= 1

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


async def post_signed(
    callers: Callers,
    auth_token: str,
    url: str,
    params: Mapping[str, str],
    *,
    idempotency_token: str | None = None,
) -> Answered:
    """POST form parameters the way Twilio does; retried once, and only if no connection came up.

    A fragment of the URL holds connection overrides: it is neither sent nor signed.
    """
    target = urldefrag(url).url
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "User-Agent": "TwilioProxy/1.1",
        "Accept": "*/*",
        "X-Home-Region": "us1",
        "I-Twilio-Idempotency-Token": idempotency_token or str(uuid.uuid4()),
        "X-Twilio-Signature": signature(auth_token, target, params),
    }
    timeout = httpx.Timeout(TOTAL_TIMEOUT, connect=CONNECT_TIMEOUT)
    begun = time.monotonic()
    error: str | None = None
    attempts = 0
    while attempts < 2:
        attempts += 1
        try:
            async with callers.one() as client:
                response = await client.post(
                    target, data=dict(params), headers=headers, timeout=timeout
                )
        except (httpx.ConnectError, httpx.ConnectTimeout) as problem:
            error = f"{type(problem).__name__}: {problem}"
            continue
        except httpx.HTTPError as problem:
            error = f"{type(problem).__name__}: {problem}"
            break
        return Answered(
            response.status_code,
            response.text[:_ANSWER_KEPT],
            response.headers.get("content-type", ""),
            None,
            attempts,
            time.monotonic() - begun,
        )
    return Answered(None, "", "", error, attempts, time.monotonic() - begun)
