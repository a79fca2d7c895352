"""Receipts of erasures beside the database: `balas erasures export` and `balas erasures replay`.

A restored backup brings back who was erased since it was made. The file says whom to erase again by
the ids that the backup has them under, and which messages of Twilio's list must not come back; it
holds no name, number or text.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from console.domain.errors import EnvironmentFaultError, ExpectedError
from console.service.config import Config, Needs, load

_TOGETHER = 1000
_RECEIPTS = """
    select jsonb_build_object('id', e.id, 'contact_id', e.contact_id,
                              'requested_by', e.requested_by, 'requested_at', e.requested_at)
      from public.erasures e order by e.requested_at, e.id
"""
_SIDS = "select e.sid from private.erased_sids e order by e.sid"
_REPLAY = "select private.replay_erasures(%s, %s::text[])"


def export_file(path: Path, *, config: Config | None = None) -> int:
    """Write all receipts to a private file, in place of an older one once it is complete.

    One JSON object a line: {"erasures": […]} or {"sids": […]}.
    """
    fresh = path.with_name(f"{path.name}.new")
    with _database(config) as connection:
        connection.execute("set transaction isolation level repeatable read")
        receipts = [row[0] for row in connection.execute(_RECEIPTS)]
        sids = [row[0] for row in connection.execute(_SIDS)]
    try:
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as target:
            for name, found in (("erasures", receipts), ("sids", sids)):
                for some in _parts(found):
                    target.write(json.dumps({name: some}) + "\n")
            target.flush()
            os.fsync(target.fileno())
        fresh.replace(path)
    except OSError as error:
        raise ExpectedError("The file cannot be written.", f"{path}: {error.strerror}") from error
    print(f"{len(receipts)} receipts in {path}")  # noqa: T201  the command's output
    return 0


def replay_file(path: Path, *, config: Config | None = None) -> int:
    """Erase again, after a restore, whom the file names; the worker does it. Safe to repeat.

    Raises ExpectedError for what is no file of receipts; then nothing was done.
    """
    parts = list(_read(path))
    begun = 0
    with _database(config) as connection:
        # The messages first: none comes back before it is known that it must not.
        for part in sorted(parts, key=lambda part: "erasures" in part):
            values = (Jsonb(part.get("erasures", [])), part.get("sids", []))
            row = connection.execute(_REPLAY, values).fetchone()
            begun += row[0] if row else 0
    print(f"{begun} people are erased again; the others were.")  # noqa: T201  output
    return 0


def _parts(found: list[Any]) -> Iterator[list[Any]]:
    for begins in range(0, len(found), _TOGETHER):
        yield found[begins : begins + _TOGETHER]


def _read(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as source:
            for number, line in enumerate(source, 1):
                part = json.loads(line)
                if (
                    not isinstance(part, dict)
                    or not part.keys() <= {"erasures", "sids"}
                    or not all(isinstance(found, list) for found in part.values())
                ):
                    raise ExpectedError("This is no file of receipts.", f"{path}, line {number}")
                yield part
    except OSError as error:
        raise ExpectedError("The file cannot be read.", f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise ExpectedError("This is no file of receipts.", str(path)) from error


@contextmanager
def _database(config: Config | None) -> Iterator[psycopg.Connection[Any]]:
    """One transaction."""
    try:
        with psycopg.connect(
            (config or load(os.environ, Needs.DATABASE)).database_url,
            connect_timeout=10,
            prepare_threshold=None,
        ) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise EnvironmentFaultError("The database does not answer.") from error
    except psycopg.DataError as error:
        raise ExpectedError("This is no file of receipts.", str(error.sqlstate)) from error
    except psycopg.ProgrammingError as error:
        raise EnvironmentFaultError(
            "The database is not ready.", str(error.sqlstate), fix="Run balas migrate."
        ) from error
