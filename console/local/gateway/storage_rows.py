"""The rows of Storage's objects and buckets, read and written under the caller's role."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from psycopg.types.json import Jsonb

from console.local.gateway.database import Connection, Database
from console.local.gateway.storage_files import Upload, not_found
from console.local.gateway.tokens import Caller

Row = dict[str, Any]
SERVER = "supabase_storage_admin"


async def bucket(database: Database, name: str) -> Row | None:
    """A bucket, whoever asks: as hosted, its existence is checked by the server itself."""
    async with database.transaction(SERVER) as connection:
        cursor = await connection.execute("select * from storage.buckets where id = %s", [name])
        return await cursor.fetchone()


async def find(connection: Connection, bucket_id: str, key: str) -> Row:
    """The object's row if this connection's role may see it. Raises StorageError 404."""
    cursor = await connection.execute(
        "select * from storage.objects where bucket_id = %s and name = %s", [bucket_id, key]
    )
    row = await cursor.fetchone()
    if row is None:
        raise not_found()
    return row


async def insert(
    connection: Connection, caller: Caller, bucket_id: str, key: str, upload: Upload
) -> None:
    """A new object; the insert policy decides. Without RETURNING, which would ask for select."""
    await connection.execute(
        "insert into storage.objects"
        " (id, bucket_id, name, owner, owner_id, version, metadata, user_metadata)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s)",
        [uuid.uuid4(), bucket_id, key, *_facts(caller, upload)],
    )


async def upsert(
    connection: Connection, caller: Caller, bucket_id: str, key: str, upload: Upload
) -> None:
    """A new object or a new version of it; needs the policies for insert, select and update."""
    await connection.execute(
        "insert into storage.objects"
        " (id, bucket_id, name, owner, owner_id, version, metadata, user_metadata)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s)"
        " on conflict (bucket_id, name) do update set"
        " version = excluded.version, metadata = excluded.metadata,"
        " user_metadata = excluded.user_metadata, owner = excluded.owner,"
        " owner_id = excluded.owner_id, updated_at = now()",
        [uuid.uuid4(), bucket_id, key, *_facts(caller, upload)],
    )


async def replace(
    connection: Connection, caller: Caller, bucket_id: str, key: str, upload: Upload
) -> None:
    """A new version of an object that is there. Raises StorageError 404."""
    cursor = await connection.execute(
        "update storage.objects set owner = %s, owner_id = %s, version = %s, metadata = %s,"
        " user_metadata = %s, updated_at = now() where bucket_id = %s and name = %s",
        [*_facts(caller, upload), bucket_id, key],
    )
    if cursor.rowcount == 0:
        raise not_found()


async def remove(connection: Connection, bucket_id: str, keys: list[str]) -> list[Row]:
    """Delete what this role may delete; the deleted rows."""
    await connection.execute("select set_config('storage.allow_delete_query', 'true', true)")
    cursor = await connection.execute(
        "delete from storage.objects where bucket_id = %s and name = any(%s) returning *",
        [bucket_id, keys],
    )
    return await cursor.fetchall()


async def listing(connection: Connection, bucket_id: str, body: Row) -> list[Row]:
    """One folder: its objects, and below it the folders as entries without an id."""
    prefix = str(body.get("prefix") or "").strip("/")
    base = f"{prefix}/" if prefix else ""
    search = str(body.get("search") or "").lower()
    cursor = await connection.execute(
        "select * from storage.objects where bucket_id = %s and starts_with(name, %s)",
        [bucket_id, base],
    )
    entries: dict[str, Row] = {}
    for row in await cursor.fetchall():
        name, slash, _ = row["name"].removeprefix(base).partition("/")
        if not name.lower().startswith(search):
            continue
        if slash:
            entries.setdefault(f"{name}/", {"name": name} | dict.fromkeys(_LISTED))
        else:
            entries[name] = {"name": name} | {one: plain(row[one]) for one in _LISTED}
    order = body.get("sortBy") or {}
    column = order.get("column") if order.get("column") in {"name", *_LISTED} else "name"
    ordered = sorted(
        entries.values(),
        key=lambda entry: (str(entry[column] or ""), entry["name"]),
        reverse=order.get("order") == "desc",
    )
    offset = int(body.get("offset") or 0)
    return ordered[offset : offset + int(body.get("limit") or 100)]


def info(row: Row) -> Row:
    """An object as `/object/info` shows it."""
    metadata = row["metadata"] or {}
    return {
        "id": str(row["id"]),
        "name": row["name"],
        "version": row["version"],
        "bucket_id": row["bucket_id"],
        "size": metadata.get("size"),
        "content_type": metadata.get("mimetype"),
        "cache_control": metadata.get("cacheControl"),
        "etag": metadata.get("eTag"),
        "last_modified": plain(row["updated_at"]),
        "created_at": plain(row["created_at"]),
        "metadata": row["user_metadata"],
    }


def shown(row: Row) -> Row:
    """A row with plain values, as lists and removals show it."""
    return {key: plain(value) for key, value in row.items() if key != "path_tokens"}


def plain(value: object) -> object:
    """JSON's form of a column."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(value) if isinstance(value, uuid.UUID) else value


_LISTED = ("id", "updated_at", "created_at", "last_accessed_at", "metadata")


def _facts(caller: Caller, upload: Upload) -> list[object]:
    owner = uuid.UUID(caller.user_id) if caller.user_id else None
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    metadata = {
        "eTag": f'"{upload.version.hex}"',
        "size": upload.size,
        "mimetype": upload.content_type,
        "cacheControl": upload.cache_control,
        "lastModified": now,
        "contentLength": upload.size,
        "httpStatusCode": 200,
    }
    own = Jsonb(upload.metadata) if upload.metadata is not None else None
    return [owner, caller.user_id, str(upload.version), Jsonb(metadata), own]
