"""The worker's round for privacy: erasures get their job, and what is past its time is deleted."""

from __future__ import annotations

import logging

from console import logs
from console.service.jobs.job import Tools
from console.service.storage import StorageAwayError

log = logging.getLogger("balas.privacy")

# In this order: files of deleted messages need no row of their own any more.
KINDS = ("messages", "media", "requests", "audit")
# Pieces of one kind in one run; what is left goes in the next, an hour later.
PIECES = 200

_KICK = "select private.kick_erasures()"
_DUE = "select private.take_round('retention', interval '1 hour')"
_RETAIN = "select private.retain(%s)"
_NOTE = "select private.note_retention(%s)"
_FILES = "select private.files_due()"
_GONE = "select private.files_gone(%s, %s)"


async def keep(tools: Tools) -> None:
    """One round; of several workers, one applies the retention in an hour.

    Raises DatabaseAwayError.
    """
    await tools.database.value(_KICK, within=15.0)
    if await tools.database.value(_DUE, within=5.0):
        await apply_retention(tools)


async def apply_retention(tools: Tools) -> dict[str, int]:
    """Delete what is past its time; how many rows of each kind, and files. Safe to repeat."""
    counts: dict[str, int] = {}
    for kind in KINDS:
        for _ in range(PIECES):
            gone = await tools.database.value(_RETAIN, (kind,), within=60.0)
            if not gone:
                break
            counts[kind] = counts.get(kind, 0) + gone
            if tools.stopping.is_set():
                break
    try:
        if files := await _delete_files(tools):
            counts["files"] = files
    except StorageAwayError as error:
        log.warning("files to be deleted wait for Storage", extra=logs.fields(why=error.text))
    if counts:
        await tools.database.value(_NOTE, (counts,), within=15.0)
        log.info("retention applied", extra=logs.fields(**counts))
    return counts


async def _delete_files(tools: Tools) -> int:
    deleted = 0
    before: object = None
    while (found := await tools.database.value(_FILES, within=30.0)) and found != before:
        before = found
        for bucket, paths in found.items():
            deleted += await tools.storage.remove(bucket, paths)
            await tools.database.value(_GONE, (bucket, paths), within=15.0)
        if tools.stopping.is_set():
            break
    return deleted
