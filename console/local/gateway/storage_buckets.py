"""Storage's buckets: list, create, change, empty and delete, under the caller's row security."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from console.local.gateway import storage_rows as rows
from console.local.gateway.auth import read_json
from console.local.gateway.database import Connection, Database
from console.local.gateway.storage import guarded
from console.local.gateway.storage_files import Files, StorageError
from console.local.gateway.tokens import Caller, Tokens, bearer


class Buckets:
    """Usually asked with the secret key; agents see no buckets unless a policy says so."""

    def __init__(self, database: Database, tokens: Tokens, files: Files) -> None:
        self._database = database
        self._tokens = tokens
        self._files = files

    def routes(self) -> list[Route]:
        """Mounted under `/storage/v1`."""
        return [
            Route("/bucket", guarded(self._all), methods=["GET", "POST"]),
            Route("/bucket/{bucket}", guarded(self._one), methods=["GET", "PUT", "DELETE"]),
            Route("/bucket/{bucket}/empty", guarded(self._empty), methods=["POST"]),
        ]

    def _caller(self, request: Request) -> Caller:
        return self._tokens.caller(bearer(request) or request.headers.get("apikey") or "")

    async def _all(self, request: Request) -> Response:
        caller = self._caller(request)
        body = await read_json(request) if request.method == "POST" else {}
        async with self._database.acting_as(caller, method=request.method) as connection:
            if request.method == "POST":
                name = str(body.get("id") or body.get("name") or "")
                await connection.execute(
                    "insert into storage.buckets"
                    " (id, name, public, file_size_limit, allowed_mime_types)"
                    " values (%s, %s, %s, %s, %s)",
                    [name, name, *_options(body)],
                )
                return JSONResponse({"name": name})
            cursor = await connection.execute("select * from storage.buckets order by id")
            return JSONResponse([_shown(row) for row in await cursor.fetchall()])

    async def _one(self, request: Request) -> Response:
        caller = self._caller(request)
        body = await read_json(request) if request.method == "PUT" else {}
        async with self._database.acting_as(caller, method=request.method) as connection:
            row = await _find(connection, request)
            if request.method == "GET":
                return JSONResponse(_shown(row))
            if request.method == "PUT":
                await connection.execute(
                    "update storage.buckets set public = %s, file_size_limit = %s,"
                    " allowed_mime_types = %s, updated_at = now() where id = %s",
                    [*_options(body), row["id"]],
                )
                return JSONResponse({"message": "Successfully updated"})
            cursor = await connection.execute(
                "select 1 from storage.objects where bucket_id = %s limit 1", [row["id"]]
            )
            if await cursor.fetchone():
                text = "The bucket you tried to delete is not empty"
                raise StorageError(409, "InvalidRequest", text)
            await connection.execute("set local storage.allow_delete_query = 'true'")
            await connection.execute("delete from storage.buckets where id = %s", [row["id"]])
        return JSONResponse({"message": "Successfully deleted"})

    async def _empty(self, request: Request) -> Response:
        async with self._database.acting_as(self._caller(request), method="POST") as connection:
            row = await _find(connection, request)
            cursor = await connection.execute(
                "select name from storage.objects where bucket_id = %s", [row["id"]]
            )
            keys = [one["name"] for one in await cursor.fetchall()]
            removed = await rows.remove(connection, row["id"], keys)
        for one in removed:
            self._files.discard(one["version"])
        return JSONResponse({"message": "Successfully emptied"})


async def _find(connection: Connection, request: Request) -> rows.Row:
    cursor = await connection.execute(
        "select * from storage.buckets where id = %s", [request.path_params["bucket"]]
    )
    row = await cursor.fetchone()
    if row is None:
        raise StorageError(404, "Bucket not found", "Bucket not found")
    return row


def _options(body: dict[str, Any]) -> list[object]:
    limit = body.get("file_size_limit")
    return [
        bool(body.get("public")),
        int(limit) if limit is not None else None,
        body.get("allowed_mime_types"),
    ]


def _shown(row: rows.Row) -> dict[str, Any]:
    shown = rows.shown(row)
    return shown | {"owner": row["owner_id"] or "", "type": "STANDARD"}
