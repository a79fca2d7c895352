"""Taking things out of the store: what the server deleted, and inboxes this agent has left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from console.domain.ids import ConversationId, InboxId
from console.store import people
from console.store.database import Writing
from console.store.drafts import forget_draft
from console.store.records import KINDS, delete_records
from console.store.threads import drop_row, drop_thread

# Tables whose rows simply go, by the name the feed uses.
_PLAIN = {
    "profiles": "profiles",
    "contacts": "contacts",
    "contact_addresses": "addresses",
    "delivery_attempts": "attempts",
}


def erase_media(writing: Writing, prefix: str) -> None:
    """Drop cached files whose path begins so, bytes included."""
    rows = writing.all(
        "select bucket, path, blob_id from media where path >= ? and path < ?",
        prefix,
        prefix + "\U0010ffff",
    )
    for bucket, path, blob_id in rows:
        writing.run("delete from media where bucket = ? and path = ?", bucket, path)
        if blob_id is not None:
            writing.run("delete from blobs where id = ?", blob_id)
        writing.media.add(path)


def erase_conversations(writing: Writing, ids: Iterable[ConversationId]) -> set[ConversationId]:
    """Everything of these conversations: rows, files, drafts and intents."""
    erased = set(ids)
    for conversation_id in erased:
        drop_thread(writing, conversation_id)
        for table in ("reads", "records", "history"):
            writing.run(f"delete from {table} where conversation_id = ?", conversation_id)  # noqa: S608 - our own words only
        forget_draft(writing, conversation_id)
        if writing.run("delete from intents where conversation_id = ?", conversation_id):
            writing.outbox = True
        erase_media(writing, f"{conversation_id}/")
        writing.run("delete from conversations where id = ?", conversation_id)
        writing.threads.add(conversation_id)
    return erased


def forget_inboxes(writing: Writing, inboxes: Sequence[InboxId]) -> set[ConversationId]:
    """This agent may no longer see these inboxes: neither may this machine."""
    erased: set[ConversationId] = set()
    for inbox_id in inboxes:
        rows = writing.all("select id, contact_id from conversations where inbox_id = ?", inbox_id)
        erased |= erase_conversations(writing, (row[0] for row in rows))
        for _, contact_id in rows:
            elsewhere = "select 1 from conversations where contact_id = ?"
            if contact_id is not None and writing.value(elsewhere, contact_id) is None:
                writing.run("delete from addresses where contact_id = ?", contact_id)
                people.drop(writing, (contact_id,))
                writing.run("delete from contacts where id = ?", contact_id)
        writing.run("delete from inboxes where id = ?", inbox_id)
        writing.everything = writing.team = True
    return erased


def delete_rows(writing: Writing, deleted: Mapping[str, Sequence[str]]) -> set[ConversationId]:
    """Rows the server no longer has; the conversations whose row in the list changes."""
    touched: set[ConversationId] = set()
    for kind, ids in deleted.items():
        if kind == "conversations":
            touched |= erase_conversations(writing, (ConversationId(id) for id in ids))
        elif kind == "inboxes":
            touched |= forget_inboxes(writing, [InboxId(id) for id in ids])
        elif kind == "messages":
            for id in ids:
                conversation_id = drop_row(writing, id)
                if conversation_id is not None:
                    erase_media(writing, f"{conversation_id}/{id}/")
        elif kind == "reads":
            writing.many("delete from reads where conversation_id = ?", ((id,) for id in ids))
            touched.update(ConversationId(id) for id in ids)
        elif kind == "drafts":
            for id in ids:
                # Deleted on another machine; what is being written on this one stays.
                unsent = "select 1 from intents where kind = 'draft' and target = ?"
                if writing.value(unsent, id) is None:
                    forget_draft(writing, ConversationId(id))
                    touched.add(ConversationId(id))
        elif kind in _PLAIN:
            writing.many(f"delete from {_PLAIN[kind]} where id = ?", ((id,) for id in ids))  # noqa: S608 - our own words only
            writing.team |= kind == "profiles"
            if kind == "contacts":
                people.drop(writing, ids)
                writing.many("delete from addresses where contact_id = ?", ((id,) for id in ids))
                # A person was erased: words that only they used leave the index's own pages, too.
                writing.run("insert into texts (texts) values ('optimize')")
                writing.run("insert into names (names) values ('optimize')")
                people.forget(writing)
        elif kind in KINDS:
            touched |= delete_records(writing, kind, ids)
    return touched
