"""Drafts: what stands in each conversation's composer, mirrored to the server by an intent."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from console.domain.ids import ConversationId, MessageId
from console.domain.intents import Attachment, Draft
from console.store import listing
from console.store.clock import Clock
from console.store.database import Database, Reading, Writing
from console.store.files import blob_from_bytes, blob_from_file, drop_unused, pieces
from console.store.times import micros

if TYPE_CHECKING:
    from console.domain.feed import DraftRow

# A mirror for a lost machine need not hear each key: the local copy is safe at once.
MIRROR_DELAY = timedelta(seconds=2)


def draft_of(reading: Reading, conversation_id: ConversationId) -> Draft | None:
    """The draft as kept. Its files' bytes lie in the store, whatever becomes of the originals."""
    row = reading.one(
        "select text, attachments, reply_to, note from drafts where conversation_id = ?",
        conversation_id,
    )
    if row is None:
        return None
    return Draft(
        conversation_id,
        row[0],
        tuple(Attachment(**item) for item in json.loads(row[1])),
        None if row[2] is None else MessageId(row[2]),
        row[3],
    )


def _is_empty(draft: Draft) -> bool:
    """A quote alone is nothing to keep."""
    return not (draft.text or draft.attachments or draft.note)


def is_same(one: Draft, other: Draft) -> bool:
    """Whether both are the same reply, whatever they quote and whatever note stands beside it."""
    return (one.text, one.attachments) == (other.text, other.attachments)


def keep_draft(writing: Writing, draft: Draft, now: int) -> None:
    """Write the draft (an empty one removes it) and the intent that mirrors it."""
    present = draft_of(writing, draft.conversation_id)
    if present == draft or (present is None and _is_empty(draft)):
        return
    kept = {item.kept for item in draft.attachments}
    gone = [item.kept for item in (present.attachments if present else ())]
    if not _is_empty(draft):
        writing.run(
            "insert or replace into drafts values (?, ?, ?, ?, ?, ?)",
            draft.conversation_id,
            draft.text,
            json.dumps([asdict(item) for item in draft.attachments]),
            now,
            draft.reply_to,
            draft.note,
        )
    else:
        writing.run("delete from drafts where conversation_id = ?", draft.conversation_id)
    writing.run(
        "insert into intents (kind, target, conversation_id, payload, created_at, due_at, version)"
        " values ('draft', ?1, ?1, '', ?2, ?3, ?4) on conflict (kind, target) do update set"
        " due_at = excluded.due_at, version = excluded.version, state = 'waiting', tries = 0",
        draft.conversation_id,
        now,
        now + MIRROR_DELAY // timedelta(microseconds=1),
        writing.version,
    )
    drop_unused(writing, [blob for blob in gone if blob is not None and blob not in kept])
    writing.drafts = True
    listing.refresh(writing, [draft.conversation_id])


def adopt_draft(writing: Writing, row: DraftRow) -> bool:
    """Take over what another machine of this agent wrote; False where that is nothing new.

    The files of a draft stay on the machine where they were attached; elsewhere their names say
    that there are some.
    """
    present = draft_of(writing, row.conversation_id) or Draft(row.conversation_id, "")
    files = _named(row.files, present.attachments)
    wanted = replace(
        present, text=row.text, note=row.note, reply_to=row.reply_to, attachments=files
    )
    if wanted == present:
        return False
    if not row.text and not row.note and not row.files:
        return forget_draft(writing, row.conversation_id)
    writing.run(
        "insert into drafts values (?, ?, ?, ?, ?, ?) on conflict (conversation_id) do update"
        " set text = excluded.text, attachments = excluded.attachments,"
        " updated_at = excluded.updated_at, reply_to = excluded.reply_to, note = excluded.note",
        row.conversation_id,
        row.text,
        json.dumps([asdict(item) for item in files]),
        micros(row.updated_at) or 0,
        row.reply_to,
        row.note,
    )
    writing.drafts = True
    return True


def _named(named: tuple[Attachment, ...], here: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    """The files that the server names, those that are here with their bytes; none of these goes."""
    rest = [item for item in here if not item.is_missing]
    found = []
    for item in named:
        what = (item.name, item.content_type, item.size)
        same = next((x for x in rest if (x.name, x.content_type, x.size) == what), None)
        if same is not None:
            rest.remove(same)
        found.append(same or item)
    return (*found, *rest)


def with_file(draft: Draft, attachment: Attachment, known: tuple[str, ...] = ()) -> Draft:
    """With a file in the place of one of its name, or of a `known` name, that has yet to be read or
    is not here, best of the same path; behind the others where there is none."""
    names = {attachment.name, *known}
    files = list(draft.attachments)
    waiting = (i for i, item in enumerate(files) if item.kept is None and item.name in names)
    place = min(waiting, key=lambda i: files[i].path != attachment.path, default=len(files))
    files[place : place + 1] = [attachment]
    return replace(draft, attachments=tuple(files))


def forget_draft(writing: Writing, conversation_id: ConversationId) -> bool:
    """Drop a draft and its files without telling the server; False where there was none."""
    present = draft_of(writing, conversation_id)
    if present is None:
        return False
    writing.run("delete from drafts where conversation_id = ?", conversation_id)
    drop_unused(writing, [item.kept for item in present.attachments if item.kept is not None])
    writing.drafts = True
    return True


class Drafts:
    """What the composer reads and writes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def get(self, conversation_id: ConversationId) -> Draft | None:
        """The draft, or None where there is none."""
        return await self._database.read(lambda reading: draft_of(reading, conversation_id))

    async def save(self, draft: Draft) -> None:
        """Keep the draft; it is on disk when this returns. An empty one is removed."""
        now = micros(self._clock.now())
        await self._database.write(lambda writing: keep_draft(writing, draft, now))

    async def take(self, attachment: Attachment, content: bytes | None = None) -> Attachment:
        """Copy a file's bytes into the store; the attachment as drafts and replies carry it.

        Without `content` they are read from `path`. What no draft or reply names by the next
        start is dropped then. Raises ExpectedError where the file cannot be read.
        """

        def work(writing: Writing) -> Attachment:
            if content is None:
                blob_id, size = blob_from_file(writing, attachment.path)
            else:
                blob_id, size = blob_from_bytes(writing, content)
            return replace(attachment, size=size, kept=blob_id)

        return await self._database.write(work)

    async def read(self, attachment: Attachment) -> bytes | None:
        """The bytes of a file that was taken in; None where the store no longer has them."""

        def work(reading: Reading) -> bytes | None:
            present = reading.value(
                "select 1 from blobs where id = ? and complete = 1", attachment.kept
            )
            return None if present is None else b"".join(pieces(reading, attachment.kept or 0))

        return await self._database.read(work)

    async def add(
        self,
        conversation_id: ConversationId,
        attachment: Attachment,
        known: tuple[str, ...] = (),
    ) -> None:
        """Put one more file into a draft that no composer shows now, as `with_file` does."""
        now = micros(self._clock.now())

        def work(writing: Writing) -> None:
            present = draft_of(writing, conversation_id) or Draft(conversation_id, "")
            keep_draft(writing, with_file(present, attachment, known), now)

        await self._database.write(work)
