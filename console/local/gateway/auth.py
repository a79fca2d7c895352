"""Auth: sign-in, refresh, codes by mail and a user's own account, as GoTrue answers them."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from psycopg.types.json import Jsonb
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from console.local.gateway import accounts
from console.local.gateway.accounts import AuthError, Row
from console.local.gateway.config import GatewayConfig
from console.local.gateway.database import Database, DatabaseAwayError
from console.local.gateway.mailbox import Mailbox
from console.local.gateway.misbehaviour import Misbehaviour
from console.local.gateway.tokens import Caller, TokenError, Tokens, bearer

ROLE = "supabase_auth_admin"
Handler = Callable[[Request], Awaitable[Response]]


class Auth:
    """A user's side of Auth. The Admin API is in `auth_admin`."""

    def __init__(
        self,
        config: GatewayConfig,
        database: Database,
        tokens: Tokens,
        mailbox: Mailbox,
        misbehaviour: Misbehaviour,
    ) -> None:
        self._config = config
        self._database = database
        self._tokens = tokens
        self._mailbox = mailbox
        self._misbehaviour = misbehaviour

    def routes(self) -> list[Route]:
        """Mounted under `/auth/v1`."""
        return [
            Route("/health", guarded(self._health)),
            Route("/.well-known/jwks.json", guarded(self._jwks)),
            Route("/token", guarded(self._token), methods=["POST"]),
            Route("/user", guarded(self._user), methods=["GET", "PUT"]),
            Route("/logout", guarded(self._logout), methods=["POST"]),
            Route("/recover", guarded(self._recover), methods=["POST"]),
            Route("/verify", guarded(self._verify), methods=["POST"]),
            Route("/signup", guarded(self._signup), methods=["POST"]),
        ]

    async def _health(self, _request: Request) -> Response:
        return JSONResponse({"name": "GoTrue", "description": "Balas's local stand-in"})

    async def _jwks(self, _request: Request) -> Response:
        published = {"keys": []} if self._misbehaviour.symmetric else self._tokens.jwks()
        return JSONResponse(published)

    async def _signup(self, _request: Request) -> Response:
        raise AuthError(422, "signup_disabled", "Signups not allowed for this instance")

    async def _token(self, request: Request) -> Response:
        body = await read_json(request)
        match request.query_params.get("grant_type"):
            case "password":
                return await self._password(body)
            case "refresh_token":
                return await self._refresh(str(body.get("refresh_token") or ""))
        raise AuthError(400, "validation_failed", "unsupported_grant_type")

    async def _password(self, body: Row) -> Response:
        async with self._database.transaction(ROLE) as connection:
            user = await accounts.by_email(connection, str(body.get("email") or ""))
        # Outside the transaction: the comparison is slow on purpose.
        if not await accounts.password_matches(user, str(body.get("password") or "")) or not user:
            raise AuthError(400, "invalid_credentials", "Invalid login credentials")
        accounts.refuse_banned(user)
        if user["email_confirmed_at"] is None:
            raise AuthError(400, "email_not_confirmed", "Email not confirmed")
        return await self._signed_in(user, "password")

    async def _refresh(self, token: str) -> Response:
        async with self._database.transaction(ROLE) as connection:
            following = await accounts.rotate(connection, token)
            if following:
                session, fresh = following
                user = await accounts.by_id(connection, str(session["user_id"]))
                accounts.refuse_banned(user)
                return self._session(user, session, fresh)
        text = "Invalid Refresh Token: Already Used"
        raise AuthError(400, "refresh_token_already_used", text)

    async def _signed_in(self, user: Row, method: str) -> Response:
        async with self._database.transaction(ROLE) as connection:
            session, token = await accounts.open_session(connection, user, method)
            user = await accounts.by_id(connection, str(user["id"]))
        return self._session(user, session, token)

    def _session(self, user: Row, session: Row, refresh_token: str) -> Response:
        now = int(time.time())
        lifetime = self._misbehaviour.token_lifetime or self._config.token_lifetime
        claims = {
            "iss": f"{self._config.url}/auth/v1",
            "sub": str(user["id"]),
            "aud": "authenticated",
            "role": user["role"],
            "iat": now,
            "exp": now + lifetime,
            "email": user["email"],
            "phone": "",
            "app_metadata": user["raw_app_meta_data"],
            "user_metadata": user["raw_user_meta_data"],
            "aal": session["aal"],
            "amr": session["amr"],
            "session_id": str(session["id"]),
            "is_anonymous": False,
        }
        return JSONResponse(
            {
                "access_token": self._tokens.sign(claims, symmetric=self._misbehaviour.symmetric),
                "token_type": "bearer",
                "expires_in": lifetime,
                "expires_at": now + lifetime,
                "refresh_token": refresh_token,
                "user": user_json(user),
            }
        )

    async def _user(self, request: Request) -> Response:
        caller = self._signed_in_caller(request)
        body = await read_json(request) if request.method == "PUT" else None
        async with self._database.transaction(ROLE) as connection:
            if not await accounts.session_exists(connection, caller.claims.get("session_id")):
                text = "Session from session_id claim in JWT does not exist"
                raise AuthError(403, "session_not_found", text)
            user = await accounts.by_id(connection, str(caller.user_id))
        if body is None:
            return JSONResponse(user_json(user))
        changes: Row = {}
        if body.get("password"):
            changes["encrypted_password"] = await self._new_password(user, body)
        if isinstance(body.get("data"), dict):
            changes["raw_user_meta_data"] = Jsonb(user["raw_user_meta_data"] | body["data"])
        if body.get("email") and str(body["email"]).lower() != user["email"]:
            raise AuthError(501, "not_supported", "The local gateway does not change addresses.")
        async with self._database.transaction(ROLE) as connection:
            user = await accounts.change(connection, user["id"], changes)
            if "encrypted_password" in changes:
                session = uuid.UUID(caller.claims["session_id"])
                await accounts.end_sessions(connection, user["id"], others_than=session)
        return JSONResponse(user_json(user))

    async def _new_password(self, user: Row, body: Row) -> str:
        password = str(body["password"])
        if await accounts.password_matches(user, password):
            text = "New password should be different from the old password."
            raise AuthError(422, "same_password", text)
        return await accounts.hashed(password)

    async def _logout(self, request: Request) -> Response:
        caller = self._signed_in_caller(request)
        scope = request.query_params.get("scope", "global")
        user_id = uuid.UUID(str(caller.user_id))
        own = uuid.UUID(str(caller.claims.get("session_id") or uuid.UUID(int=0)))
        async with self._database.transaction(ROLE) as connection:
            match scope:
                case "global":
                    await accounts.end_sessions(connection, user_id)
                case "local":
                    await accounts.end_sessions(connection, user_id, session_id=own)
                case "others":
                    await accounts.end_sessions(connection, user_id, others_than=own)
                case _:
                    raise AuthError(400, "validation_failed", f"Unsupported logout scope {scope}")
        return Response(status_code=204)

    async def _recover(self, request: Request) -> Response:
        body = await read_json(request)
        async with self._database.transaction(ROLE) as connection:
            user = await accounts.by_email(connection, str(body.get("email") or ""))
            if user is None:  # nobody learns from outside who has an account
                return JSONResponse({})
            code, _ = await accounts.new_code(connection, user, "recovery")
        self._mailbox.deliver(user["email"], "recovery", code)
        return JSONResponse({})

    async def _verify(self, request: Request) -> Response:
        body = await read_json(request)
        kinds = {
            "recovery": ["recovery"],
            "magiclink": ["recovery"],
            "email": ["confirmation", "recovery"],
            "invite": ["confirmation"],
            "signup": ["confirmation"],
        }.get(str(body.get("type")))
        if kinds is None:
            raise AuthError(400, "validation_failed", "Verify requires a verification type")
        digest = str(body.get("token_hash") or "")
        if not digest:
            digest = accounts.code_hash(str(body.get("email") or ""), str(body.get("token") or ""))
        async with self._database.transaction(ROLE) as connection:
            user = await accounts.take_code(connection, digest, kinds)
            accounts.refuse_banned(user)
        return await self._signed_in(user, "otp")

    def _signed_in_caller(self, request: Request) -> Caller:
        token = bearer(request)
        if not token:
            raise AuthError(401, "no_authorization", "This endpoint requires a Bearer token")
        caller = self._tokens.caller(token)
        if caller.user_id is None:
            raise AuthError(403, "bad_jwt", "invalid claim: missing sub claim")
        return caller


def guarded(handle: Handler) -> Handler:
    """Turn failures into GoTrue's answers."""

    async def endpoint(request: Request) -> Response:
        try:
            return await handle(request)
        except AuthError as error:
            return refusal(error)
        except TokenError as error:
            message = error.message
            if error.expired:
                message = "invalid JWT: unable to parse or verify signature, token is expired"
            return refusal(AuthError(403, "bad_jwt", message))
        except DatabaseAwayError:
            return refusal(AuthError(503, "unexpected_failure", "The database is away"))

    return endpoint


def refusal(error: AuthError) -> Response:
    """An error in the form of the API version 2024-01-01."""
    headers = {"x-supabase-api-version": "2024-01-01"}
    return JSONResponse(error.body, error.status, headers=headers)


async def read_json(request: Request) -> dict[str, Any]:
    """The JSON object of a request; an empty body is an empty object. Raises AuthError 400."""
    raw = await request.body()
    try:
        body = json.loads(raw) if raw else {}
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise AuthError(400, "bad_json", "Could not parse request body as JSON")
    return body


def user_json(row: Row) -> dict[str, Any]:
    """A user as the API shows it; times are RFC 3339."""

    def when(column: str) -> str | None:
        value = row[column]
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None

    shown: dict[str, Any] = {
        "id": str(row["id"]),
        "aud": row["aud"],
        "role": row["role"],
        "email": row["email"],
        "phone": row["phone"] or "",
        "app_metadata": row["raw_app_meta_data"],
        "user_metadata": row["raw_user_meta_data"],
        "identities": [_identity(row, when("created_at"), when("updated_at"))],
        "is_anonymous": False,
    }
    times = ["created_at", "updated_at", "email_confirmed_at", "last_sign_in_at"]
    times += ["recovery_sent_at", "invited_at", "banned_until"]
    shown |= {column: when(column) for column in times if row[column]}
    if row["email_confirmed_at"]:
        shown["confirmed_at"] = when("email_confirmed_at")
    return shown


def _identity(row: Row, created_at: str | None, updated_at: str | None) -> dict[str, Any]:
    user_id = str(row["id"])
    return {
        "identity_id": str(uuid.uuid5(row["id"], "email")),
        "id": user_id,
        "user_id": user_id,
        "identity_data": {"email": row["email"], "sub": user_id},
        "provider": "email",
        "created_at": created_at or datetime.now(UTC).isoformat(),
        "updated_at": updated_at,
        "email": row["email"],
    }
