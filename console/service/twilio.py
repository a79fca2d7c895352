"""Twilio's REST API, with every failure named by what it means for a message.

The only module that knows the SDK. Below it lies an HTTP client of our own, because the SDK's
cannot tell a request that never left from one whose fate is unknown, and Twilio has no
idempotency key: that difference decides between sending again and asking.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped]
from twilio.http import AsyncHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]
from twilio.rest.api.v2010.account.message import MessageInstance  # type: ignore[import-untyped]

from console.domain.errors import EnvironmentFaultError, ExpectedError
from console.service.config import Config
from console.service.lease import Lease

# Twilio's own limit for a request is about 26 s: hear its answer out.
_TIMEOUT = httpx.Timeout(connect=10, read=35, write=20, pool=10)
_WHOLE_CALL = 60.0
_CLIENTS = 8


class NotSentError(EnvironmentFaultError):
    """No byte of the request left this machine: sending again is safe."""


class TooLateError(NotSentError):
    """The lease ended before the request was written; another worker may have taken over."""

    def __init__(self) -> None:
        super().__init__("The worker was held up before the call.", "Nothing was sent.")


class ThrottledError(EnvironmentFaultError):
    """429: not processed, safe to repeat. `retry_after` in seconds, None when not said."""

    def __init__(self, retry_after: float | None, code: int | None) -> None:
        super().__init__("Twilio asked us to slow down.")
        self.retry_after = retry_after
        self.code = code


class UnknownOutcomeError(EnvironmentFaultError):
    """The request may have been carried out. Never repeat it; look it up."""

    def __init__(self, words: str, http_status: int | None = None) -> None:
        super().__init__("Twilio did not say what became of this.", words)
        self.http_status = http_status


class RefusedByTwilioError(ExpectedError):
    """Twilio carried nothing out and said why (4xx)."""

    def __init__(self, http_status: int, code: int | None, said: str) -> None:
        super().__init__("Twilio refused this.", said)
        self.http_status = http_status
        self.code = code
        self.said = said


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to create. `sender` or `messaging_service_sid` is set; files are URLs."""

    to: str
    status_callback: str
    sender: str | None = None
    messaging_service_sid: str | None = None
    body: str | None = None
    media_urls: tuple[str, ...] = ()
    content_sid: str | None = None
    content_variables: str | None = None  # JSON text


@dataclass(frozen=True, slots=True)
class Listed:
    """A message as Twilio keeps it. `status` is Twilio's own word."""

    sid: str
    status: str
    to: str | None
    sender: str | None
    body: str
    outbound: bool
    files: int
    created_at: datetime | None
    error_code: int | None
    error_message: str | None


@dataclass(frozen=True, slots=True)
class Template:
    """A template of the Content API. `status` is WhatsApp's approval; `variables` are examples."""

    content_sid: str
    name: str
    language: str
    body: str
    variables: Mapping[str, Any]
    types: Mapping[str, Any]
    status: str
    category: str | None
    rejection_reason: str | None


class Twilio:
    """Twilio's account, as far as the service uses it."""

    def __init__(self, config: Config) -> None:
        self._http = _Http(
            {
                "api.twilio.com": config.twilio_api_url,
                "content.twilio.com": config.twilio_content_url,
                "messaging.twilio.com": config.twilio_messaging_url,
            }
        )
        self._account_sid = config.twilio_account_sid
        self._login = user, password = config.twilio_login
        self.api_url = config.twilio_api_url
        self._client = Client(
            user, password, config.twilio_account_sid, http_client=self._http, environment={"": ""}
        )

    async def close(self) -> None:
        """Close idle connections."""
        await self._http.close()

    async def create(self, message: Outgoing, lease: Lease) -> Listed:
        """At most one POST, begun within `lease`. Raises one of the errors above, nothing else."""
        wanted: dict[str, Any] = {"to": message.to, "status_callback": message.status_callback}
        if message.messaging_service_sid:
            wanted["messaging_service_sid"] = message.messaging_service_sid
        elif message.sender:
            wanted["from_"] = message.sender
        if message.content_sid:
            wanted["content_sid"] = message.content_sid
            if message.content_variables:
                wanted["content_variables"] = message.content_variables
        elif message.body:
            wanted["body"] = message.body
        if message.media_urls:
            wanted["media_url"] = list(message.media_urls)
        held = _LEASE.set(lease)
        try:
            async with asyncio.timeout(_WHOLE_CALL):
                made = _listed(await self._client.messages.create_async(**wanted))
        except TimeoutError as error:
            raise UnknownOutcomeError("No answer in time.") from error
        except (ValueError, KeyError, TypeError, AttributeError, TwilioException) as error:
            raise UnknownOutcomeError("The answer was not readable.") from error
        finally:
            _LEASE.reset(held)
        if not made.sid:
            raise UnknownOutcomeError("The answer named no message.")
        return made

    async def recent(self, to: str, *, limit: int = 100) -> list[Listed]:
        """The last messages to an address, newest first. Raises as `create` does."""
        try:
            found = await self._client.messages.list_async(to=to, limit=limit, page_size=limit)
            return [_listed(message) for message in found]
        except (ValueError, KeyError, TypeError, AttributeError, TwilioException) as error:
            raise UnknownOutcomeError("The answer was not readable.") from error

    async def fetch(self, sid: str) -> Listed:
        """One message by its SID. Raises as `create` does; RefusedByTwilioError 404 if unknown."""
        try:
            return _listed(await self._client.messages(sid).fetch_async())
        except (ValueError, KeyError, TypeError, AttributeError, TwilioException) as error:
            raise UnknownOutcomeError("The answer was not readable.") from error

    async def read(self, place: str, **query: str) -> dict[str, Any]:
        """GET a place of the account (`Messages.json`) or a page's own URI. Raises as `create`.

        For lists whose pages the SDK would fetch by itself, out of our sight.
        """
        if not place.startswith("/"):
            place = f"/2010-04-01/Accounts/{self._account_sid}/{place}"
        elif not place.startswith("/2010-04-01/"):
            raise UnknownOutcomeError("The answer named a page that is none.")
        answer = await self._http.request(
            "GET", f"https://api.twilio.com{place}", params=query or None, auth=self._login
        )
        try:
            found = json.loads(answer.text)
        except ValueError as error:
            raise UnknownOutcomeError("The answer was not readable.") from error
        if not isinstance(found, dict):
            raise UnknownOutcomeError("The answer was not readable.")
        return found

    async def change(self, method: str, place: str, **form: str) -> str:
        """POST to a place of the account, or DELETE it; the answer's text. Raises as `create`."""
        uri = f"https://api.twilio.com/2010-04-01/Accounts/{self._account_sid}/{place}"
        answer = await self._http.request(method, uri, data=form or None, auth=self._login)
        return str(answer.text)

    async def account_status(self) -> str:
        """`active`, `suspended` or `closed`. Changes nothing at Twilio. Raises as `create` does."""
        try:
            account = await self._client.api.accounts(self._account_sid).fetch_async()
            return str(account.status or "active")
        except (ValueError, KeyError, TypeError, AttributeError, TwilioException) as error:
            raise UnknownOutcomeError("The answer was not readable.") from error

    async def templates(self) -> list[Template]:
        """Every template with its approval, all pages. Raises as `create` does."""
        try:
            found = await self._client.content.v1.content_and_approvals.list_async(page_size=100)
            return [_template(content) for content in found]
        except (ValueError, KeyError, TypeError, AttributeError, TwilioException) as error:
            raise UnknownOutcomeError("The answer was not readable.") from error


def _template(content: Any) -> Template:
    types: dict[str, Any] = {
        kind: value for kind, value in (content.types or {}).items() if isinstance(value, dict)
    }
    approval = content.approval_requests or {}
    bodies = (value.get("body") or value.get("title") for value in types.values())
    return Template(
        content_sid=str(content.sid),
        name=str(content.friendly_name or approval.get("name") or content.sid),
        language=str(content.language or ""),
        body=next((str(body) for body in bodies if body), ""),
        variables=content.variables or {},
        types=types,
        status=str(approval.get("status") or "unsubmitted").lower(),
        category=approval.get("category") or None,
        rejection_reason=approval.get("rejection_reason") or None,
    )


def _listed(message: MessageInstance) -> Listed:
    created = message.date_created
    return Listed(
        sid=message.sid or "",
        status=str(message.status or "accepted"),
        to=message.to,
        sender=message.from_,
        body=message.body or "",
        outbound=str(message.direction or "").startswith("outbound"),
        files=int(message.num_media or 0),
        created_at=created.replace(tzinfo=UTC) if created and created.tzinfo is None else created,
        error_code=message.error_code,
        error_message=message.error_message,
    )


# The lease of the create call that this task is making.
_LEASE: ContextVar[Lease | None] = ContextVar("lease", default=None)

# Before these steps the request is not, or not wholly, written: Twilio carries nothing out of it.
_BEFORE_WRITING = ("http11.send_request_headers.started", "http11.send_request_body.started")


async def _look_at_the_clock(step: str, _info: Mapping[str, Any]) -> None:
    """Called by httpcore at each of its steps, between connecting and writing among them."""
    lease = _LEASE.get()
    if lease is not None and step in _BEFORE_WRITING and lease.is_over:
        raise TooLateError


class _Http(AsyncHttpClient):  # type: ignore[misc]  # the SDK has no types
    """The SDK's requests over httpx, sent to the configured hosts, failures told apart."""

    def __init__(self, bases: dict[str, str]) -> None:
        super().__init__(logging.getLogger("twilio"), is_async=True)
        self._bases = bases
        # HTTP/1.1 and short-lived idle connections: a request on one that the other side has just
        # closed could not be told from one that was carried out.
        #
        # WORKAROUND: httpcore looks at every connection for each request, so a few clients with a
        # few connections each take less time than one with all (measured).
        # https://github.com/encode/httpcore/pull/1035
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=5, keepalive_expiry=4)
        self._trust = httpx.create_ssl_context()
        self._clients = [
            httpx.AsyncClient(
                timeout=_TIMEOUT, limits=limits, follow_redirects=False, verify=self._trust
            )
            for _ in range(_CLIENTS)
        ]
        self._busy = [0] * _CLIENTS

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()

    @contextmanager
    def _least_busy(self) -> Iterator[httpx.AsyncClient]:
        """The first of those with the fewest requests under way, so that few connections rest."""
        chosen = self._busy.index(min(self._busy))
        self._busy[chosen] += 1
        try:
            yield self._clients[chosen]
        finally:
            self._busy[chosen] -= 1

    async def request(
        self,
        method: str,
        uri: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        try:
            with self._least_busy() as client:
                answer = await client.request(
                    method,
                    self._place(uri),
                    params=params,
                    data=data,
                    headers=headers,
                    auth=auth,
                    extensions={"trace": _look_at_the_clock},
                )
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.ProxyError,
            httpx.UnsupportedProtocol,
            httpx.LocalProtocolError,
            httpx.InvalidURL,
        ) as error:
            raise NotSentError("Twilio cannot be reached.", type(error).__name__) from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise UnknownOutcomeError(type(error).__name__) from error
        if answer.status_code >= 500:
            raise UnknownOutcomeError(f"HTTP {answer.status_code}", answer.status_code)
        if answer.status_code >= 300:
            code, said = _reason(answer)
            if answer.status_code == 429:
                raise ThrottledError(_retry_after(answer.headers.get("retry-after")), code)
            raise RefusedByTwilioError(answer.status_code, code, said)
        return Response(answer.status_code, answer.text, answer.headers)

    def _place(self, uri: str) -> str:
        """The SDK's URL on the host that the configuration names for it."""
        parts = urlsplit(uri)
        base = self._bases.get(parts.netloc)
        if base is None:
            return uri
        return base + uri[len(f"{parts.scheme}://{parts.netloc}") :]


def _reason(answer: httpx.Response) -> tuple[int | None, str]:
    """Twilio's code and text of a refusal; a proxy's HTML has neither."""
    try:
        body = json.loads(answer.content)
        code = body.get("code")
        said = str(body.get("message") or "")
    except (ValueError, AttributeError):
        return None, f"HTTP {answer.status_code}"
    return (code if isinstance(code, int) else None), said[:500] or f"HTTP {answer.status_code}"


def _retry_after(text: str | None) -> float | None:
    """Seconds to wait by the header (a number or a date), None when it says nothing."""
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)
