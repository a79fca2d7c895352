"""Bytes of files in the encrypted store, in pieces; and the bounded cache of storage objects."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from datetime import timedelta

from console.domain.errors import ExpectedError
from console.store.bus import Wishes
from console.store.clock import Clock
from console.store.database import Database, Reading, Writing
from console.store.times import micros

PIECE = 256 * 1024  # bytes
DEFAULT_LIMIT = 512 * 1024 * 1024  # bytes of cached files, whole ones and halves
_TOUCH_EVERY = timedelta(hours=1) // timedelta(microseconds=1)


def _new_blob(writing: Writing) -> int:
    """A blob with nothing in it yet.

    Its number is drawn, not counted: SQLite gives the number of a deleted row away again, and a
    composer that still names the old file must never send another one in its place.
    """
    blob_id = secrets.randbits(62)
    writing.run("insert into blobs (id) values (?)", blob_id)
    return blob_id


def blob_from_bytes(writing: Writing, content: bytes) -> tuple[int, int]:
    """Keep a file that is in memory; its blob and its size in bytes."""
    blob_id = _new_blob(writing)
    writing.run("update blobs set size = ?, complete = 1 where id = ?", len(content), blob_id)
    writing.many(
        "insert into chunks values (?, ?, ?)",
        ((blob_id, at, content[at : at + PIECE]) for at in range(0, len(content), PIECE)),
    )
    return blob_id, len(content)


def blob_from_file(writing: Writing, path: str) -> tuple[int, int]:
    """Copy a file of this machine into the store; its blob and its size in bytes.

    Raises ExpectedError where the file cannot be read.
    """
    blob_id = _new_blob(writing)
    size = 0
    try:
        with open(path, "rb") as source:
            while piece := source.read(PIECE):
                writing.run("insert into chunks values (?, ?, ?)", blob_id, size, piece)
                size += len(piece)
    except OSError as error:
        raise ExpectedError(
            "The file cannot be read",
            f"{os.path.basename(path)}: {error.strerror or error}",
            fix="Remove the file from the reply, or attach it again.",
        ) from error
    writing.run("update blobs set size = ?, complete = 1 where id = ?", size, blob_id)
    return blob_id, size


def pieces(reading: Reading, blob_id: int) -> Iterator[bytes]:
    """The bytes of a blob in order."""
    for row in reading.each("select bytes from chunks where blob_id = ? order by at", blob_id):
        yield row[0]


_UNUSED = (
    " not exists (select 1 from media m where m.blob_id = blobs.id)"
    " and not exists (select 1 from files f where f.blob_id = blobs.id)"
    " and not exists (select 1 from drafts d, json_each(d.attachments) a"
    " where a.value ->> 'kept' = blobs.id)"
)


def drop_unused(writing: Writing, blob_ids: Iterable[int]) -> None:
    """Drop those of these blobs that no message, reply or draft has any more."""
    writing.many(f"delete from blobs where id = ? and {_UNUSED}", ((id,) for id in blob_ids))  # noqa: S608 - our own words only


def sweep(writing: Writing) -> None:
    """Drop what the last run took in and never came to use: a chip removed at once, a crash."""
    writing.run(f"delete from blobs where {_UNUSED}")  # noqa: S608 - our own words only


class Media:
    """Files of messages. What was downloaded once, or sent from here, needs no network."""

    def __init__(
        self, database: Database, wishes: Wishes, clock: Clock, limit: int = DEFAULT_LIMIT
    ) -> None:
        self._database = database
        self._wishes = wishes
        self._clock = clock
        self._limit = limit

    async def read(self, bucket: str, path: str) -> bytes | None:
        """The whole file, or None while we do not have all of it."""

        def work(reading: Reading) -> tuple[bytes, int] | None:
            row = reading.one(
                "select b.id, m.used_at from media m join blobs b on b.id = m.blob_id"
                " where m.bucket = ? and m.path = ? and b.complete = 1",
                bucket,
                path,
            )
            return None if row is None else (b"".join(pieces(reading, row[0])), row[1])

        found = await self._database.read(work)
        if found is None:
            return None
        content, used_at = found
        now = micros(self._clock.now())
        if now - used_at > _TOUCH_EVERY:
            await self._database.write(
                lambda writing: writing.run(
                    "update media set used_at = ? where bucket = ? and path = ?", now, bucket, path
                )
            )
        return content

    async def problem(self, bucket: str, path: str) -> str | None:
        """Why the last download failed, in words for a person; None when it did not."""
        return await self._database.read(
            lambda reading: reading.value(
                "select problem from media where bucket = ? and path = ?", bucket, path
            )
        )

    def want(self, bucket: str, path: str) -> None:
        """Ask for a download; announced as a change of this path, whichever way it ends."""
        self._wishes.want_media(bucket, path)

    async def begin(self, bucket: str, path: str) -> int | None:
        """How many bytes of the file are here already; None when all of them are."""

        def work(reading: Reading) -> int | None:
            row = reading.one(
                "select b.size, b.complete from media m join blobs b on b.id = m.blob_id"
                " where m.bucket = ? and m.path = ?",
                bucket,
                path,
            )
            if row is None:
                return 0
            return None if row[1] else int(row[0])

        return await self._database.read(work)

    async def append(self, bucket: str, path: str, at: int, piece: bytes) -> None:
        """Keep the piece that starts at byte `at`; 0 starts the file anew."""
        now = micros(self._clock.now())

        def work(writing: Writing) -> None:
            key = (bucket, path)
            blob_id = writing.value("select blob_id from media where bucket = ? and path = ?", *key)
            if blob_id is None:
                writing.run("insert into blobs default values")
                blob_id = writing.last_id
                writing.run(
                    "insert or replace into media values (?, ?, ?, ?, null)", *key, blob_id, now
                )
            if at == 0:
                writing.run("delete from chunks where blob_id = ?", blob_id)
            writing.run("insert into chunks values (?, ?, ?)", blob_id, at, piece)
            writing.run("update blobs set size = ? where id = ?", at + len(piece), blob_id)

        await self._database.write(work)

    async def finish(self, bucket: str, path: str, size: int) -> None:
        """All `size` bytes are here: show the file, and make room in the cache for it."""
        now = micros(self._clock.now())

        def work(writing: Writing) -> None:
            if size == 0:
                writing.run("insert into blobs default values")
                writing.run(
                    "insert or replace into media values (?, ?, ?, ?, null)",
                    bucket,
                    path,
                    writing.last_id,
                    now,
                )
            writing.run(
                "update blobs set complete = 1 where size = ? and id ="
                " (select blob_id from media where bucket = ? and path = ?)",
                size,
                bucket,
                path,
            )
            writing.run(
                "update media set problem = null, used_at = ? where bucket = ? and path = ?",
                now,
                bucket,
                path,
            )
            self._make_room(writing)
            writing.media.add(path)

        await self._database.write(work)

    async def fail(self, bucket: str, path: str, problem: str) -> None:
        """Say why the file is not here. What was downloaded so far stays for the next try."""
        now = micros(self._clock.now())

        def work(writing: Writing) -> None:
            writing.run(
                "insert into media values (?, ?, null, ?, ?) on conflict (bucket, path)"
                " do update set problem = excluded.problem",
                bucket,
                path,
                now,
                problem,
            )
            writing.media.add(path)

        await self._database.write(work)

    def _make_room(self, writing: Writing) -> None:
        """Drop what was used longest ago, but nothing that has yet to be sent."""
        total = writing.value(
            "select coalesce(sum(b.size), 0) from media m join blobs b on b.id = m.blob_id"
        )
        oldest = (
            writing.all(
                "select m.bucket, m.path, b.id, b.size"
                " from media m join blobs b on b.id = m.blob_id"
                " where not exists (select 1 from files f where f.blob_id = b.id)"
                " order by m.used_at"
            )
            if total > self._limit
            else []
        )
        for bucket, path, blob_id, size in oldest[:-1]:
            if total <= self._limit:
                break
            writing.run("delete from media where bucket = ? and path = ?", bucket, path)
            writing.run("delete from blobs where id = ?", blob_id)
            total -= size
