"""The media host: serves files by signed URL and must never see the account's credentials."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import AsyncIterator
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from console.local.twilio.records import Media
from console.local.twilio.server import reset_connection
from console.local.twilio.simulator import Simulator

_LIFETIME = 4 * 3600
_DRIP = 64 * 1024
_DRIP_SECONDS = 0.5

# How a download can misbehave: the first three at the API's redirect, the rest here.
MEDIA_FAULTS = (
    "not_found",
    "unauthorized",
    "redirect_loop",
    "server_error",
    "slow_drip",
    "wrong_type",
    "empty",
    "cut_half",
)


def _sign(simulator: Simulator, sid: str, expires: int) -> str:
    key = simulator.config.auth_token.encode()
    return hmac.new(key, f"{sid}:{expires}".encode(), hashlib.sha256).hexdigest()


def signed_url(simulator: Simulator, media: Media) -> str:
    """Where the API redirects to: another origin, good for four hours, without a password."""
    expires = int(time.time()) + _LIFETIME
    return (
        f"{simulator.config.media_url}/{simulator.config.account_sid}/{media.sid}"
        f"?Expires={expires}&Signature={_sign(simulator, media.sid, expires)}"
    )


def media_host(simulator: Simulator) -> Starlette:
    """The application behind the media host's port."""

    async def serve(request: HttpRequest) -> Response:
        sid = request.path_params["sid"]
        if "authorization" in request.headers:
            entry = {"path": request.url.path, "headers": dict(request.headers)}
            simulator.ledger.write("leaks", simulator.now(), sid, sid, entry)
            return PlainTextResponse("Only one auth mechanism allowed", 400)
        expires = request.query_params.get("Expires", "")
        signature = request.query_params.get("Signature", "")
        if not expires.isdigit() or not hmac.compare_digest(
            signature.encode(), _sign(simulator, sid, int(expires)).encode()
        ):
            return PlainTextResponse("Access denied", 403)
        if int(expires) < time.time():
            return PlainTextResponse("Request has expired", 403)
        media = simulator.ledger.media(sid)
        if media is None:
            return PlainTextResponse("Not found", 404)
        content = simulator.ledger.media_content(sid)
        if media.fault is not None:
            simulator.ledger.use_media_fault(media)
            return await _misbehave(simulator, request, media, content)
        return whole_or_part(request, media, content, _headers(media))

    return Starlette(routes=[Route("/{account}/{sid}", serve)])


def _headers(media: Media) -> dict[str, str]:
    headers = {"Cache-Control": "private, max-age=3600"}
    if media.name:
        headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(media.name, safe='')}"
    return headers


def whole_or_part(
    request: HttpRequest, media: Media, content: bytes, headers: dict[str, str]
) -> Response:
    """The file, or the one range of bytes that the request asks for."""
    headers = {"Accept-Ranges": "bytes", **headers}
    part = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
    if part is None:
        return Response(content, media_type=media.content_type, headers=headers)
    start = int(part[1])
    end = min(int(part[2]) if part[2] else media.size - 1, media.size - 1)
    if start > end:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{media.size}"})
    headers["Content-Range"] = f"bytes {start}-{end}/{media.size}"
    return Response(content[start : end + 1], 206, media_type=media.content_type, headers=headers)


async def _misbehave(
    simulator: Simulator, request: HttpRequest, media: Media, content: bytes
) -> Response:
    headers = _headers(media)

    async def drip() -> AsyncIterator[bytes]:
        sent = 0
        while sent < 100 * 1024 * 1024:
            yield bytes(_DRIP)
            sent += _DRIP
            await simulator.pause(_DRIP_SECONDS)

    async def half() -> AsyncIterator[bytes]:
        yield content[: len(content) // 2]
        reset_connection(request)

    match media.fault:
        case "server_error":
            return PlainTextResponse("Slow Down", 503)
        case "slow_drip":
            return StreamingResponse(drip(), media_type=media.content_type, headers=headers)
        case "wrong_type":
            return Response("<html><body>Sign in</body></html>", media_type="text/html")
        case "empty":
            return Response(b"", media_type=media.content_type, headers=headers)
        case _:
            headers["Content-Length"] = str(media.size)
            return StreamingResponse(half(), media_type=media.content_type, headers=headers)
