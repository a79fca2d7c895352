"""Signed requests as Twilio makes them: X-Twilio-Signature, time limits, one retry."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
import uuid
from collections.abc import Mapping
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


async def post_signed(
    client: httpx.AsyncClient,
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
    # Waiting for a free connection of our own is no failure of the other side.
    timeout = httpx.Timeout(TOTAL_TIMEOUT, connect=CONNECT_TIMEOUT, pool=None)
    begun = time.monotonic()
    error: str | None = None
    attempts = 0
    while attempts < 2:
        attempts += 1
        try:
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
