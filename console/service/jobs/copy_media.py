"""Copies the files of an inbound message from Twilio into our own bucket.

Twilio's copy is not ours to keep. Until a file is here its element of `messages.media` says
`pending`, with the reason of the last failure in `error`; then `stored` with its place, or `failed`
with a code of `console.domain.file_faults`. A file that does not come is tried for days, less and
less often; one that Twilio says it does not have, for hours: it may only not be there yet.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from console import logs
from console.domain.files import object_path
from console.domain.ids import ConversationId, MessageId
from console.service.fetch import FetchError, NeverFetchError
from console.service.file_types import HEAD, default_name, true_type
from console.service.jobs.job import DATABASE_SECONDS, Job, Run, Tools, TryLaterError, backoff
from console.service.partial import Partial
from console.service.storage import FileMissingError, StorageAwayError

log = logging.getLogger("balas.media")

# Seconds from the first try, after which a file is given up. Twilio's media is there within
# seconds of the message; an outage, a wrong key or a full bucket is put right within days.
GONE_AFTER, LOST_AFTER = 2 * 3600.0, 7 * 24 * 3600.0
LEAST_TRIES = 8
LONGEST_PAUSE = 3600.0

_MESSAGE = """
select jsonb_build_object(
  'conversation_id', m.conversation_id, 'content', m.content, 'media', m.media)
from public.messages m where m.id = %s
"""
_RECORD = "select private.record_media(%s, %s, %s)"
_TRIED = "select private.media_tried(%s, %s, %s)"

_PAGE = "text/html"

# WhatsApp puts a document's file name where the text would be.
_FILE_NAME = re.compile(r"[^\r\n/\\]{1,150}\.[A-Za-z0-9]{1,5}")


async def copy_all(tools: Tools, run: Run) -> None:
    """Copy every file that is still pending; try again later for those that would not come."""
    message = await tools.database.value(_MESSAGE, (run.message_id,), within=DATABASE_SECONDS)
    if message is None:
        return
    waits: list[float] = []
    for index, item in enumerate(message["media"]):
        if item.get("state") != "pending" or not item.get("url"):
            continue
        try:
            element = await _copy(tools, run, message, index, item)
        except NeverFetchError as error:
            element = {"state": "failed", "error": error.code}
        except (FetchError, StorageAwayError, FileMissingError) as error:
            code = error.code if isinstance(error, FetchError) else "storage"
            tried = await tools.database.value(
                _TRIED, (run.message_id, index, code), within=DATABASE_SECONDS
            )
            log.warning(
                "a file did not come",
                extra=logs.fields(message_id=run.message_id, index=index, why=code, **tried),
            )
            if not _is_lost(code, tried["tries"], tried["seconds"]):
                waits.append(backoff(tried["tries"] - 1, longest=LONGEST_PAUSE))
                continue
            element = {"state": "failed", "error": code}
        await tools.database.value(
            _RECORD, (run.message_id, index, element), within=DATABASE_SECONDS
        )
        log.info(
            "file done",
            extra=logs.fields(message_id=run.message_id, index=index, state=element["state"]),
        )
    if waits:
        raise TryLaterError(min(waits))


def _is_lost(code: str, tries: int, seconds: float) -> bool:
    """Whether a file is dead for good, so long after its first try."""
    return tries >= LEAST_TRIES and seconds >= (GONE_AFTER if code == "not_found" else LOST_AFTER)


async def _copy(
    tools: Tools, run: Run, message: Mapping[str, Any], index: int, item: Mapping[str, Any]
) -> dict[str, Any]:
    """The element of a file that is in our bucket now; what came in part is kept for later."""
    key = (run.message_id, index)
    partial = tools.fetcher.partials.take(key)
    try:
        element = await _copy_rest(tools, run, message, index, item, partial)
    except BaseException:
        tools.fetcher.partials.keep(key, partial)
        raise
    partial.close()
    return element


async def _copy_rest(
    tools: Tools,
    run: Run,
    message: Mapping[str, Any],
    index: int,
    item: Mapping[str, Any],
    partial: Partial,
) -> dict[str, Any]:
    fetched = await tools.fetcher.fetch(item["url"], partial)
    file = partial.file
    file.seek(0)
    declared = str(item.get("content_type") or fetched.content_type or "")
    content_type = true_type(declared, file.read(HEAD))
    if content_type == _PAGE and not declared.startswith(_PAGE) and _is_page(fetched.content_type):
        partial.restart()  # of somebody in between: a proxy that asks to sign in, a page of errors
        raise FetchError("wrong_type")
    name = item.get("name") or fetched.name
    text = (message["content"] or "").strip()
    if name is None and content_type.startswith(("application/", "text/")):
        name = text if _FILE_NAME.fullmatch(text) else None
    path = object_path(
        ConversationId(message["conversation_id"]),
        MessageId(str(run.message_id)),
        index,
        name or default_name(content_type),
    )
    await tools.storage.upload("media", path, file, size=fetched.size, content_type=content_type)
    return {
        "bucket": "media",
        "path": path,
        "content_type": content_type,
        "name": name,
        "size": fetched.size,
        "state": "stored",
        "error": None,
    }


def _is_page(answered: str | None) -> bool:
    return (answered or "").startswith(_PAGE)


def _retry_after(attempts: int) -> float:
    """Whatever else went wrong (the database, mostly): always again."""
    return backoff(attempts, longest=60.0)


JOB = Job(name="copy_media", queue="media", body=copy_all, retry_after=_retry_after)
