"""Files up and down, with progress and cancellation; downloads go on where they stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable
from urllib.parse import quote

import httpx
from supabase import AsyncClient

from console.domain.errors import OfflineError
from console.remote.auth import Auth
from console.remote.errors import from_storage_status, translated

PIECE = 256 * 1024  # bytes
_SIGNED_FOR = 300  # seconds; a download that takes longer signs again when it resumes
# A piece must move within this time; the whole file may take as long as the line needs.
_STALL = httpx.Timeout(15.0, read=30.0, write=60.0)
_SIGN_TIMEOUT = 20.0


class Files:
    """Storage objects, as the agent's policies allow. Cancel the task to stop a transfer."""

    def __init__(self, client: AsyncClient, http: httpx.AsyncClient, auth: Auth) -> None:
        self._client = client
        self._http = http
        self._auth = auth
        self._base = str(client.storage_url).rstrip("/")

    async def _headers(self, stale: str | None = None) -> dict[str, str]:
        token = await self._auth.token(stale=stale)
        return {"apikey": self._client.supabase_key, "authorization": f"Bearer {token}"}

    async def upload(
        self,
        bucket: str,
        path: str,
        pieces: Callable[[], AsyncIterable[bytes]],
        size: int,
        content_type: str,
        progress: Callable[[int], None],
    ) -> None:
        """Put a file in its place; one that is there already counts as done.

        `pieces()` gives the bytes from the start, each time it is called; `progress` hears how
        many have left. Raises RefusedError (type, size, rights) or EnvironmentFaultError.
        """
        headers = await self._headers()
        response = await self._put(bucket, path, pieces, size, content_type, progress, headers)
        if response.status_code == 401 or _says(response, 403, "jwt"):
            headers = await self._headers(stale=headers["authorization"].removeprefix("Bearer "))
            response = await self._put(bucket, path, pieces, size, content_type, progress, headers)
        status = _status(response)
        # The name holds the message's id: what lies there is an earlier try of ours.
        if response.is_success or status == 409:
            return
        raise from_storage_status(status, _words(response))

    async def _put(
        self,
        bucket: str,
        path: str,
        pieces: Callable[[], AsyncIterable[bytes]],
        size: int,
        content_type: str,
        progress: Callable[[int], None],
        headers: dict[str, str],
    ) -> httpx.Response:
        async def body() -> AsyncIterator[bytes]:
            left = 0
            async for piece in pieces():
                yield piece
                left += len(piece)
                progress(left)

        with translated():
            return await self._http.post(
                f"{self._base}/object/{bucket}/{quote(path)}",
                content=body(),
                headers={
                    **headers,
                    "content-type": content_type,
                    "content-length": str(size),
                    "x-upsert": "false",
                },
                timeout=_STALL,
            )

    async def download(
        self, bucket: str, path: str, start: int
    ) -> AsyncIterator[tuple[int, bytes]]:
        """The file's pieces from byte `start` on, as (place, bytes).

        Where the server cannot go on from `start`, the first place is 0 and all comes again.
        Ends only when every byte has come; raises OfflineError when the line breaks before.
        """
        url = await self._sign(bucket, path)
        with translated():
            headers = {"accept-encoding": "identity"}
            if start:
                headers["range"] = f"bytes={start}-"
            async with self._http.stream(
                "GET", url, headers=headers, timeout=_STALL, follow_redirects=True
            ) as response:
                if response.status_code == 416 and start:
                    total = response.headers.get("content-range", "").rpartition("/")[2]
                    if total == str(start):
                        return
                    raise OfflineError("The file changed", "It is fetched again from its start.")
                if not response.is_success:
                    await response.aread()
                    raise from_storage_status(_status(response), _words(response))
                at = start if response.status_code == 206 else 0
                wanted = response.headers.get("content-length")
                end = at + int(wanted) if wanted is not None else None
                # As it comes off the wire: what is kept must be what the length counts.
                async for piece in response.aiter_bytes(PIECE):
                    yield at, piece
                    at += len(piece)
                if end is not None and at != end and "content-encoding" not in response.headers:
                    raise OfflineError("The line broke", "The rest of the file is fetched later.")

    async def _sign(self, bucket: str, path: str) -> str:
        """A short-lived URL of one object."""
        response = await self._ask_signature(bucket, path, await self._headers())
        if response.status_code == 401 or _says(response, 403, "jwt"):
            stale = response.request.headers["authorization"].removeprefix("Bearer ")
            response = await self._ask_signature(bucket, path, await self._headers(stale))
        if not response.is_success:
            raise from_storage_status(_status(response), _words(response))
        signed = str(response.json()["signedURL"])
        return f"{self._base}{signed}"

    async def _ask_signature(
        self, bucket: str, path: str, headers: dict[str, str]
    ) -> httpx.Response:
        with translated():
            async with asyncio.timeout(_SIGN_TIMEOUT):
                return await self._http.post(
                    f"{self._base}/object/sign/{bucket}/{quote(path)}",
                    json={"expiresIn": str(_SIGNED_FOR)},
                    headers=headers,
                )


def _body(response: httpx.Response) -> dict[str, object]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _status(response: httpx.Response) -> int:
    """Storage names the true status in its body and may answer 400 on the wire."""
    named = str(_body(response).get("statusCode") or "")
    return int(named) if named.isdigit() else response.status_code


def _words(response: httpx.Response) -> str:
    return str(_body(response).get("message") or response.reason_phrase)


def _says(response: httpx.Response, status: int, word: str) -> bool:
    if response.is_success or _status(response) != status:
        return False
    return word in _words(response).lower()
