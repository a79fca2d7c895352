"""What an agent wrote, rescued from a damaged store into the new one that takes its place."""

from __future__ import annotations

from console.store.database import Reading, Writing

_LOST_FILE = "A file of this reply was damaged on this machine's disk. Attach it again."


def salvage(old: Reading, new: Writing) -> int:
    """Copy drafts and intents with their files as far as they can be read; how many there were.

    Everything else comes again from the server. A reply whose file is damaged is kept as refused,
    so that the agent sees its text and the reason.
    """
    for row in old.readable("select key, value from meta where key = 'me'"):
        new.run("insert or replace into meta values (?, ?)", *row)
    for row in old.readable("select key, value from session"):
        new.run("insert or replace into session values (?, ?)", *row)
    rescued = 0
    for row in old.readable("select * from drafts"):
        rescued += new.run("insert or replace into drafts values (?, ?, ?, ?)", *row)
    intents = list(old.readable("select * from intents order by seq"))
    for row in intents:
        marks = ", ".join("?" * len(row))
        new.run(f"insert or replace into intents values ({marks})", *row)  # noqa: S608 - marks only
        rescued += 1
    kept = {row[0] for row in intents}
    for row in old.readable("select * from bubbles"):
        if row[1] in kept:
            marks = ", ".join("?" * len(row))
            new.run(f"insert or replace into bubbles values ({marks})", *row)  # noqa: S608
    for row in list(old.readable("select * from files")):
        if row[0] in kept:
            _rescue_file(old, new, row)
    return rescued


def _rescue_file(old: Reading, new: Writing, row: tuple[object, ...]) -> None:
    seq, _, blob_id, path, _, _, size, _ = row
    pieces = list(
        old.readable("select at, bytes from chunks where blob_id = ? order by at", blob_id)
    )
    whole = sum(len(piece[1]) for piece in pieces) == size
    new.run("insert or replace into blobs values (?, ?, ?)", blob_id, size, whole)
    new.many("insert into chunks values (?, ?, ?)", ((blob_id, *piece) for piece in pieces))
    new.run("insert or replace into files values (?, ?, ?, ?, ?, ?, ?, ?)", *row)
    new.run("insert or replace into media values ('attachments', ?, ?, 0, null)", path, blob_id)
    if not whole:
        new.run(
            "update intents set state = 'refused', code = 'damaged', title = 'Damaged', words = ?"
            " where seq = ?",
            _LOST_FILE,
            seq,
        )
