"""The simulator put together: API host and media host behind one server, told apart by port."""

from __future__ import annotations

from email.utils import formatdate
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.local.twilio.account import account_routes
from console.local.twilio.api import Messages
from console.local.twilio.cdn import media_host
from console.local.twilio.codes import ApiError
from console.local.twilio.content import content_routes
from console.local.twilio.control import control_routes
from console.local.twilio.phone import phone_routes
from console.local.twilio.simulator import Simulator


def application(simulator: Simulator) -> ASGIApp:
    """Requests to the media host's port go to it alone; everything else is the API host."""
    media_port = urlsplit(simulator.config.media_url).port
    media = media_host(simulator)
    api = Starlette(
        routes=[
            *Messages(simulator).routes(),
            *content_routes(simulator),
            *account_routes(simulator),
            *control_routes(simulator),
            *phone_routes(simulator),
        ],
        exception_handlers={404: _not_found},
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = formatdate(simulator.now(), usegmt=True)
                message["headers"] = [*message["headers"], (b"date", date.encode())]
            await send(message)

        if scope["server"][1] == media_port:
            await media(scope, receive, send_dated)
        elif not _same_site(simulator, scope):
            await PlainTextResponse("Foreign page", 403)(scope, receive, send_dated)
        else:
            await api(scope, receive, send_dated)

    return app


def _not_found(request: object, error: Exception) -> JSONResponse:
    path = getattr(getattr(request, "url", None), "path", "")
    return JSONResponse(ApiError(404, 20404, path).body(), 404)


def _same_site(simulator: Simulator, scope: Scope) -> bool:
    """A web page of another origin in the same browser must not drive the simulator."""
    port = urlsplit(simulator.config.api_url).port
    own = {f"http://{host}:{port}".encode() for host in ("127.0.0.1", "localhost")}
    return all(value in own for key, value in scope["headers"] if key == b"origin")
