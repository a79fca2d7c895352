"""The Supabase project: the secret key works, the buckets are there, private and writable."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

import httpx

from console.service.config import Config
from console.service.doctor.finding import Finding, Findings, RepairFailedError

BUCKETS = ("media", "attachments")
_TIMEOUT = 20.0
_KEY = "Take the secret key from Supabase, Settings, API keys: SUPABASE_SECRET_KEY."
_MIGRATE = "Run balas migrate."


def look(config: Config) -> list[Finding]:
    """Auth and Storage, with the secret key."""
    found = Findings("project")
    headers = {"apikey": config.secret_key, "authorization": f"Bearer {config.secret_key}"}
    try:
        with httpx.Client(
            base_url=config.supabase_url, headers=headers, timeout=_TIMEOUT
        ) as client:
            if _auth(client, found):
                for bucket in BUCKETS:
                    _bucket(config, client, found, bucket)
                _round_trip(f"{config.supabase_url}/storage/v1", client, found)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        words = f"{config.supabase_url} does not answer: {type(error).__name__} {error}".rstrip()
        fix = "Check SUPABASE_URL, and that the project is not paused (Supabase's dashboard)."
        found.wrong("project", words, fix)
    return found.all


def _auth(client: httpx.Client, found: Findings) -> bool:
    answer = client.get("/auth/v1/admin/users", params={"page": 1, "per_page": 1})
    if answer.status_code in (401, 403):
        found.wrong("secret key", "is refused.", _KEY)
        return False
    if not answer.is_success:
        said = f"Auth answers HTTP {answer.status_code}"
        found.wrong("Auth", said, "Look at the project's state in Supabase's dashboard.")
        return False
    found.well("secret key", "Auth lets it administer people")
    return True


def _bucket(config: Config, client: httpx.Client, found: Findings, name: str) -> None:
    answer = client.get(f"/storage/v1/bucket/{name}")
    if not answer.is_success:
        missing = answer.status_code == 404 or '"404"' in answer.text[:300]
        words = "is missing." if missing else f"Storage answers HTTP {answer.status_code}"
        found.wrong(f"bucket {name}", words, _MIGRATE if missing else "Try again later.")
        return
    bucket: dict[str, Any] = answer.json()
    if bucket.get("public"):
        words = "is public: whoever has a file's address can read it."
        repair = partial(_make_private, config, bucket)
        fix = "Make it private: Supabase, Storage, or balas doctor --fix."
        found.wrong(f"bucket {name}", words, fix, repair)
    else:
        found.well(f"bucket {name}", "there, and private")
    kinds = bucket.get("allowed_mime_types")
    if kinds:
        words = f"takes only {', '.join(map(str, kinds))}; customers send anything."
        found.note(f"bucket {name}", words, "Allow every type: Supabase, Storage, the bucket.")


def _make_private(config: Config, bucket: dict[str, Any]) -> None:
    body = {
        "public": False,
        "file_size_limit": bucket.get("file_size_limit"),
        "allowed_mime_types": bucket.get("allowed_mime_types"),
    }
    headers = {"apikey": config.secret_key, "authorization": f"Bearer {config.secret_key}"}
    url = f"{config.supabase_url}/storage/v1/bucket/{bucket['id']}"
    try:
        httpx.put(url, json=body, headers=headers, timeout=_TIMEOUT).raise_for_status()
    except httpx.HTTPError as error:
        raise RepairFailedError("Storage refused.", str(error)) from error


def _round_trip(base: str, client: httpx.Client, found: Findings) -> None:
    """Put a small file into the media bucket, read it by a signed URL, and take it out again."""
    content = secrets.token_bytes(32)
    path = f"media/doctor/{secrets.token_hex(8)}.bin"
    put = client.post(
        f"/storage/v1/object/{path}",
        content=content,
        headers={"content-type": "application/octet-stream"},
    )
    if not put.is_success:
        words = f"takes no file: HTTP {put.status_code}"
        found.wrong("Storage", words, "Look at the project's quota and state in the dashboard.")
        return
    try:
        signed = client.post(f"/storage/v1/object/sign/{path}", json={"expiresIn": "60"})
        place = str(signed.json().get("signedURL", "")) if signed.is_success else ""
        # As Twilio reads it: without a key.
        got = httpx.get(f"{base}{place}", timeout=_TIMEOUT) if place else None
    finally:
        client.delete(f"/storage/v1/object/{path}")
    if got is None or got.content != content:
        status = signed.status_code if got is None else got.status_code
        words = f"a file cannot be read by its signed URL: HTTP {status}"
        found.wrong("Storage", words, "Look at Storage's logs in Supabase's dashboard.")
    else:
        found.well("Storage", "a file went in, was read by its signed URL, and is gone again")
