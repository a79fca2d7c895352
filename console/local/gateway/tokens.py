"""Tokens and callers: who signs, who is asking, and as which database role the request runs."""

from __future__ import annotations

import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import ECAlgorithm
from starlette.requests import HTTPConnection

from console.local.gateway.config import ProjectKeys

ROLES: Final = frozenset({"anon", "authenticated", "service_role"})


class TokenError(Exception):
    """The token is not one of ours, or no longer valid; `expired` tells the two apart."""

    def __init__(self, message: str, *, expired: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.expired = expired


class KeyRefusedError(Exception):
    """The API key is missing, unknown, or a secret one in a browser: 401 at the gateway's door."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.body = {"message": message, "hint": hint}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a database role and the claims that policies read. A key alone has few claims."""

    role: str
    claims: dict[str, Any] = field(default_factory=dict)

    @property
    def user_id(self) -> str | None:
        """The auth user's id; None for a key."""
        subject = self.claims.get("sub")
        return subject if isinstance(subject, str) else None

    @property
    def expires_at(self) -> float | None:
        """Unix time at which the token ends; None when the caller is an opaque key."""
        expiry = self.claims.get("exp")
        return float(expiry) if isinstance(expiry, (int, float)) else None

    @property
    def is_service(self) -> bool:
        """Whether this is the service, whom row security does not bind."""
        return self.role == "service_role"


class Tokens:
    """Signs users' tokens and reads every kind of token and key of the project."""

    def __init__(self, keys: ProjectKeys) -> None:
        private = load_pem_private_key(keys.signing_key.encode(), password=None)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise TypeError("the signing key must be an elliptic-curve key")
        self._keys = keys
        self._private = private
        self._public = private.public_key()

    def sign(self, claims: dict[str, Any], *, symmetric: bool = False) -> str:
        """A user's access token: ES256, or as projects from before signing keys have it (HS256)."""
        if symmetric:
            return jwt.encode(claims, self._keys.jwt_secret, "HS256")
        header = {"kid": self._keys.signing_key_id}
        return jwt.encode(claims, self._private, "ES256", headers=header)

    def jwks(self) -> dict[str, Any]:
        """The public half, as `/.well-known/jwks.json` shows it."""
        key = json.loads(ECAlgorithm.to_jwk(self._public))
        about = {"kid": self._keys.signing_key_id, "alg": "ES256", "use": "sig"}
        return {"keys": [key | about | {"key_ops": ["verify"], "ext": True}]}

    def sign_url(self, claims: dict[str, Any], lifetime: float) -> str:
        """A token that rides in one of Storage's URLs. `lifetime` in seconds."""
        now = int(time.time())
        return jwt.encode(claims | {"iat": now, "exp": now + lifetime}, self._keys.jwt_secret)

    def read_url(self, token: str) -> dict[str, Any]:
        """The claims of a Storage URL's token. Raises TokenError."""
        claims = self._decode(token, self._keys.jwt_secret, "HS256")
        if "url" not in claims:
            raise TokenError("this token belongs to no URL")
        return claims

    def caller(self, token: str) -> Caller:
        """The caller that this key or token speaks for. Raises TokenError."""
        for known, known_role in (
            (self._keys.publishable_key, "anon"),
            (self._keys.secret_key, "service_role"),
        ):
            if hmac.compare_digest(token.encode(), known.encode()):
                return Caller(known_role, {"role": known_role})
        try:
            algorithm = jwt.get_unverified_header(token).get("alg")
        except jwt.PyJWTError as error:
            raise TokenError(f"invalid JWT: unable to parse or verify signature, {error}") from None
        if algorithm == "HS256":
            claims = self._decode(token, self._keys.jwt_secret, "HS256")
        else:
            claims = self._decode(token, self._public, "ES256")
        role = claims.get("role")
        if role not in ROLES:
            raise TokenError("invalid JWT: it names no role of this project")
        return Caller(str(role), claims)

    def is_key(self, key: str) -> bool:
        """Whether this is one of the project's four API keys."""
        keys = self._keys
        known = (keys.publishable_key, keys.secret_key, keys.anon_key, keys.service_role_key)
        return any([hmac.compare_digest(key.encode(), one.encode()) for one in known])

    def knock(self, connection: HTTPConnection) -> str:
        """Check the `apikey` of a request; the key. Raises KeyRefusedError."""
        key = connection.headers.get("apikey") or connection.query_params.get("apikey")
        if not key:
            raise KeyRefusedError(
                "No API key found in request", "No `apikey` request header or url param was found."
            )
        if not self.is_key(key):
            raise KeyRefusedError("Invalid API key", "Double check your API key.")
        if key == self._keys.secret_key and "Mozilla/" in connection.headers.get("user-agent", ""):
            raise KeyRefusedError(
                "Forbidden use of secret API key in browser",
                "Secret API keys can only be used in a protected environment and should never be"
                " used in a browser. Delete this secret API key immediately.",
            )
        return key

    def caller_of(self, connection: HTTPConnection, key: str) -> Caller:
        """Who a request speaks for: its bearer, or its key when it has none. Raises TokenError."""
        return self.caller(bearer(connection) or key)

    def _decode(self, token: str, key: Any, algorithm: str) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                options={"verify_aud": False, "require": ["exp"]},
            )
        except jwt.ExpiredSignatureError:
            raise TokenError("JWT expired", expired=True) from None
        except jwt.PyJWTError as error:
            raise TokenError(f"invalid JWT: unable to parse or verify signature, {error}") from None
        return claims


def bearer(connection: HTTPConnection) -> str | None:
    """The token of the Authorization header; None without one."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
