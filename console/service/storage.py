"""Supabase Storage as the service uses it: copies go in, signed URLs come out, files go."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import IO, Any
from urllib.parse import quote

import httpx

from console.domain.errors import EnvironmentFaultError, ExpectedError
from console.service.config import Config

_STEP = 256 * 1024
_TIMEOUT = httpx.Timeout(connect=10, read=60, write=60, pool=30)


class StorageAwayError(EnvironmentFaultError):
    """Storage did not answer, or not well; trying again later is right."""


class FileMissingError(ExpectedError):
    """There is no such object in the bucket."""


class Storage:
    """The project's buckets, with the secret key."""

    def __init__(self, config: Config) -> None:
        self._base = f"{config.supabase_url}/storage/v1"
        self._client = httpx.AsyncClient(
            headers={"apikey": config.secret_key, "authorization": f"Bearer {config.secret_key}"},
            timeout=_TIMEOUT,
        )

    async def close(self) -> None:
        """Close idle connections."""
        await self._client.aclose()

    async def signed_url(self, bucket: str, path: str, *, seconds: int, name: str | None) -> str:
        """A URL that anybody may GET for `seconds`.

        `name` goes into Content-Disposition, where Twilio takes the file's name from.
        Raises FileMissingError, StorageAwayError.
        """
        answer = await self._send(
            "POST", f"/object/sign/{bucket}/{quote(path)}", json={"expiresIn": str(seconds)}
        )
        try:
            signed = str(answer.json()["signedURL"])
        except (ValueError, KeyError, TypeError) as error:
            raise StorageAwayError("Storage gave no signed URL.") from error
        url = self._base + (signed if signed.startswith("/") else f"/{signed}")
        return f"{url}&download={quote(name, safe='')}" if name else url

    async def upload(
        self, bucket: str, path: str, file: IO[bytes], *, size: int, content_type: str
    ) -> None:
        """Put a file of `size` bytes at `path`; one that is there already is replaced.

        Raises StorageAwayError.
        """

        async def steps() -> AsyncIterator[bytes]:
            file.seek(0)
            while step := file.read(_STEP):
                yield step

        await self._send(
            "POST",
            f"/object/{bucket}/{quote(path)}",
            content=steps(),
            headers={
                "content-type": content_type,
                "content-length": str(size),
                "cache-control": "max-age=31536000",
                "x-upsert": "true",
            },
        )

    async def remove(self, bucket: str, paths: Sequence[str]) -> int:
        """Delete these files; how many were there. Raises StorageAwayError."""
        try:
            answer = await self._send("DELETE", f"/object/{bucket}", json={"prefixes": list(paths)})
            return len(answer.json())
        except FileMissingError:
            return 0
        except (ValueError, TypeError) as error:
            raise StorageAwayError("Storage did not say what it deleted.") from error

    async def _send(
        self,
        method: str,
        place: str,
        *,
        json: dict[str, Any] | None = None,
        content: AsyncIterator[bytes] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        try:
            answer = await self._client.request(
                method, self._base + place, json=json, content=content, headers=headers
            )
        except httpx.HTTPError as error:
            raise StorageAwayError("Storage cannot be reached.", type(error).__name__) from error
        if answer.is_success:
            return answer
        # Storage answers 400 with "statusCode":"404" in the body for an object that is not there.
        if answer.status_code == 404 or '"404"' in answer.text[:500]:
            raise FileMissingError("The file is not in storage.")
        raise StorageAwayError("Storage refused this.", f"HTTP {answer.status_code}")
