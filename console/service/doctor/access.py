"""Who may read what: row security, our policies as the migrations made them, grants, triggers.

What is expected is read from the installed migrations themselves, so it cannot fall behind them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg

from console.service.doctor.database import Connection
from console.service.doctor.finding import Finding, Findings, RepairFailedError
from console.service.migrate import migrations

_TABLE = re.compile(r"\s*create table (?:if not exists )?public\.(\w+)", re.I)
_POLICY = re.compile(r"create policy (\w+) on (\w+)\.(\w+)(\s+as\s+restrictive)?", re.I)
_DROPPED = re.compile(r"drop policy (?:if exists )?(\w+) on (\w+\.\w+)", re.I)
_LOOK = "Look at what changed it, then run balas doctor --fix."


@dataclass(frozen=True, slots=True)
class _Policy:
    name: str
    table: str
    restrictive: bool
    statement: str


def _expected() -> tuple[set[str], dict[tuple[str, str], _Policy]]:
    """Our tables in public, and our policies by table and name."""
    tables: set[str] = set()
    policies: dict[tuple[str, str], _Policy] = {}
    for step in migrations():
        for statement in step.statements:
            if match := _TABLE.match(_bare(statement)):
                tables.add(match[1])
            if match := _DROPPED.match(_bare(statement)):
                policies.pop((match[2], match[1]), None)
            if match := _POLICY.match(_bare(statement)):
                table = f"{match[2]}.{match[3]}"
                policies[table, match[1]] = _Policy(match[1], table, bool(match[4]), statement)
    return tables, policies


def _bare(statement: str) -> str:
    """The statement without the comments before it."""
    return re.sub(r"\A(?:\s*--[^\n]*\n)+", "", statement).lstrip()


def look(connection: Connection) -> list[Finding]:
    """What stands between the publishable key and the customers' messages."""
    found = Findings("access")
    tables, policies = _expected()
    _row_security(connection, found, tables)
    _policies(connection, found, tables, policies)
    _grants(connection, found, tables)
    _views(connection, found)
    _triggers(connection, found)
    _schemas(connection, found)
    return found.all


def _row_security(connection: Connection, found: Findings, tables: set[str]) -> None:
    open_tables = [
        row[0]
        for row in connection.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace"
            " and relkind in ('r', 'p') and not relrowsecurity order by 1"
        )
    ]
    for name in open_tables:
        if name in tables:
            statement = f"alter table public.{name} enable row level security"
            words = "row security is off: everyone who is signed in may read all of it"
            found.wrong(f"public.{name}", words, _LOOK, _running(connection, statement))
        else:
            found.note(
                f"public.{name}",
                "is not ours and has no row security: whoever has the publishable key may read it.",
                f'If that is not meant: alter table public."{name}" enable row level security',
            )
    if not tables & set(open_tables):
        found.well("row security", f"on all {len(tables)} tables")


def _policies(
    connection: Connection,
    found: Findings,
    tables: set[str],
    expected: dict[tuple[str, str], _Policy],
) -> None:
    there = {
        (f"{schema}.{table}", name): permissive == "RESTRICTIVE"
        for schema, table, name, permissive in connection.execute(
            "select schemaname, tablename, policyname, permissive from pg_policies"
            " where schemaname in ('public', 'storage', 'realtime')"
        )
    }
    before = len(found.all)
    for place, policy in expected.items():
        what = f"policy {policy.name} on {policy.table}"
        if place not in there:
            found.wrong(what, "is missing.", _LOOK, _running(connection, policy.statement))
        elif there[place] != policy.restrictive:
            drop = f'drop policy "{policy.name}" on {policy.table}'
            repair = _running(connection, drop, policy.statement)
            words = "widens what it should narrow, or the other way round."
            found.wrong(what, words, _LOOK, repair)
    # On the tables that an older project may have brought along, restrictive policies of ours hold
    # against policies of others; on our own tables there are no others.
    guarded = {policy.table for policy in expected.values() if policy.restrictive}
    ours = {f"public.{table}" for table in tables} - guarded
    for table, name in sorted(there.keys() - expected.keys()):
        if table in ours and not there[table, name]:
            words = "is not ours and may show rows to people who should not see them."
            fix = f'If nobody needs it: drop policy "{name}" on {table}'
            found.wrong(f"policy {name} on {table}", words, fix)
    if len(found.all) == before:
        found.well("policies", f"all {len(expected)} are as the migrations made them")


def _grants(connection: Connection, found: Findings, tables: set[str]) -> None:
    rows = connection.execute(
        """
        select r.role, c.relname, array_agg(p.privilege order by p.privilege)
          from pg_class c
          cross join unnest('{anon,authenticated}'::text[]) r (role)
          cross join unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'::text[]) p (privilege)
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')
           and (c.relname = any (%s) or c.relname = 'chat_history')
           and has_table_privilege(r.role, c.oid, p.privilege)
           and not (r.role = 'authenticated' and p.privilege = 'SELECT')
         group by 1, 2 order by 1, 2
        """,
        [sorted(tables)],
    ).fetchall()
    for role, table, privileges in rows:
        statement = f"revoke {', '.join(privileges)} on public.{table} from public, {role}"
        words = f"{role} may {', '.join(privileges).lower()}; agents write through functions only"
        found.wrong(f"public.{table}", words, _LOOK, _running(connection, statement))
    if not rows:
        found.well("grants", "nothing for strangers; agents read, and write through functions")


def _views(connection: Connection, found: Findings) -> None:
    rows = connection.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v'"
        " and relname = 'chat_history'"
        " and not coalesce('security_invoker=true' = any (reloptions)"
        "                  or 'security_invoker=on' = any (reloptions), false)"
    ).fetchall()
    for (name,) in rows:
        statement = f"alter view public.{name} set (security_invoker = true)"
        words = "shows every row to everyone who may read it."
        found.wrong(f"view {name}", words, _LOOK, _running(connection, statement))


def _triggers(connection: Connection, found: Findings) -> None:
    rows = connection.execute(
        "select tgrelid::regclass::text, tgname from pg_trigger"
        " where not tgisinternal and tgenabled = 'D' and tgname ~ '^(zz_)?balas_' order by 1, 2"
    ).fetchall()
    for table, name in rows:
        statement = f"alter table {table} enable trigger {name}"
        words = "is switched off: windows are not told what changed, or roles are not guarded."
        found.wrong(f"trigger {name} on {table}", words, _LOOK, _running(connection, statement))


def _schemas(connection: Connection, found: Findings) -> None:
    """Supabase keeps the list of exposed schemas as a setting of the role authenticator."""
    rows = connection.execute(
        "select substring(setting from '=(.*)') from pg_db_role_setting s"
        " join pg_roles r on r.oid = s.setrole and r.rolname = 'authenticator'"
        " left join pg_database d on d.oid = s.setdatabase,"
        " unnest(s.setconfig) setting where setting like 'pgrst.db_schemas=%'"
        " and coalesce(d.datname, current_database()) = current_database()"
    )
    exposed = {name.strip() for (names,) in rows for name in names.split(",")} & {"private", "jobs"}
    for name in sorted(exposed):
        found.wrong(
            f"schema {name}",
            "is exposed by the API.",
            "Take it off the list in Supabase, Settings, API, Exposed schemas.",
        )


def _running(connection: Connection, *statements: str) -> Callable[[], None]:
    return partial(_run, connection, statements)


def _run(connection: psycopg.Connection[Any], statements: tuple[str, ...]) -> None:
    try:
        with connection.transaction():
            for statement in _without_end(statements):
                connection.execute(statement.encode())
    except psycopg.Error as error:
        raise RepairFailedError("The database refused.", " ".join(str(error).split())) from error


def _without_end(statements: tuple[str, ...]) -> Iterator[str]:
    return (statement.rstrip().removesuffix(";") for statement in statements)
