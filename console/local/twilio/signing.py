"""Signed requests as Twilio makes them: X-Twilio-Signature, time limits, tries."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urldefrag, urlencode

from console.local.twilio.callers import Callers, NotAnsweredError, NotConnectedError

# Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
TOTAL_TIMEOUT = 15.0
_ANSWER_KEPT = 4000


@dataclass(frozen=True, slots=True)
class Overrides:
    """How often and how long Twilio tries; the defaults hold where a URL says nothing.

    `policy` names the failures that are tried again: ct (no connection), rt (no answer), 4xx, 5xx.
    """

    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})
    connect: float = 5.0
    read: float = 15.0
    total: float = TOTAL_TIMEOUT

    @classmethod
    def of(cls, url: str) -> Overrides:
        """Those that stand after the # of a URL."""
        said = dict(parse_qsl(urldefrag(url).fragment))

        def number(name: str, default: float, least: float, most: float) -> float:
            text = said.get(name, "")
            return min(max(float(text), least), most) if text.isdigit() else default

        policy = frozenset(said.get("rp", "ct").split(","))
        return cls(
            retries=int(number("rc", 1, 0, 5)),
            policy=frozenset({"ct", "rt", "4xx", "5xx"}) if "all" in policy else policy,
            connect=number("ct", 5000, 100, 10_000) / 1000,
            read=number("rt", 15_000, 100, 15_000) / 1000,
            total=number("tt", 15_000, 100, 15_000) / 1000,
        )


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
    callers: Callers,
    auth_token: str,
    url: str,
    params: Mapping[str, str],
    *,
    idempotency_token: str | None = None,
) -> Answered:
    """POST form parameters the way Twilio does, as often as the URL's fragment allows.

    The fragment is neither sent nor signed. Without a URL nobody is called.
    """
    target = urldefrag(url).url
    if not target:
        return Answered(None, "", "", "no URL is configured", 0, 0.0)
    told = Overrides.of(url)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "User-Agent": "TwilioProxy/1.1",
        "Accept": "*/*",
        "X-Home-Region": "us1",
        "I-Twilio-Idempotency-Token": idempotency_token or str(uuid.uuid4()),
        "X-Twilio-Signature": signature(auth_token, target, params),
    }
    begun = time.monotonic()
    last = Answered(None, "", "", None, 0, 0.0)
    for attempt in range(1, told.retries + 2):
        left = told.total - (time.monotonic() - begun)
        if left <= 0:
            break
        last, failure = await _once(callers, target, params, headers, told, left)
        last = replace(last, attempts=attempt, elapsed=time.monotonic() - begun)
        if failure not in told.policy:
            break
    return last


async def _once(
    callers: Callers,
    target: str,
    params: Mapping[str, str],
    headers: Mapping[str, str],
    told: Overrides,
    left: float,
) -> tuple[Answered, str]:
    """One try, and what kind of failure it was; an empty word where it was none."""
    try:
        response = await callers.post(
            target,
            urlencode(params).encode(),
            headers,
            connect=min(told.connect, left),
            read=min(told.read, left),
        )
    except NotConnectedError as problem:
        return Answered(None, "", "", str(problem), 0, 0.0), "ct"
    except NotAnsweredError as problem:
        return Answered(None, "", "", str(problem), 0, 0.0), "rt"
    kind = {4: "4xx", 5: "5xx"}.get(response.status // 100, "")
    text = response.body.decode("utf-8", "replace")[:_ANSWER_KEPT]
    return Answered(response.status, text, response.content_type, None, 0, 0.0), kind
