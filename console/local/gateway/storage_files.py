"""Bytes of Storage's objects on disk, and the refusals that Storage words in its own way."""

from __future__ import annotations

import json
import os
import re
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

GLOBAL_LIMIT: Final = 50 * 1024 * 1024  # bytes; the limit of hosted free projects
# Storage takes no other characters in a key; letters are ASCII letters.
# Source: https://supabase.com/docs/guides/storage/uploads/file-limits
_KEY: Final = re.compile(r"[\w/!\-.*'() &$@=;:+,?]*", re.ASCII)


class StorageError(Exception):
    """An answer that is no success.

    `status` is what the body says; over HTTP Storage answers 400 for all of them but 500 and
    above, which is documented as a legacy that clients rely on (supabase/storage issue 323).
    """

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"statusCode": str(status), "error": error, "message": message}


def refusal(error: StorageError) -> Response:
    """The answer for an error."""
    return JSONResponse(error.body, error.status if error.status >= 500 else 400)


def not_found() -> StorageError:
    """Missing, or hidden from this caller by row security: Storage does not say which."""
    return StorageError(404, "not_found", "Object not found")


def check_key(key: str) -> None:
    """Raises StorageError for a name that hosted Storage would refuse."""
    if (
        not key
        or not _KEY.fullmatch(key)
        or any(part in {"", ".", ".."} for part in key.split("/"))
    ):
        raise StorageError(400, "InvalidKey", f"Invalid key: {key}")


def encoded(bucket: str, key: str) -> str:
    """Bucket and key as they stand in a URL."""
    return quote(f"{bucket}/{key}", safe="/!-.*'()&$@=;:+,")


@dataclass(frozen=True, slots=True)
class Upload:
    """A body that has arrived whole and waits beside the store for its row to be committed."""

    waiting: Path
    version: uuid.UUID
    size: int
    content_type: str
    cache_control: str
    metadata: dict[str, Any] | None


class Files:
    """The bytes, one file for each version of an object, under names that no client chooses."""

    def __init__(self, folder: Path) -> None:
        self._objects = folder / "objects"
        self._arriving = folder / "arriving"
        for place in (self._objects, self._arriving):
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
        for leftover in self._arriving.iterdir():
            leftover.unlink(missing_ok=True)

    def path(self, version: str) -> Path:
        """Where the bytes of a version lie."""
        name = uuid.UUID(version).hex
        return self._objects / name[:2] / name

    @asynccontextmanager
    async def receive(self, request: Request, limit: int) -> AsyncIterator[Upload]:
        """Take in the body, multipart or raw. Raises StorageError 413 past `limit` bytes.

        What has not been kept with `keep` when the block ends is thrown away.
        """
        descriptor, name = tempfile.mkstemp(dir=self._arriving)
        waiting = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                upload = await self._fill(request, file, waiting, limit)
                file.flush()
                os.fsync(file.fileno())
            yield upload
        finally:
            with suppress(FileNotFoundError):
                os.unlink(name)

    async def _fill(self, request: Request, file: IO[bytes], waiting: Path, limit: int) -> Upload:
        kind = request.headers.get("content-type", "")
        cache_control = request.headers.get("cache-control", "no-cache")
        metadata: dict[str, Any] | None = None
        size = 0
        if kind.startswith("multipart/form-data"):
            async with request.form(max_files=1) as form:
                cache_control = f"max-age={form.get('cacheControl') or 3600}"
                metadata = _metadata(form.get("metadata"))
                sent = [part for part in form.values() if not isinstance(part, str)]
                if not sent:
                    raise StorageError(400, "invalid_request", "The body has no file")
                kind = sent[0].content_type or "text/plain"
                while chunk := await sent[0].read(256 * 1024):
                    size = _counted(size, chunk, limit)
                    file.write(chunk)
        else:
            kind = kind or "application/octet-stream"
            async for chunk in request.stream():
                size = _counted(size, chunk, limit)
                file.write(chunk)
        return Upload(waiting, uuid.uuid4(), size, kind, cache_control, metadata)

    def keep(self, upload: Upload) -> None:
        """Move the bytes to their place. Call it before the row is committed."""
        place = self.path(str(upload.version))
        place.parent.mkdir(exist_ok=True, mode=0o700)
        upload.waiting.replace(place)

    def copy(self, version: str) -> str:
        """Duplicate a version; the new one's name."""
        fresh = uuid.uuid4()
        place = self.path(str(fresh))
        place.parent.mkdir(exist_ok=True, mode=0o700)
        os.link(self.path(version), place)
        return str(fresh)

    def discard(self, version: str | None) -> None:
        """Delete the bytes of a version that no row names any more."""
        if version:
            with suppress(OSError, ValueError):
                self.path(version).unlink(missing_ok=True)


def check_type(content_type: str, allowed: list[str] | None) -> None:
    """Raises StorageError 415 when the bucket does not take this type."""
    plain = content_type.partition(";")[0].strip().lower()
    if not allowed:
        return
    for pattern in allowed:
        family, _, kind = pattern.partition("/")
        if pattern == plain or (kind == "*" and plain.startswith(f"{family}/")):
            return
    raise StorageError(415, "invalid_mime_type", f"mime type {plain} is not supported")


def _counted(size: int, chunk: bytes, limit: int) -> int:
    if size + len(chunk) > limit:
        text = "The object exceeded the maximum allowed size"
        raise StorageError(413, "Payload too large", text)
    return size + len(chunk)


def _metadata(raw: object) -> dict[str, Any] | None:
    if not isinstance(raw, str):
        return None
    with suppress(ValueError):
        parsed = json.loads(raw)
        return parsed if isinstance(parsed, dict) else None
    return None
