"""Threads that became one on the server: what waits here for the one that went follows it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from console.domain.feed import Record
from console.domain.ids import ConversationId
from console.domain.intents import Draft
from console.store.database import Writing
from console.store.drafts import draft_of, keep_draft

# Intents that make something new; what they would change in the thread that went is gone with it.
_WORK = "kind in ('send', 'retry', 'settle', 'note')"


def follow_joined(writing: Writing, records: Sequence[Record], now: int) -> set[ConversationId]:
    """Before the old thread is dropped: its unsent replies, notes and draft go to the new one.

    The event that tells of the joining never comes later than the old thread's deletion.
    """
    touched: set[ConversationId] = set()
    for record in records:
        if record.kind == "events" and record.data.get("kind") == "contact_merged":
            threads = (record.data.get("data") or {}).get("threads") or {}
            for old, new in threads.items():
                touched |= _move(writing, ConversationId(old), ConversationId(new), now)
    return touched


def _move(
    writing: Writing, old: ConversationId, new: ConversationId, now: int
) -> set[ConversationId]:
    draft = draft_of(writing, old)
    if draft is not None:
        present = draft_of(writing, new) or Draft(new, "")
        joined = replace(
            present,
            text="\n\n".join(filter(None, (draft.text, present.text))),
            note="\n\n".join(filter(None, (draft.note, present.note))),
            attachments=draft.attachments + present.attachments,
            reply_to=present.reply_to or draft.reply_to,
        )
        keep_draft(writing, joined, now)
        writing.run(
            "delete from drafts where conversation_id = ?", old
        )  # its files are the other's
    waiting = writing.all(f"select seq from intents where conversation_id = ? and {_WORK}", old)  # noqa: S608 - our own words only
    seqs = [row[0] for row in waiting]
    for seq in seqs:
        writing.run(
            "update intents set conversation_id = ?, version = ? where seq = ?",
            new, writing.version, seq,
        )  # fmt: skip
        writing.run("update bubbles set conversation_id = ? where seq = ?", new, seq)
        _move_files(writing, seq, old, new)
    if not seqs and draft is None:
        return set()
    writing.outbox = True
    writing.threads.update((old, new))
    return {old, new}


def _move_files(writing: Writing, seq: int, old: ConversationId, new: ConversationId) -> None:
    """Storage takes a file only below the thread it belongs to; what is there already stays."""
    moved = {}
    for at, path in writing.all("select at, path from files where seq = ? and not uploaded", seq):
        if path.startswith(f"{old}/"):
            moved[path] = fresh = new + path[len(old) :]
            writing.run("update files set path = ? where seq = ? and at = ?", fresh, seq, at)
            writing.run("update media set path = ? where path = ?", fresh, path)
    if moved:
        for id, text in writing.all("select id, media from bubbles where seq = ?", seq):
            media = [
                {**item, "path": moved.get(item.get("path"), item.get("path"))}
                for item in json.loads(text)
            ]
            writing.run("update bubbles set media = ? where id = ?", json.dumps(media), id)
