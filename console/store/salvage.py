"""What an agent wrote, rescued from a damaged store into the new one that takes its place."""

from __future__ import annotations

import json
from typing import Any

from console.store.database import Reading, Row, Writing

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
    for row in _rows(old, new, "drafts"):
        files = [_rescue_attachment(old, new, item) for item in json.loads(row[2])]
        new.run(
            "update drafts set attachments = ? where conversation_id = ?", json.dumps(files), row[0]
        )
        rescued += 1
    kept = {row[0] for row in _rows(old, new, "intents")}
    rescued += len(kept)
    for row in old.readable("select * from bubbles"):
        if row[1] in kept:
            marks = ", ".join("?" * len(row))
            new.run(f"insert or replace into bubbles values ({marks})", *row)  # noqa: S608
    for row in list(old.readable("select * from files")):
        if row[0] in kept:
            _rescue_file(old, new, row)
    return rescued


def _rows(old: Reading, new: Writing, table: str) -> list[Row]:
    """Copy a table as far as it can be read, also of an older version with fewer columns."""
    columns = [
        row[0]
        for row in new.readable("select name from pragma_table_info(?) order by cid", table)
        if any(old.readable("select 1 from pragma_table_info(?) where name = ?", table, row[0]))
    ]
    names = ", ".join(columns)
    rows = list(old.readable(f"select {names} from {table} order by 1"))  # noqa: S608 - our own words only
    new.many(
        f"insert or replace into {table} ({names}) values ({', '.join('?' * len(columns))})",  # noqa: S608
        rows,
    )
    return rows


def _rescue_attachment(old: Reading, new: Writing, item: dict[str, Any]) -> dict[str, Any]:
    """A file of a draft: with its bytes where all are here, else by its name alone."""
    if item.get("kept") is None or _rescue_blob(old, new, item["kept"], item["size"]):
        return item
    return {**item, "kept": None, "path": ""}


def _rescue_blob(old: Reading, new: Writing, blob_id: int, size: int) -> bool:
    """Copy what can be read of a blob; True when that is all of it."""
    pieces = list(
        old.readable("select at, bytes from chunks where blob_id = ? order by at", blob_id)
    )
    whole = sum(len(piece[1]) for piece in pieces) == size
    new.run("insert or replace into blobs values (?, ?, ?)", blob_id, size, whole)
    new.many("insert into chunks values (?, ?, ?)", ((blob_id, *piece) for piece in pieces))
    return whole


def _rescue_file(old: Reading, new: Writing, row: Row) -> None:
    seq, _, blob_id, path, _, _, size, _ = row
    whole = _rescue_blob(old, new, blob_id, size)
    new.run("insert or replace into files values (?, ?, ?, ?, ?, ?, ?, ?)", *row)
    new.run("insert or replace into media values ('attachments', ?, ?, 0, null)", path, blob_id)
    if not whole:
        new.run(
            "update intents set state = 'refused', code = 'damaged', title = 'Damaged', words = ?"
            " where seq = ?",
            _LOST_FILE,
            seq,
        )
