"""The gateway's one ASGI application: the four services, the door before them, and control."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.local.gateway.auth import Auth
from console.local.gateway.auth_admin import AuthAdmin
from console.local.gateway.config import GatewayConfig
from console.local.gateway.database import Database
from console.local.gateway.mailbox import Mailbox
from console.local.gateway.misbehaviour import FaultyHttp, Misbehaviour
from console.local.gateway.realtime import Realtime, Socket
from console.local.gateway.realtime_hub import Hub
from console.local.gateway.realtime_rules import Ear
from console.local.gateway.rest import Rest
from console.local.gateway.storage import Storage
from console.local.gateway.storage_buckets import Buckets
from console.local.gateway.storage_files import Files
from console.local.gateway.tokens import KeyRefusedError, Tokens

log = logging.getLogger("balas.gateway")

# Open to everybody, as hosted: public keys, health, and URLs that carry their own proof.
_WITHOUT_KEY = ("/auth/v1/.well-known/", "/auth/v1/health", "/storage/v1/", "/local/health")


def build(config: GatewayConfig) -> Starlette:
    """The application; it connects to Postgres when it starts and also runs without it."""
    database = Database(config.database)
    tokens = Tokens(config.keys)
    mailbox = Mailbox()
    misbehaviour = Misbehaviour()
    hub = Hub(misbehaviour)
    ear = Ear(database, hub)
    files = Files(config.files)
    auth = Auth(config, database, tokens, mailbox, misbehaviour)
    admin = AuthAdmin(config, database, tokens)
    buckets = Buckets(database, tokens, files)
    storage = Storage(database, tokens, files)
    realtime = Realtime(database, tokens, hub, misbehaviour)
    rest = Rest(database, tokens)
    control = Control(config, mailbox, misbehaviour, hub, ear)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await database.open()
        listening = asyncio.create_task(ear.run())
        try:
            yield
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            await database.close()

    return Starlette(
        routes=[
            Mount("/auth/v1/admin", routes=[*admin.routes(), _REST]),
            Mount("/auth/v1", routes=[*auth.routes(), _REST]),
            Mount("/rest/v1", routes=[*rest.routes(), _REST]),
            Mount(
                "/storage/v1",
                routes=[_LIST_V2, *buckets.routes(), *storage.routes(), _REST],
            ),
            Mount("/realtime/v1", routes=[*realtime.routes(), _REST]),
            Mount("/local", routes=[*control.routes(), _REST]),
            _REST,
        ],
        middleware=[
            Middleware(AccessLog),
            Middleware(FaultyHttp, misbehaviour=misbehaviour),
            Middleware(Door, tokens=tokens),
        ],
        lifespan=lifespan,
    )


class Control:
    """`/local`: health, mails, faults. For holders of the secret key."""

    def __init__(
        self,
        config: GatewayConfig,
        mailbox: Mailbox,
        misbehaviour: Misbehaviour,
        hub: Hub,
        ear: Ear,
    ) -> None:
        self._config = config
        self._mailbox = mailbox
        self._misbehaviour = misbehaviour
        self._hub = hub
        self._ear = ear

    def routes(self) -> list[Route]:
        """Mounted under `/local`."""
        return [
            Route("/health", self._health),
            Route("/mail", self._mail),
            Route("/misbehave", self._misbehave, methods=["GET", "POST"]),
            Route("/realtime/{action}", self._realtime, methods=["POST"]),
        ]

    async def _health(self, _request: Request) -> Response:
        """200 when broadcasts from the database would be heard, else 503."""
        listening = self._ear.listening.is_set()
        return JSONResponse({"listening": listening}, 200 if listening else 503)

    async def _mail(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        return JSONResponse(self._mailbox.mails(request.query_params.get("to")))

    async def _misbehave(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        try:
            wanted = json.loads(await request.body() or b"{}") if request.method == "POST" else {}
            return JSONResponse(self._misbehaviour.apply(dict(wanted)))
        except (ValueError, TypeError) as error:
            return JSONResponse({"message": str(error)}, 400)

    async def _realtime(self, request: Request) -> Response:
        """Once, now: `expire` or `limit` closes all channels, `hangup` all sockets."""
        if refused := self._refused(request):
            return refused
        reasons = {
            "expire": "InvalidJWTToken: Token has expired 0 seconds ago",
            "limit": "ClientJoinRateLimitReached: Too many joins per second",
        }
        action = request.path_params["action"]
        channels, lines = self._hub.channels(), list(self._hub.lines)
        if action == "hangup":
            for line in lines:
                line.shut(1011)
        elif action in reasons:
            for channel in channels:
                if isinstance(channel.line, Socket):
                    channel.line.take_away(channel, reasons[action])
        else:
            return JSONResponse({"message": f"no such action: {action}"}, 404)
        return JSONResponse({"channels": len(channels), "sockets": len(lines)})

    def _refused(self, request: Request) -> Response | None:
        if request.state.key == self._config.keys.secret_key:
            return None
        return JSONResponse({"message": "Only with the secret key"}, 403)


class Door:
    """Asks every request for its API key, as the hosted gateway does before any service."""

    def __init__(self, app: ASGIApp, tokens: Tokens) -> None:
        self._app = app
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on with `request.state.key`, or answer 401."""
        if scope["type"] == "http" and not scope["path"].startswith(_WITHOUT_KEY):
            try:
                scope.setdefault("state", {})["key"] = self._tokens.knock(Request(scope))
            except KeyRefusedError as error:
                await JSONResponse(error.body, 401)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class AccessLog:
    """One line for each answer: service, method, status, time. Paths and people stay out of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then log."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            service = scope["path"].split("/", 2)[1]
            spent = (time.perf_counter() - began) * 1000
            log.info("%s %s %d %.0f ms", service, scope["method"], status, spent)


async def _unknown(request: Request) -> Response:
    text = f"The local gateway does not support {request.method} {request.url.path}."
    # The fields of all four services' errors at once, so that each client can read it.
    body = {"code": "BALAS501", "message": text, "error": "not_supported", "statusCode": "501"}
    return JSONResponse(body, 501)


_REST = Route("/{rest:path}", _unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
# Without a route of its own it would look like an upload into a bucket of that name.
_LIST_V2 = Route("/object/list-v2/{bucket}", _unknown, methods=["POST"])
