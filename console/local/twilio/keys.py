"""Who may call the REST API: the account's token or its API key, by HTTP Basic."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from console.local.twilio.codes import ApiError
from console.local.twilio.simulator import Simulator

Handler = Callable[[HttpRequest], Awaitable[Response]]


def user_of(request: HttpRequest) -> tuple[str, str]:
    """Name and password of HTTP Basic; empty strings without."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, password


def check_key(simulator: Simulator, request: HttpRequest) -> None:
    """Account SID with auth token, or API key with its secret; ApiError 20003 otherwise."""
    config = simulator.config
    name, password = user_of(request)
    pairs = [(config.account_sid, config.auth_token)]
    if config.api_key and config.api_secret:
        pairs.append((config.api_key, config.api_secret))
    known = any(
        hmac.compare_digest(name.encode(), user.encode())
        and hmac.compare_digest(password.encode(), secret.encode())
        for user, secret in pairs
    )
    if not known or request.path_params.get("account", config.account_sid) != config.account_sid:
        raise ApiError(401, 20003)


def guarded(simulator: Simulator, handler: Handler) -> Handler:
    """Ask for the key first, and turn ApiError into Twilio's JSON."""

    async def guarded_handler(request: HttpRequest) -> Response:
        try:
            check_key(simulator, request)
            return await handler(request)
        except ApiError as error:
            return refusal(error)

    return guarded_handler


def refusal(error: ApiError, headers: dict[str, str] | None = None) -> Response:
    extra = dict(headers or {})
    if error.http == 401:
        extra["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    return JSONResponse(error.body(), error.http, headers=extra)
