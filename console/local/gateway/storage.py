"""Storage: objects by upload, download and signed URL, each under the caller's row security."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import errors
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from console.local.gateway import storage_rows as rows
from console.local.gateway.accounts import AuthError
from console.local.gateway.auth import read_json
from console.local.gateway.database import Database, DatabaseAwayError
from console.local.gateway.storage_files import (
    GLOBAL_LIMIT,
    Files,
    StorageError,
    check_key,
    check_type,
    encoded,
    not_found,
    refusal,
)
from console.local.gateway.tokens import Caller, TokenError, Tokens, bearer

Handler = Callable[[Request], Awaitable[Response]]
SERVICE = Caller("service_role", {"role": "service_role"})
_SIGNED_UPLOAD_LIFETIME = 2 * 3600  # seconds, as hosted


class Storage:
    """Objects. Buckets are in `storage_buckets`."""

    def __init__(self, database: Database, tokens: Tokens, files: Files) -> None:
        self._database = database
        self._tokens = tokens
        self._files = files

    def routes(self) -> list[Route]:
        """Mounted under `/storage/v1`; the order matters, fixed words come before buckets."""
        reading = ["GET", "HEAD"]
        bucket_key = "/{bucket}/{key:path}"
        return [
            Route("/object/move", guarded(self._move), methods=["POST"]),
            Route("/object/copy", guarded(self._copy), methods=["POST"]),
            Route(f"/object/upload/sign{bucket_key}", guarded(self._sign_upload), methods=["POST"]),
            Route(
                f"/object/upload/sign{bucket_key}", guarded(self._signed_upload), methods=["PUT"]
            ),
            Route(f"/object/sign{bucket_key}", guarded(self._sign), methods=["POST"]),
            Route(f"/object/sign{bucket_key}", guarded(self._signed), methods=reading),
            Route("/object/sign/{bucket}", guarded(self._sign_many), methods=["POST"]),
            Route("/object/list/{bucket}", guarded(self._list), methods=["POST"]),
            Route(f"/object/info{bucket_key}", guarded(self._info), methods=reading),
            Route(f"/object/public{bucket_key}", guarded(self._public), methods=reading),
            Route(f"/object/authenticated{bucket_key}", guarded(self._download), methods=reading),
            Route(f"/object{bucket_key}", guarded(self._download), methods=reading),
            Route(f"/object{bucket_key}", guarded(self._upload), methods=["POST", "PUT"]),
            Route(f"/object{bucket_key}", guarded(self._remove_one), methods=["DELETE"]),
            Route("/object/{bucket}", guarded(self._remove), methods=["DELETE"]),
        ]

    def _caller(self, request: Request) -> Caller:
        token = bearer(request) or request.headers.get("apikey")
        if not token:
            raise StorageError(
                403, "Unauthorized", "headers must have required property 'authorization'"
            )
        return self._tokens.caller(token)

    # Uploads -----------------------------------------------------------------------------------

    async def _upload(self, request: Request) -> Response:
        mode = "replace" if request.method == "PUT" else "insert"
        if request.headers.get("x-upsert") == "true" and request.method == "POST":
            mode = "upsert"
        return await self._store(request, self._caller(request), mode)

    async def _signed_upload(self, request: Request) -> Response:
        bucket, key = _place(request)
        claims = self._url_claims(request, f"{bucket}/{key}")
        owner = str(claims.get("owner") or "")
        caller = Caller(
            "service_role", {"role": "service_role", **({"sub": owner} if owner else {})}
        )
        return await self._store(request, caller, "upsert" if claims.get("upsert") else "insert")

    async def _store(self, request: Request, caller: Caller, mode: str) -> Response:
        name, key = _place(request)
        check_key(key)
        bucket = await self._bucket(name)
        limit = min(bucket["file_size_limit"] or GLOBAL_LIMIT, GLOBAL_LIMIT)
        write = {"insert": rows.insert, "upsert": rows.upsert, "replace": rows.replace}[mode]
        async with self._files.receive(request, limit) as upload:
            check_type(upload.content_type, bucket["allowed_mime_types"])
            before = await self._version(name, key)
            async with self._database.acting_as(caller, method=request.method) as connection:
                await write(connection, caller, name, key, upload)
                self._files.keep(upload)  # before the commit: a row never lacks its bytes
        if before:
            self._files.discard(before)
        async with self._database.transaction(rows.SERVER) as connection:
            row = await rows.find(connection, name, key)
        return JSONResponse({"Key": f"{name}/{key}", "Id": str(row["id"])})

    async def _sign_upload(self, request: Request) -> Response:
        name, key = _place(request)
        check_key(key)
        await self._bucket(name)
        caller = self._caller(request)
        upsert = request.headers.get("x-upsert") == "true"
        async with (
            self._database.acting_as(caller, method="POST") as connection,
            connection.transaction(force_rollback=True),  # only the policy is asked
        ):
            await connection.execute(
                "insert into storage.objects (bucket_id, name, owner_id) values (%s, %s, %s)",
                [name, key, caller.user_id],
            )
        claims = {"url": f"{name}/{key}", "upsert": upsert, "owner": caller.user_id}
        token = self._tokens.sign_url(claims, _SIGNED_UPLOAD_LIFETIME)
        url = f"/object/upload/sign/{encoded(name, key)}?token={token}"
        return JSONResponse({"url": url, "token": token})

    # Downloads ---------------------------------------------------------------------------------

    async def _download(self, request: Request) -> Response:
        return self._bytes(request, await self._row(request, self._caller(request)))

    async def _public(self, request: Request) -> Response:
        bucket = await self._bucket(request.path_params["bucket"])
        if not bucket["public"]:
            raise StorageError(404, "Bucket not found", "Bucket not found")
        return self._bytes(request, await self._row(request, SERVICE))

    async def _sign(self, request: Request) -> Response:
        name, key = _place(request)
        body = await read_json(request)
        if body.get("transform"):
            text = "The local gateway does not transform images."
            raise StorageError(501, "not_supported", text)
        await self._row(request, self._caller(request))
        return JSONResponse({"signedURL": self._signed_url(name, key, _lifetime(body))})

    async def _sign_many(self, request: Request) -> Response:
        name = request.path_params["bucket"]
        body = await read_json(request)
        lifetime = _lifetime(body)
        answers: list[dict[str, Any]] = []
        async with self._database.acting_as(self._caller(request)) as connection:
            for key in [str(one) for one in body.get("paths") or []]:
                answer: dict[str, Any] = {"error": None, "path": key, "signedURL": None}
                try:
                    await rows.find(connection, name, key)
                    answer["signedURL"] = self._signed_url(name, key, lifetime)
                except StorageError:
                    answer["error"] = (
                        "Either the object does not exist or you do not have access to it"
                    )
                answers.append(answer)
        return JSONResponse(answers)

    async def _signed(self, request: Request) -> Response:
        bucket, key = _place(request)
        self._url_claims(request, f"{bucket}/{key}")
        return self._bytes(request, await self._row(request, SERVICE))

    async def _info(self, request: Request) -> Response:
        return JSONResponse(rows.info(await self._row(request, self._caller(request))))

    def _bytes(self, request: Request, row: rows.Row) -> Response:
        """The file; Starlette answers Range, If-Range and HEAD."""
        metadata = row["metadata"] or {}
        path = self._files.path(row["version"]) if row["version"] else None
        if path is None or not path.exists():
            raise not_found()
        headers = {
            "cache-control": metadata.get("cacheControl") or "no-cache",
            "etag": metadata.get("eTag") or f'"{row["version"]}"',
            "x-robots-tag": "none",
        }
        if "download" in request.query_params:
            wanted = request.query_params["download"]
            headers["content-disposition"] = "attachment"
            if wanted:
                plain = quote(wanted, safe="")
                headers["content-disposition"] += f"; filename={plain}; filename*=UTF-8''{plain}"
        return FileResponse(path, headers=headers, media_type=metadata.get("mimetype"))

    # Everything else ---------------------------------------------------------------------------

    async def _list(self, request: Request) -> Response:
        body = await read_json(request)
        async with self._database.acting_as(self._caller(request)) as connection:
            return JSONResponse(await rows.listing(connection, request.path_params["bucket"], body))

    async def _remove(self, request: Request) -> Response:
        body = await read_json(request)
        keys = [str(key) for key in body.get("prefixes") or []]
        removed = await self._removed(request, keys)
        return JSONResponse([rows.shown(row) for row in removed])

    async def _remove_one(self, request: Request) -> Response:
        if not await self._removed(request, [_place(request)[1]]):
            raise not_found()
        return JSONResponse({"message": "Successfully deleted"})

    async def _removed(self, request: Request, keys: list[str]) -> list[rows.Row]:
        caller = self._caller(request)
        async with self._database.acting_as(caller, method="DELETE") as connection:
            removed = await rows.remove(connection, request.path_params["bucket"], keys)
        for row in removed:
            self._files.discard(row["version"])
        return removed

    async def _move(self, request: Request) -> Response:
        source, target, caller = await self._two_places(request)
        async with self._database.acting_as(caller, method="POST") as connection:
            row = await rows.find(connection, *source)
            cursor = await connection.execute(
                "update storage.objects set bucket_id = %s, name = %s, updated_at = now()"
                " where id = %s",
                [*target, row["id"]],
            )
            if cursor.rowcount == 0:
                raise not_found()
        return JSONResponse({"message": "Successfully moved", "Id": str(row["id"])})

    async def _copy(self, request: Request) -> Response:
        source, target, caller = await self._two_places(request)
        async with self._database.acting_as(caller, method="POST") as connection:
            row = await rows.find(connection, *source)
            version = self._files.copy(row["version"])
            await connection.execute(
                "insert into storage.objects"
                " (bucket_id, name, owner, owner_id, version, metadata, user_metadata)"
                " select %s, %s, auth.uid(), auth.uid()::text, %s, metadata, user_metadata"
                " from storage.objects where id = %s",
                [*target, version, row["id"]],
            )
        return JSONResponse({"Key": "/".join(target)})

    async def _two_places(
        self, request: Request
    ) -> tuple[tuple[str, str], tuple[str, str], Caller]:
        body = await read_json(request)
        bucket = str(body.get("bucketId") or "")
        target = str(body.get("destinationBucket") or bucket)
        key = str(body.get("destinationKey") or "")
        check_key(key)
        await self._bucket(target)
        return (bucket, str(body.get("sourceKey") or "")), (target, key), self._caller(request)

    async def _row(self, request: Request, caller: Caller) -> rows.Row:
        async with self._database.acting_as(caller) as connection:
            return await rows.find(connection, *_place(request))

    async def _version(self, name: str, key: str) -> str | None:
        async with self._database.transaction(rows.SERVER) as connection:
            try:
                return str((await rows.find(connection, name, key))["version"] or "") or None
            except StorageError:
                return None

    async def _bucket(self, name: str) -> rows.Row:
        bucket = await rows.bucket(self._database, name)
        if bucket is None:
            raise StorageError(404, "Bucket not found", "Bucket not found")
        return bucket

    def _signed_url(self, name: str, key: str, lifetime: float) -> str:
        token = self._tokens.sign_url({"url": f"{name}/{key}"}, lifetime)
        return f"/object/sign/{encoded(name, key)}?token={token}"

    def _url_claims(self, request: Request, url: str) -> dict[str, Any]:
        claims = self._tokens.read_url(request.query_params.get("token") or "")
        if claims["url"] != url:
            raise StorageError(400, "InvalidSignature", "The url do not match the signature")
        return claims


def guarded(handle: Handler) -> Handler:
    """Turn failures into Storage's answers."""

    async def endpoint(request: Request) -> Response:
        try:
            return await handle(request)
        except StorageError as error:
            return refusal(error)
        except TokenError as error:
            message = '"exp" claim timestamp check failed' if error.expired else error.message
            status = 400 if "token" in request.query_params else 403
            kind = "InvalidJWT" if status == 400 else "Unauthorized"
            return refusal(StorageError(status, kind, message))
        except AuthError as error:
            return refusal(StorageError(400, "invalid_request", str(error)))
        except DatabaseAwayError:
            return refusal(StorageError(503, "database_away", "The database is away"))
        except errors.UniqueViolation:
            return refusal(StorageError(409, "Duplicate", "The resource already exists"))
        except errors.InsufficientPrivilege as error:
            text = error.diag.message_primary or "access denied"
            return refusal(StorageError(403, "Unauthorized", text))
        except psycopg.Error as error:
            return refusal(StorageError(500, "DatabaseError", str(error.diag.message_primary)))
        except ClientDisconnect:
            return Response(status_code=499)

    return endpoint


def _place(request: Request) -> tuple[str, str]:
    return request.path_params["bucket"], request.path_params["key"]


def _lifetime(body: dict[str, Any]) -> float:
    """Seconds; the client sends them as a string."""
    try:
        lifetime = float(body.get("expiresIn") or 0)
    except (TypeError, ValueError):
        lifetime = 0
    if lifetime < 1:
        text = "body/expiresIn must be >= 1"
        raise StorageError(400, "invalid_request", text)
    return lifetime
