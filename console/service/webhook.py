"""The web side of the service: Twilio's requests, health and metrics.

A request of Twilio is one page of work: verify, parse, one call to the database, answer. Nothing
slow or remote comes before the answer, and nothing after it but jobs. A signed request is never
refused for its content: what cannot be parsed is kept as raw bytes, flagged, and answered 200.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from console import logs
from console.service import inbound, process, signature, status
from console.service.config import Config, Needs
from console.service.database import Database, DatabaseAwayError, webhook_pool
from console.service.metrics import CONTENT_TYPE, Metrics

log = logging.getLogger("balas.webhook")

# Twilio's requests have a few kB.
LARGEST_BODY = 1024 * 1024
# Twilio gives up after 15 seconds; whoever sends slower than this is not Twilio.
BODY_SECONDS = 10.0
COMMIT_SECONDS = 2.0

_FORM = "application/x-www-form-urlencoded"
_KEPT_HEADERS = ("content-type", "user-agent", "i-twilio-idempotency-token")
_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'

_INGEST = "select private.ingest(%s, %s, %s, %s, %s)"
_APPLY = "select private.apply_status(%s)"
_HEALTH = "select private.service_health()"


class _Refused(Exception):
    """Carries the answer to a request that is not taken."""

    def __init__(self, response: Response, result: str) -> None:
        super().__init__(result)
        self.response = response
        self.result = result


class Webhook:
    """The endpoints. Everything they need is given; they share nothing between requests."""

    def __init__(self, config: Config, database: Database, metrics: Metrics) -> None:
        self._config = config
        self._database = database
        self._metrics = metrics

    async def message(self, request: Request) -> Response:
        """`POST /webhook`: a customer wrote."""
        return await self._answer(request, "webhook")

    async def delivery(self, request: Request) -> Response:
        """`POST /status`: Twilio reports how a message of ours fares."""
        return await self._answer(request, "status")

    async def live(self, _request: Request) -> Response:
        """`GET /health/live`: the process answers."""
        return JSONResponse({"status": "alive"})

    async def ready(self, _request: Request) -> Response:
        """`GET /health/ready`: able to take messages, with the length and lag of the queue."""
        try:
            health = await self._database.value(_HEALTH, within=COMMIT_SECONDS)
        except DatabaseAwayError as error:
            words = {"status": "not ready", "why": f"{error.title} {error.text}".strip()}
            return JSONResponse(words, status_code=503)
        return JSONResponse({"status": "ready", **health})

    async def metrics(self, request: Request) -> Response:
        """`GET /metrics` for whoever has the token; 404 where none is configured."""
        token = self._config.metrics_token
        if not token:
            return PlainTextResponse("METRICS_TOKEN is not set.", status_code=404)
        given = request.headers.get("authorization", "").encode("latin-1")
        if not hmac.compare_digest(given, f"Bearer {token}".encode()):
            return PlainTextResponse(
                "Wrong token.", status_code=401, headers={"WWW-Authenticate": "Bearer"}
            )
        try:
            health = await self._database.value(_HEALTH, within=COMMIT_SECONDS)
        except DatabaseAwayError:
            health = None
        return Response(self._metrics.page(health), media_type=CONTENT_TYPE)

    async def _answer(self, request: Request, endpoint: str) -> Response:
        try:
            result = await self._take(request, endpoint)
        except _Refused as refused:
            log.warning("request refused", extra=logs.fields(path=endpoint, why=refused.result))
            self._metrics.requests.labels(endpoint, refused.result).inc()
            return refused.response
        except DatabaseAwayError:
            log.error("request not stored", extra=logs.fields(path=endpoint))
            self._metrics.requests.labels(endpoint, "away").inc()
            return PlainTextResponse(
                "Not stored, please repeat.", status_code=503, headers={"Retry-After": "5"}
            )
        self._metrics.requests.labels(endpoint, result).inc()
        return Response(_TWIML, media_type="text/xml")

    async def _take(self, request: Request, endpoint: str) -> str:
        body = await _body(request)
        fields = self._verified(request, endpoint, body)
        parameters = inbound.decode(fields)
        flags = list(parameters.flags)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            flags.append("content_type")
        headers = {name: request.headers[name] for name in _KEPT_HEADERS if name in request.headers}
        path = f"/{endpoint}"
        with self._timed():
            if endpoint == "status":
                report = status.parse(parameters, request.url.query)
                if report is not None:
                    return str(
                        await self._database.value(
                            _APPLY, (report.as_json(),), within=COMMIT_SECONDS
                        )
                    )
                return await self._keep_raw(body, headers, [*flags, "no_status"], path)
            message = inbound.parse(parameters)
            if message is None:
                return await self._keep_raw(body, headers, [*flags, "no_message"], path)
            flags = list(dict.fromkeys([*message.flags, *flags]))
            return await self._ingest(message, body, headers, flags, path)

    async def _ingest(
        self,
        message: inbound.Inbound,
        body: bytes,
        headers: dict[str, str],
        flags: list[str],
        path: str,
    ) -> str:
        arguments = (message.as_json(), body, headers, ",".join(flags) or None, path)
        try:
            answer = await self._database.value(_INGEST, arguments, within=COMMIT_SECONDS)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            log.exception("a request cannot be stored as a message", extra=_sid(message))
            return await self._keep_raw(body, headers, [*flags, f"refused_{error.sqlstate}"], path)
        known = {name: answer[name] for name in ("message_id", "conversation_id") if name in answer}
        result = "duplicate" if answer.get("duplicate") else "stored"
        log.info(result, extra=logs.fields(sid=message.sid, flags=flags, **known))
        return result

    async def _keep_raw(
        self, body: bytes, headers: dict[str, str], flags: list[str], path: str
    ) -> str:
        names = ",".join(dict.fromkeys(flags))
        arguments = (None, body, headers, names, path)
        await self._database.value(_INGEST, arguments, within=COMMIT_SECONDS)
        log.warning("a signed request was kept raw", extra=logs.fields(path=path, flags=names))
        return "kept"

    def _verified(self, request: Request, endpoint: str, body: bytes) -> list[tuple[bytes, bytes]]:
        query = request.scope["query_string"].decode("latin-1")
        url = f"{self._config.public_url}/{endpoint}" + (f"?{query}" if query else "")
        content_type = request.headers.get("content-type", "").lower()
        try:
            genuine = signature.is_genuine(
                token=self._config.twilio_auth_token,
                url=url,
                body=body,
                signature=request.headers.get("x-twilio-signature"),
                is_json="json" in content_type,
            )
            if not genuine:
                raise _Refused(PlainTextResponse("Bad signature.", status_code=403), "forged")
            return signature.fields_of(body)
        except signature.TooManyFieldsError:
            words = PlainTextResponse("Too many fields.", status_code=413)
            raise _Refused(words, "too_large") from None

    @contextlib.contextmanager
    def _timed(self) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self._metrics.ingest_seconds.observe(time.perf_counter() - begun)


def _sid(message: inbound.Inbound) -> dict[str, Any]:
    return logs.fields(sid=message.sid)


async def _body(request: Request) -> bytes:
    """The raw body, never more than LARGEST_BODY of it in memory; never decompressed."""
    too_large = _Refused(PlainTextResponse("Too large.", status_code=413), "too_large")
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > LARGEST_BODY:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST_BODY:
                    raise too_large
    except TimeoutError:
        raise _Refused(PlainTextResponse("Too slow.", status_code=408), "too_slow") from None
    except ClientDisconnect:
        raise _Refused(PlainTextResponse("Gone.", status_code=400), "cut_off") from None
    return bytes(body)


def application(config: Config, database: Database, metrics: Metrics) -> Starlette:
    """The ASGI application, at the root and below the path of PUBLIC_URL.

    A proxy may pass that path on or strip it; the signature does not depend on which.
    """
    webhook = Webhook(config, database, metrics)
    routes = [
        Route("/webhook", webhook.message, methods=["POST"]),
        Route("/status", webhook.delivery, methods=["POST"]),
        Route("/health/live", webhook.live),
        Route("/health/ready", webhook.ready),
        Route("/metrics", webhook.metrics),
    ]
    prefix = urlsplit(config.public_url).path.rstrip("/")
    return Starlette(routes=[*routes, Mount(prefix, routes=routes)] if prefix else routes)


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers, which end the process by the signal itself."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def _open_database(config: Config) -> AsyncIterator[Database]:
    pool = webhook_pool(config)
    await pool.open(wait=False)  # the webhook starts, and says 503, while the database is away
    try:
        yield Database(pool)
    finally:
        await pool.close()


async def _serve(config: Config) -> int:
    async with _open_database(config) as database:
        server = _Server(
            uvicorn.Config(
                application(config, database, Metrics()),
                host=config.host,
                port=config.port,
                http="h11",  # bounds the size of headers; httptools does not
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=30,
                timeout_graceful_shutdown=10,
            )
        )

        def stop() -> None:
            server.should_exit = True

        with process.stop_requests(stop):
            await server.serve()
    return 0 if server.started else 1


def main() -> int:
    """`balas webhook`: serve until SIGINT or SIGTERM, then finish what has begun."""
    return process.start("webhook", Needs.WEBHOOK, _serve)
