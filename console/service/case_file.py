"""`balas case-file`: one conversation as a folder that stands for itself, with all hashes.

    case.json     everything: thread, calls and delivery, notes, events, people, files
    index.html    the same to read; opens nothing from outside
    media/        every file, requests/ what Twilio signed, as it came
    SHA256SUMS    the hash of each of these; `sha256sum -c SHA256SUMS` checks them

The folder and its files are their owner's alone. It appears under its name only when it is whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
from psycopg.types.json import Jsonb

from console.domain.errors import EnvironmentFaultError, ExpectedError
from console.domain.files import safe_name
from console.service.case_page import page
from console.service.config import Config, Needs, load

FORMAT = 1
_STEP = 256 * 1024  # bytes

# Types that a browser only shows. Whatever else a customer sent is not to be opened by a click.
HARMLESS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/amr": ".amr",
    "video/mp4": ".mp4",
    "video/3gpp": ".3gp",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/vcard": ".vcf",
}

_ROOT = """
with recursive thread (id, joined_to) as (
  select c.id, c.joined_to from public.conversations c where c.id = %s
  union
  select c.id, c.joined_to from public.conversations c join thread t on c.id = t.joined_to)
select id from thread where joined_to is null
"""
_CASE = """
select jsonb_build_object(
  'conversation', to_jsonb(c), 'inbox', to_jsonb(i),
  'contact', to_jsonb(p) || jsonb_build_object('addresses', (
    select coalesce(jsonb_agg(to_jsonb(a) order by a.created_at, a.address), '[]')
      from public.contact_addresses a where a.contact_id = p.id)),
  'labels', (
    select coalesce(jsonb_agg(l.name order by l.name), '[]') from public.conversation_labels x
      join public.labels l on l.id = x.label_id where x.conversation_id = c.id),
  'notes', (
    select coalesce(jsonb_agg(to_jsonb(n) order by n.created_at, n.id), '[]')
      from public.notes n where n.conversation_id = c.id),
  'events', (
    select coalesce(jsonb_agg(to_jsonb(e) order by e.created_at, e.id), '[]')
      from public.events e where e.conversation_id = c.id))
  from public.conversations c
  join public.inboxes i on i.id = c.inbox_id
  join public.contacts p on p.id = c.contact_id
 where c.id = %s
"""
_MESSAGES = """
select to_jsonb(m) || jsonb_build_object('attempts', (
  select coalesce(jsonb_agg(to_jsonb(a) order by a.started_at, a.id), '[]')
    from public.delivery_attempts a where a.message_id = m.id),
  'deliveries', (
  select coalesce(jsonb_agg(to_jsonb(d) - 'message_id' order by d.at), '[]')
    from private.delivery_events d where d.message_id = m.id))
  from public.messages m where m.conversation_id = %s order by m."timestamp", m.id
"""
_REQUESTS = """
select r.message_id::text, to_jsonb(r.received_at) #>> '{}', r.path, r.body
  from public.messages m join private.webhook_requests r on r.message_id = m.id
 where m.conversation_id = %s order by r.received_at, r.id
"""
_PEOPLE = """
select jsonb_object_agg(p.id, jsonb_build_object('name', p.display_name, 'role', p.role))
  from public.profiles p where p.id::text = any (%s)
"""
_NOTE = """
insert into public.audit_log (action, subject_type, subject_id, data)
values ('case_file_exported', 'conversations', %s, %s)
"""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written. `seal` is the SHA-256 of SHA256SUMS: it stands for the whole folder."""

    folder: Path
    messages: int
    files: int
    missing: int
    seal: str


def export(config: Config, conversation: str, folder: Path) -> Written:
    """Write the case file of a conversation into `folder`, which is new or empty.

    Raises ExpectedError for what the caller got wrong, EnvironmentFaultError when the database,
    Storage or the disk does not do its part; then nothing is left behind.
    """
    try:
        wanted = uuid.UUID(conversation)
    except ValueError:
        raise ExpectedError("This is no id of a conversation.", conversation) from None
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ExpectedError("The folder is not empty.", str(folder), fix="Name a new one.")
    case, requests = _read(config, wanted)
    part = folder.with_name(f"{folder.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        written = _write(config, case, requests, part, folder)
        if folder.exists():
            folder.rmdir()
        part.rename(folder)
    except OSError as error:
        raise EnvironmentFaultError(
            "The case file cannot be written.", str(error.strerror or error)
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    with _database(config) as connection:
        connection.execute(
            _NOTE,
            (
                case["conversation"]["id"],
                Jsonb({"messages": written.messages, "files": written.files, "seal": written.seal}),
            ),
        )
    return written


def _read(config: Config, wanted: uuid.UUID) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    """The case as of one moment, and the raw requests of its messages."""
    with _database(config) as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        connection.execute("set local time zone 'UTC'")
        root = connection.execute(_ROOT, (wanted,)).fetchone()
        found = connection.execute(_CASE, (root[0],)).fetchone() if root else None
        if root is None or found is None:
            raise ExpectedError(
                "There is no such conversation.", str(wanted), fix="It may have been erased."
            )
        case: dict[str, Any] = found[0]
        case["messages"] = [row[0] for row in connection.execute(_MESSAGES, root)]
        requests = connection.execute(_REQUESTS, root).fetchall()
        row = connection.execute(_PEOPLE, (sorted(_people(case)),)).fetchone()
        case["people"] = (row and row[0]) or {}
    return case, requests


def _people(case: Mapping[str, Any]) -> set[str]:
    """Ids of everybody of the team who is named anywhere in it."""
    named = {case["conversation"].get("assignee_id")}
    named |= {message.get("sent_by") for message in case["messages"]}
    named |= {event.get("actor_id") for event in case["events"]}
    for note in case["notes"]:
        named |= {note.get("author_id"), *(note.get("mentions") or ())}
    return {one for one in named if one}


def _write(
    config: Config,
    case: dict[str, Any],
    requests: Iterable[tuple[Any, ...]],
    part: Path,
    folder: Path,
) -> Written:
    part.mkdir(mode=0o700, parents=True)
    (part / "media").mkdir(mode=0o700)
    (part / "requests").mkdir(mode=0o700)
    sums: dict[str, str] = {}
    missing = 0
    with _storage(config) as storage:
        for number, (message, item) in enumerate(_files(case), start=1):
            missing += not _copy(storage, item, number, part, sums)
            message["files"].append(item)
    case["requests"] = []
    for number, (message_id, received_at, path, body) in enumerate(requests, start=1):
        name = f"requests/{number:04d}.txt"
        sums[name] = _put(part / name, [bytes(body)])
        case["requests"].append(
            {
                "message_id": message_id,
                "received_at": received_at,
                "path": path,
                "file": name,
                "sha256": sums[name],
            }
        )
    case = {"format": FORMAT, "exported_at": datetime.now(UTC).isoformat(), **case}
    text = json.dumps(case, ensure_ascii=False, indent=1, sort_keys=True)
    sums["case.json"] = _put(part / "case.json", [text.encode()])
    sums["index.html"] = _put(part / "index.html", [page(case).encode()])
    lines = "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))
    seal = _put(part / "SHA256SUMS", [lines.encode()])
    files = sum(name.startswith("media/") for name in sums)
    return Written(folder, len(case["messages"]), files, missing, seal)


def _files(case: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each message with each of its files; what is known of a file goes with the message."""
    for message in case["messages"]:
        message["files"] = []
        for element in message.pop("media", None) or []:
            yield (
                message,
                {
                    key: element.get(key)
                    for key in ("bucket", "path", "name", "content_type", "size", "state", "error")
                },
            )


def _copy(
    storage: httpx.Client, item: dict[str, Any], number: int, part: Path, sums: dict[str, str]
) -> bool:
    """Bring one file; whether it is here now. `file` and `sha256` say where and what it is."""
    item["file"] = item["sha256"] = None
    if item["state"] != "stored" or not item["path"]:
        return False
    content_type = str(item["content_type"] or "").partition(";")[0].strip().lower()
    plain = safe_name(item["name"] or item["path"].rpartition("/")[2])
    wanted = HARMLESS.get(content_type, ".bin")
    name = f"media/{number:04d}-{plain}" + ("" if plain.lower().endswith(wanted) else wanted)
    place = f"/object/{quote(str(item['bucket']))}/{quote(str(item['path']))}"
    try:
        with storage.stream("GET", place) as answer:
            # Storage answers 400 with "statusCode":"404" in the body for what is not there.
            if answer.status_code == 404 or (answer.is_error and b'"404"' in answer.read()[:500]):
                return False
            answer.raise_for_status()
            sums[name] = _put(part / name, answer.iter_bytes(_STEP))
    except httpx.HTTPError as error:
        raise EnvironmentFaultError(
            "Storage does not give a file.", type(error).__name__, fix="Try again later."
        ) from error
    item["file"], item["sha256"] = name, sums[name]
    return True


def _put(path: Path, steps: Iterable[bytes]) -> str:
    """Write a file for its owner alone; its SHA-256 in hex. Raises OSError."""
    digest = hashlib.sha256()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "wb") as file:
        for step in steps:
            digest.update(step)
            file.write(step)
    return digest.hexdigest()


@contextmanager
def _storage(config: Config) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=f"{config.supabase_url}/storage/v1",
        headers={"apikey": config.secret_key, "authorization": f"Bearer {config.secret_key}"},
        timeout=60,
    ) as client:
        yield client


@contextmanager
def _database(config: Config) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """One transaction."""
    try:
        with psycopg.connect(
            config.database_url, connect_timeout=10, prepare_threshold=None
        ) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise EnvironmentFaultError("The database does not answer.") from error
    except psycopg.ProgrammingError as error:
        raise EnvironmentFaultError(
            "The database is not ready.", str(error.sqlstate), fix="Run balas migrate."
        ) from error


def main(conversation: str, folder: Path) -> int:
    """The command: says what was written, and the seal."""
    written = export(load(os.environ, Needs.PEOPLE), conversation, folder)
    lines = [f"{written.messages} messages and {written.files} files in {written.folder}"]
    if written.missing:
        lines.append(f"{written.missing} files are not in Storage; case.json says why.")
    lines.append(f"SHA-256 of SHA256SUMS: {written.seal}")
    print("\n".join(lines))  # noqa: T201  the command's output
    return 0
