"""What the gateway is told at its start: keys of the project, connections, where the bytes lie."""

from __future__ import annotations

import json
import os
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

_LEGACY_LIFETIME = 10 * 365 * 24 * 3600  # seconds, as hosted projects have it


@dataclass(frozen=True, slots=True)
class ProjectKeys:
    """The keys of one project, both generations; they stay the same over restarts."""

    publishable_key: str
    secret_key: str
    anon_key: str
    service_role_key: str
    jwt_secret: str  # signs the legacy keys, Storage's own URLs, and users' tokens when told to
    signing_key: str  # PEM of the EC key that signs users' tokens
    signing_key_id: str

    @classmethod
    def generate(cls) -> Self:
        """Fresh random keys."""
        jwt_secret = secrets.token_urlsafe(40)
        now = int(time.time())

        def legacy(role: str) -> str:
            claims = {"iss": "supabase", "ref": "local", "role": role, "iat": now}
            return jwt.encode(claims | {"exp": now + _LEGACY_LIFETIME}, jwt_secret, "HS256")

        private = ec.generate_private_key(ec.SECP256R1())
        pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return cls(
            publishable_key=f"sb_publishable_{secrets.token_urlsafe(24)}",
            secret_key=f"sb_secret_{secrets.token_urlsafe(24)}",
            anon_key=legacy("anon"),
            service_role_key=legacy("service_role"),
            jwt_secret=jwt_secret,
            signing_key=pem.decode(),
            signing_key_id=secrets.token_hex(8),
        )


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """Everything of one gateway process. Lies in a file that only its owner can read.

    `token_lifetime` is in seconds. `database` maps the login roles authenticator,
    supabase_auth_admin, supabase_storage_admin and supabase_realtime_admin to connection URLs.
    """

    keys: ProjectKeys
    database: dict[str, str]
    files: Path
    host: str = "127.0.0.1"
    port: int = 0
    token_lifetime: int = 3600

    @property
    def url(self) -> str:
        """The project URL, without a slash at its end."""
        return f"http://{self.host}:{self.port}"

    def save(self, path: Path) -> None:
        """Write the file for `load`; it replaces an older one in one step."""
        fresh = path.with_name(f"{path.name}.new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(self) | {"files": str(self.files)}, file)
        fresh.replace(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote."""
        raw = json.loads(path.read_text(encoding="utf-8"))
        raw["keys"] = ProjectKeys(**raw["keys"])
        raw["files"] = Path(raw["files"])
        return cls(**raw)
