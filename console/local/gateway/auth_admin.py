"""Auth's Admin API: users and codes, for callers with the secret key."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from psycopg.types.json import Jsonb
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from console.local.gateway import accounts
from console.local.gateway.accounts import AuthError, Row
from console.local.gateway.auth import ROLE, guarded, read_json, user_json
from console.local.gateway.config import GatewayConfig
from console.local.gateway.database import Database
from console.local.gateway.tokens import Tokens

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


class AuthAdmin:
    """Create, list, change and delete users; make codes without a mail."""

    def __init__(self, config: GatewayConfig, database: Database, tokens: Tokens) -> None:
        self._config = config
        self._database = database
        self._tokens = tokens

    def routes(self) -> list[Route]:
        """Mounted under `/auth/v1/admin`."""
        return [
            Route("/users", guarded(self._users), methods=["GET", "POST"]),
            Route("/users/{user_id}", guarded(self._user), methods=["GET", "PUT", "DELETE"]),
            Route("/generate_link", guarded(self._generate_link), methods=["POST"]),
        ]

    def _check(self, request: Request) -> None:
        if not self._tokens.caller_of(request, request.state.key).is_service:
            raise AuthError(403, "not_admin", "User not allowed")

    async def _users(self, request: Request) -> Response:
        self._check(request)
        if request.method == "POST":
            return await self._create(await read_json(request))
        page = max(_number(request, "page", 1), 1)
        size = min(max(_number(request, "per_page", 50), 1), 1000)
        async with self._database.transaction(ROLE) as connection:
            cursor = await connection.execute(
                "select *, count(*) over () as total from auth.users"
                " order by created_at desc, id limit %s offset %s",
                [size, (page - 1) * size],
            )
            rows = await cursor.fetchall()
        total = rows[0]["total"] if rows else 0
        last = max(-(-total // size), 1)
        links = [f'<{request.url.path}?page={last}&per_page={size}>; rel="last"']
        if page < last:
            links.insert(0, f'<{request.url.path}?page={page + 1}&per_page={size}>; rel="next"')
        return JSONResponse(
            {"users": [user_json(row) for row in rows], "aud": "authenticated"},
            headers={"x-total-count": str(total), "link": ", ".join(links)},
        )

    async def _create(self, attributes: Row) -> Response:
        async with self._database.transaction(ROLE) as connection:
            row = await accounts.create(connection, attributes)
            if attributes.get("ban_duration"):
                until = _until(str(attributes["ban_duration"]))
                row = await accounts.change(connection, row["id"], {"banned_until": until})
        return JSONResponse(user_json(row))

    async def _user(self, request: Request) -> Response:
        self._check(request)
        user_id = request.path_params["user_id"]
        body = await read_json(request) if request.method != "GET" else {}
        async with self._database.transaction(ROLE) as connection:
            row = await accounts.by_id(connection, user_id)
            if request.method == "DELETE":
                if body.get("should_soft_delete"):
                    raise AuthError(501, "not_supported", "Soft deletion is not built here.")
                await connection.execute("delete from auth.users where id = %s", [row["id"]])
                return JSONResponse({})
            if request.method == "PUT":
                changes = await _changes(row, body)
                row = await accounts.change(connection, row["id"], changes)
        return JSONResponse(user_json(row))

    async def _generate_link(self, request: Request) -> Response:
        self._check(request)
        body = await read_json(request)
        kind, email = str(body.get("type")), str(body.get("email") or "")
        if kind not in {"recovery", "magiclink", "invite"}:
            raise AuthError(501, "not_supported", f"The local gateway makes no {kind} links.")
        async with self._database.transaction(ROLE) as connection:
            row = await accounts.by_email(connection, email)
            if row is None and kind == "invite":
                wanted = {"email": email, "user_metadata": body.get("data") or {}}
                row = await accounts.create(connection, wanted)
            if row is None:
                raise AuthError(404, "user_not_found", "User with this email not found")
            purpose = "confirmation" if kind == "invite" else "recovery"
            code, digest = await accounts.new_code(connection, row, purpose)
            row = await accounts.by_id(connection, str(row["id"]))
        redirect = request.query_params.get("redirect_to") or self._config.url
        query = urlencode({"token": digest, "type": kind, "redirect_to": redirect})
        return JSONResponse(
            user_json(row)
            | {
                "action_link": f"{self._config.url}/auth/v1/verify?{query}",
                "email_otp": code,
                "hashed_token": digest,
                "verification_type": kind,
                "redirect_to": redirect,
            }
        )


async def _changes(row: Row, body: Row) -> Row:
    changes: Row = {}
    if body.get("email"):
        changes["email"] = str(body["email"]).strip().lower()
    if body.get("password"):
        changes["encrypted_password"] = await accounts.hashed(str(body["password"]))
    if body.get("email_confirm"):
        changes["email_confirmed_at"] = row["email_confirmed_at"] or datetime.now(UTC)
    if isinstance(body.get("user_metadata"), dict):
        changes["raw_user_meta_data"] = Jsonb(row["raw_user_meta_data"] | body["user_metadata"])
    if isinstance(body.get("app_metadata"), dict):
        changes["raw_app_meta_data"] = Jsonb(row["raw_app_meta_data"] | body["app_metadata"])
    if body.get("ban_duration"):
        changes["banned_until"] = _until(str(body["ban_duration"]))
    if body.get("role"):
        changes["role"] = str(body["role"])
    return changes


def _until(duration: str) -> datetime | None:
    """The end of a ban that Go's duration syntax names, e.g. `100h` or `1h30m`; `none` ends it."""
    if duration == "none":
        return None
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|h|m|s)", duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise AuthError(400, "validation_failed", f"invalid format for ban duration: {duration}")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    try:
        return datetime.now(UTC) + timedelta(seconds=seconds)
    except OverflowError:  # Go's durations end after 292 years, ours with the year 9999
        return datetime.max.replace(tzinfo=UTC)


def _number(request: Request, name: str, otherwise: int) -> int:
    try:
        return int(request.query_params.get(name) or otherwise)
    except ValueError:
        text = f"Bad Pagination Parameters: {name}"
        raise AuthError(400, "validation_failed", text) from None
