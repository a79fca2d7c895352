"""Users, sessions, refresh tokens and one-time codes, in the tables of the schema auth."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from psycopg.types.json import Jsonb

from console.local.gateway.database import Connection

Row = dict[str, Any]

REUSE_INTERVAL: Final = timedelta(seconds=10)  # hosted: a just-used refresh token still answers
CODE_LIFETIME: Final = timedelta(hours=1)
# OWASP's second choice: 19 MiB, two passes. An unknown user costs as much time as a wrong password;
# theirs is written out, because to make one takes a tenth of the time of a start.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_NOBODY: Final = f"$argon2id$v=19$m=19456,t=2,p=1${'A' * 22}${'A' * 43}"


class AuthError(Exception):
    """An answer that is no success: `status`, GoTrue's `code` and a sentence."""

    def __init__(self, status: int, code: str, message: str, **more: object) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, **more}


async def password_matches(row: Row | None, password: str) -> bool:
    """Compare in a thread; as slow for an unknown user (None) as for a known one."""
    stored = (row or {}).get("encrypted_password") or _NOBODY

    def verify() -> bool:
        try:
            _HASHER.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not _NOBODY

    return await asyncio.to_thread(verify)


async def hashed(password: str) -> str:
    """The argon2id hash of a new password. Raises AuthError when it is too weak."""
    if len(password) < 6:
        reason = {"reasons": ["length"]}
        text = "Password should be at least 6 characters."
        raise AuthError(422, "weak_password", text, weak_password=reason)
    if len(password) > 72:  # hosted uses bcrypt
        text = "Password cannot be longer than 72 characters"
        raise AuthError(422, "validation_failed", text)
    return await asyncio.to_thread(_HASHER.hash, password)


async def by_email(connection: Connection, email: str) -> Row | None:
    """The user with this address, whatever its case."""
    cursor = await connection.execute(
        "select * from auth.users where lower(email) = lower(%s) and deleted_at is null",
        [email.strip()],
    )
    return await cursor.fetchone()


async def by_id(connection: Connection, user_id: str) -> Row:
    """The user. Raises AuthError 404."""
    try:
        key = uuid.UUID(user_id)
    except ValueError:
        text = "user_id must be an UUID"
        raise AuthError(404, "validation_failed", text) from None
    cursor = await connection.execute("select * from auth.users where id = %s", [key])
    row = await cursor.fetchone()
    if row is None:
        raise AuthError(404, "user_not_found", "User not found")
    return row


def refuse_banned(row: Row) -> None:
    """Raises AuthError when the user is shut out."""
    if row["banned_until"] and row["banned_until"] > datetime.now(UTC):
        raise AuthError(400, "user_banned", "User is banned")


async def create(connection: Connection, attributes: Row) -> Row:
    """A new user from the Admin API's attributes. Raises AuthError 422 for a taken address."""
    email = str(attributes.get("email") or "").strip().lower()
    if "@" not in email:
        raise AuthError(400, "validation_failed", "Cannot create a user without an email")
    if await by_email(connection, email):
        text = "A user with this email address has already been registered"
        raise AuthError(422, "email_exists", text)
    user_id = uuid.UUID(str(attributes.get("id") or uuid.uuid4()))
    metadata = attributes.get("user_metadata") or {}
    app_metadata = {"provider": "email", "providers": ["email"]}
    app_metadata |= attributes.get("app_metadata") or {}
    password = attributes.get("password")
    await connection.execute(
        "insert into auth.users (instance_id, id, aud, role, email, encrypted_password,"
        " email_confirmed_at, raw_app_meta_data, raw_user_meta_data)"
        " values (%s, %s, 'authenticated', %s, %s, %s, %s, %s, %s)",
        [
            uuid.UUID(int=0),
            user_id,
            attributes.get("role") or "authenticated",
            email,
            await hashed(str(password)) if password else "",
            datetime.now(UTC) if attributes.get("email_confirm") else None,
            Jsonb(app_metadata),
            Jsonb(metadata),
        ],
    )
    identity = {"sub": str(user_id), "email": email, "email_verified": False}
    await connection.execute(
        "insert into auth.identities (provider_id, user_id, identity_data, provider)"
        " values (%s, %s, %s, 'email')",
        [str(user_id), user_id, Jsonb(identity)],
    )
    return await by_id(connection, str(user_id))


async def change(connection: Connection, user_id: uuid.UUID, values: Row) -> Row:
    """Set columns of auth.users; the names come from this program, never from a request."""
    for column, value in values.items():
        if column not in _CHANGEABLE:
            raise KeyError(column)
        await connection.execute(_CHANGEABLE[column], [value, user_id])
    return await by_id(connection, str(user_id))


_CHANGEABLE: Final = {
    "email": "update auth.users set email = %s, updated_at = now() where id = %s",
    "encrypted_password": (
        "update auth.users set encrypted_password = %s, updated_at = now() where id = %s"
    ),
    "email_confirmed_at": (
        "update auth.users set email_confirmed_at = %s, updated_at = now() where id = %s"
    ),
    "recovery_sent_at": "update auth.users set recovery_sent_at = %s where id = %s",
    "last_sign_in_at": "update auth.users set last_sign_in_at = %s where id = %s",
    "banned_until": "update auth.users set banned_until = %s, updated_at = now() where id = %s",
    "role": "update auth.users set role = %s, updated_at = now() where id = %s",
    "raw_user_meta_data": (
        "update auth.users set raw_user_meta_data = %s, updated_at = now() where id = %s"
    ),
    "raw_app_meta_data": (
        "update auth.users set raw_app_meta_data = %s, updated_at = now() where id = %s"
    ),
}


async def open_session(connection: Connection, user: Row, method: str) -> tuple[Row, str]:
    """A new session and its first refresh token."""
    amr = [{"method": method, "timestamp": int(datetime.now(UTC).timestamp())}]
    cursor = await connection.execute(
        "insert into auth.sessions (id, user_id, amr) values (%s, %s, %s) returning *",
        [uuid.uuid4(), user["id"], Jsonb(amr)],
    )
    session = await cursor.fetchone()
    if session is None:
        raise LookupError("the new session is not there")
    await change(connection, user["id"], {"last_sign_in_at": datetime.now(UTC)})
    return session, await _new_token(connection, session, None)


async def rotate(connection: Connection, token: str) -> tuple[Row, str] | None:
    """The session of a refresh token and the token that follows it.

    None when the token was used before and is not the last but one: the whole session is ended
    then, because one of its two holders is a thief. Raises AuthError for an unknown token.
    """
    cursor = await connection.execute(
        "select rt.*, s.amr, s.aal from auth.refresh_tokens rt"
        " join auth.sessions s on s.id = rt.session_id where rt.token = %s for update",
        [token],
    )
    row = await cursor.fetchone()
    if row is None:
        text = "Invalid Refresh Token: Refresh Token Not Found"
        raise AuthError(400, "refresh_token_not_found", text)
    session = {"id": row["session_id"], "user_id": row["user_id"]}
    session |= {"amr": row["amr"], "aal": row["aal"]}
    if not row["revoked"]:
        await connection.execute(
            "update auth.refresh_tokens set revoked = true, updated_at = now() where id = %s",
            [row["id"]],
        )
        return session, await _new_token(connection, session, token)
    cursor = await connection.execute(
        "select token, parent from auth.refresh_tokens where session_id = %s and not revoked"
        " order by id desc limit 1",
        [row["session_id"]],
    )
    active = await cursor.fetchone()
    recent = datetime.now(UTC) - row["updated_at"] < REUSE_INTERVAL
    if active and (active["parent"] == token or recent):
        return session, active["token"]
    await end_sessions(connection, row["user_id"], session_id=row["session_id"])
    return None


async def end_sessions(
    connection: Connection,
    user_id: uuid.UUID,
    *,
    session_id: uuid.UUID | None = None,
    others_than: uuid.UUID | None = None,
) -> None:
    """End one session, all but one, or all of a user. Their refresh tokens go with them."""
    await connection.execute(
        "delete from auth.sessions where user_id = %s"
        " and (%s::uuid is null or id = %s) and (%s::uuid is null or id <> %s)",
        [user_id, session_id, session_id, others_than, others_than],
    )


async def session_exists(connection: Connection, session_id: str | None) -> bool:
    """Whether the session behind a token is still open."""
    if session_id is None:
        return False
    cursor = await connection.execute("select 1 from auth.sessions where id = %s", [session_id])
    return await cursor.fetchone() is not None


async def _new_token(connection: Connection, session: Row, parent: str | None) -> str:
    token = secrets.token_urlsafe(16)
    await connection.execute(
        "insert into auth.refresh_tokens (token, user_id, session_id, parent)"
        " values (%s, %s, %s, %s)",
        [token, session["user_id"], session["id"], parent],
    )
    return token


async def new_code(connection: Connection, user: Row, kind: str) -> tuple[str, str]:
    """A six-digit code for `kind` (recovery, confirmation) and its hash; the older one is void."""
    code = f"{secrets.randbelow(10**6):06d}"
    digest = code_hash(user["email"], code)
    await connection.execute(
        "insert into auth.one_time_tokens (user_id, token_type, token_hash) values (%s, %s, %s)"
        " on conflict (user_id, token_type) do update"
        " set token_hash = excluded.token_hash, created_at = now()",
        [user["id"], f"{kind}_token", digest],
    )
    await change(connection, user["id"], {"recovery_sent_at": datetime.now(UTC)})
    return code, digest


async def take_code(connection: Connection, digest: str, kinds: list[str]) -> Row:
    """The user of a code, which is spent by it. Raises AuthError 403."""
    cursor = await connection.execute(
        "delete from auth.one_time_tokens where token_hash = %s and token_type = any(%s)"
        " returning user_id, created_at",
        [digest, [f"{kind}_token" for kind in kinds]],
    )
    row = await cursor.fetchone()
    if row is None or row["created_at"] + CODE_LIFETIME < datetime.now(UTC):
        raise AuthError(403, "otp_expired", "Token has expired or is invalid")
    user = await by_id(connection, str(row["user_id"]))
    if user["email_confirmed_at"] is None:
        user = await change(connection, user["id"], {"email_confirmed_at": datetime.now(UTC)})
    return user


def code_hash(email: str, code: str) -> str:
    """What is stored of a code."""
    return hashlib.sha256(f"{email.strip().lower()}:{code.strip()}".encode()).hexdigest()
