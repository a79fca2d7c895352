"""The web side of the service: Twilio's requests, health and metrics.

A request of Twilio is one page of work: verify, parse, one call to the database, answer. Nothing
slow or remote comes before the answer, and nothing after it but jobs. A signed request is never
refused for its content: what cannot be parsed is kept as raw bytes, flagged, and answered 200.
What the database has not committed within two seconds, also when only its answer was lost, goes to
the spool; storing it once more is harmless. Without a spool it has nearly as long as Twilio waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import time
import weakref
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from console import logs
from console.service import listener, process, signature
from console.service.call import Call, RefusedError
from console.service.config import Config, Needs
from console.service.database import Database, DatabaseAwayError, webhook_pool
from console.service.drain import Drain
from console.service.intake import Arrival, Intake, Understood, understand
from console.service.metrics import CONTENT_TYPE, Metrics
from console.service.spool import Spool, SpoolError, folder_of

log = logging.getLogger("balas.webhook")

COMMIT_SECONDS = 2.0
# Without a spool, where giving up earlier would only refuse what a busy database is about to take:
# Twilio is told (README) to hang up after four seconds.
PATIENCE_SECONDS = 3.5

_KEPT_HEADERS = ("content-type", "user-agent", "i-twilio-idempotency-token")
_TAKEN = Response('<?xml version="1.0" encoding="UTF-8"?><Response/>', media_type="text/xml")
# The same as it goes over the line, behind the status and the server's own headers.
_STATUS = b"HTTP/1.1 200 OK\r\n"
_REST = b"".join(
    (*(b"%s: %s\r\n" % pair for pair in _TAKEN.raw_headers), b"\r\n", bytes(_TAKEN.body))
)

_HEALTH = "select private.service_health()"
_NUMBERS = "select private.service_metrics()"


class Webhook:
    """The endpoints. Everything they need is given."""

    def __init__(
        self, config: Config, database: Database, metrics: Metrics, spool: Spool | None
    ) -> None:
        self._config = config
        self._database = database
        self._metrics = metrics
        self._spool = spool
        self._intake = Intake(database)
        self._lanes: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    async def live(self, _request: Request) -> Response:
        """`GET /health/live`: the process answers."""
        return JSONResponse({"status": "alive"})

    async def ready(self, _request: Request) -> Response:
        """`GET /health/ready`: able to take messages, with the queue's lag and the spool's depth.

        `spooling` is ready, too: requests are taken and kept here until the database is back.
        """
        spool = self._spool
        kept = {"spool": spool.depth().as_json() if spool else None}
        try:
            health = await self._database.value(_HEALTH, within=COMMIT_SECONDS)
        except DatabaseAwayError as error:
            words = {"why": f"{error.title} {error.text}".strip(), **kept}
            if spool is None or spool.is_full or spool.failed:
                return JSONResponse({"status": "not ready", **words}, status_code=503)
            return JSONResponse({"status": "spooling", **words})
        return JSONResponse({"status": "ready", **health, **kept})

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
            health = await self._database.value(_NUMBERS, within=COMMIT_SECONDS)
        except DatabaseAwayError:
            health = None
        depth = self._spool.depth() if self._spool else None
        return Response(self._metrics.page(health, depth), media_type=CONTENT_TYPE)

    async def answer(self, call: Call, endpoint: str) -> Response:
        """`POST /webhook`: a customer wrote; `POST /status`: how a message of ours fares."""
        try:
            result = await self._take(call, endpoint)
        except RefusedError as refused:
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
        return _TAKEN

    async def _take(self, call: Call, endpoint: str) -> str:
        received_at = datetime.now(UTC)
        body = await call.body()
        fields = self._verified(call, endpoint, body)
        headers = {name: call.headers[name] for name in _KEPT_HEADERS if name in call.headers}
        what = understand(Arrival(endpoint, call.query, headers, body, received_at), fields)
        within = PATIENCE_SECONDS if self._spool is None else COMMIT_SECONDS
        with self._timed():
            return await self._keep(what, time.monotonic() + within)

    async def _keep(self, what: Understood, deadline: float) -> str:
        """Make it durable: in the database by the deadline (monotonic), else in the spool.

        Raises DatabaseAwayError when nothing durable could take it.
        """
        if what.sender is None or self._spool is None:
            return await self._store_or_spool(what, deadline)
        # One customer's messages one after the other, so that a later one does not reach the
        # database while an earlier one is still on its way into the spool.
        lane = self._lanes.get(what.sender)
        if lane is None:
            lane = self._lanes[what.sender] = asyncio.Lock()
        if not lane.locked():
            async with lane:  # at once, mostly
                return await self._store_or_spool(what, deadline)
        mine = False
        try:
            async with asyncio.timeout_at(asyncio.get_running_loop().time() + COMMIT_SECONDS):
                mine = await lane.acquire()
        except TimeoutError:
            pass  # the deadline is over as well: it goes to the spool, behind the earlier one
        try:
            return await self._store_or_spool(what, deadline)
        finally:
            if mine:
                lane.release()

    async def _store_or_spool(self, what: Understood, deadline: float) -> str:
        spool = self._spool
        left = deadline - time.monotonic()
        if spool is None:
            return await self._intake.store(what, within=left)
        # Behind what waits there already, unless that is gone in a moment.
        if not spool.is_behind() or (spool.flowing and await spool.caught_up(left)):
            left = deadline - time.monotonic()
            if left > 0:
                try:
                    return await self._intake.store(what, within=left)
                except DatabaseAwayError:
                    spool.flowing = False
        try:
            await spool.put(what.arrival)
        except SpoolError as error:
            # Out of order is better than not at all.
            log.error("not spooled", extra=logs.fields(why=f"{error.title} {error.text}".strip()))
            return await self._intake.store(what, within=COMMIT_SECONDS)
        log.warning("spooled", extra=logs.fields(path=what.arrival.endpoint))
        return "spooled"

    def _verified(self, call: Call, endpoint: str, body: bytes) -> list[tuple[bytes, bytes]]:
        url = f"{self._config.public_url}/{endpoint}" + (f"?{call.query}" if call.query else "")
        try:
            fields = signature.fields_of(body)
        except signature.TooManyFieldsError:
            raise RefusedError(413, "Too many fields.", "too_large") from None
        if not signature.is_genuine(
            token=self._config.twilio_auth_token,
            url=url,
            body=body,
            signature=call.headers.get("x-twilio-signature"),
            is_json="json" in call.headers.get("content-type", "").lower(),
            fields=fields,
        ):
            raise RefusedError(403, "Bad signature.", "forged")
        return fields

    @contextlib.contextmanager
    def _timed(self) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self._metrics.ingest_seconds.observe(time.perf_counter() - begun)


class Application:
    """ASGI: Twilio's POSTs straight to the webhook, all else by way of the routes."""

    def __init__(self, webhook: Webhook, prefix: str) -> None:
        self._webhook = webhook
        endpoints = ("webhook", "status")
        self._direct = {f"{p}/{name}": name for p in {"", prefix} for name in endpoints}
        routes = [
            *(Route(f"/{name}", _only_post, methods=["POST"]) for name in endpoints),
            Route("/health/live", webhook.live),
            Route("/health/ready", webhook.ready),
            Route("/metrics", webhook.metrics),
        ]
        self._others = Starlette(
            routes=[*routes, Mount(prefix, routes=routes)] if prefix else routes
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["method"] == "POST":
            endpoint = self._direct.get(scope["path"])
            if endpoint is not None:
                response = await self._webhook.answer(Call(scope, receive), endpoint)
                at_once = scope.get("extensions", {}).pop(listener.WHOLE_ANSWER, None)
                if response is not _TAKEN or at_once is None or not at_once(_STATUS, _REST):
                    await response(scope, receive, send)
                return
        await self._others(scope, receive, send)


async def _only_post(_request: Request) -> Response:
    """Stands in the routes so that other methods are refused with 405."""
    return PlainTextResponse("Not found.", status_code=404)


def application(
    config: Config, database: Database, metrics: Metrics, spool: Spool | None = None
) -> Application:
    """The ASGI application, at the root and below the path of PUBLIC_URL.

    A proxy may pass that path on or strip it; the signature does not depend on which.
    """
    prefix = urlsplit(config.public_url).path.rstrip("/")
    return Application(Webhook(config, database, metrics, spool), prefix)


@contextlib.asynccontextmanager
async def _open_database(config: Config) -> AsyncIterator[Database]:
    pool = webhook_pool(config)
    await pool.open(wait=False)  # the webhook starts, and says 503, while the database is away
    try:
        yield Database(pool)
    finally:
        await pool.close()


@contextlib.asynccontextmanager
async def open_spool(
    config: Config, database: Database, metrics: Metrics
) -> AsyncIterator[Spool | None]:
    """The configured spool, being emptied while the block runs; None without BALAS_SPOOL_DIR.

    Raises EnvironmentFaultError when the folder cannot be used.
    """
    folder = folder_of(config)
    if folder is None:
        log.warning("BALAS_SPOOL_DIR is not set: without the database, messages are refused")
        yield None
        return
    spool = Spool(folder, config.spool_bytes)
    spool.look()
    drain = Drain(
        spool,
        Intake(database),
        database,
        side_by_side=max(config.pool_size - 1, 1),
        stored=lambda result: metrics.drained.labels(result).inc(),
    )
    draining = asyncio.create_task(drain.run(), name="drain")
    try:
        yield spool
    finally:
        draining.cancel()
        await asyncio.gather(draining, return_exceptions=True)
        spool.close()


async def _serve(config: Config) -> int:
    metrics = Metrics()
    async with (
        _open_database(config) as database,
        open_spool(config, database, metrics) as spool,
    ):
        server = listener.server(
            application(config, database, metrics, spool),
            host=config.host,
            port=config.port,
            refused=lambda why: metrics.connections_refused.labels(why).inc(),
        )
        with process.stop_requests(server.stop):
            await server.serve()
    return 0 if server.started else 1


def main() -> int:
    """`balas webhook`: serve until SIGINT or SIGTERM, then finish what has begun."""
    return process.start("webhook", Needs.WEBHOOK, _serve)
