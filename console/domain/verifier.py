"""Whether a password is the right one, without keeping it: a slow hash with a salt of its own."""

from __future__ import annotations

import hashlib
import hmac
import secrets

# About a tenth of a second and 32 MB for each guess; it lies in the encrypted store besides.
_COST, _BLOCK, _LANES = 15, 8, 1
_MOST_COST = 20
_LONGEST = 1024  # characters of a password


def verifier(password: str) -> str:
    """What to keep. Slow on purpose: call it in a thread."""
    salt = secrets.token_bytes(16)
    return f"scrypt${_COST}${salt.hex()}${_hash(password, salt, _COST).hex()}"


def fits(kept: str, password: str) -> bool:
    """Whether `password` is the one of the verifier; False for one that cannot be read."""
    try:
        kind, cost, salt, wanted = kept.split("$")
        if kind != "scrypt" or not 0 < int(cost) <= _MOST_COST:
            return False
        found = _hash(password, bytes.fromhex(salt), int(cost))
        return hmac.compare_digest(found, bytes.fromhex(wanted))
    except ValueError:
        return False


def _hash(password: str, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(
        password[:_LONGEST].encode("utf-8", "surrogatepass"),
        salt=salt,
        n=1 << cost,
        r=_BLOCK,
        p=_LANES,
        maxmem=(128 * _BLOCK << cost) + (1 << 20),
        dklen=32,
    )
