"""Finds the database function that an RPC names and writes its call."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from console.local.gateway.database import Connection
from console.local.gateway.rest_query import RestError

# Only what the caller may see counts; PostgREST's schema cache shows the rest as missing, too.
_CANDIDATES = """
select proc.oid, proc.proretset as returns_set, proc.provolatile <> 'v' as read_only,
       proc.prorettype = 'void'::regtype as returns_nothing,
       (type.typtype = 'c' or proc.proargmodes && '{t,o,b}'::"char"[]
        or proc.prorettype = 'record'::regtype) as returns_rows,
       coalesce(proc.proargnames[1:count.inputs], '{}') as names,
       (select coalesce(array_agg(format_type(one, null) order by position), '{}')
        from unnest(proc.proargtypes) with ordinality as arguments(one, position)) as types,
       count.inputs - proc.pronargdefaults as required
from pg_proc as proc
join pg_type as type on type.oid = proc.prorettype
cross join lateral (select proc.pronargs::int as inputs) as count
where proc.pronamespace = 'public'::regnamespace and proc.proname = %s and proc.prokind = 'f'
"""


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the schema public and the arguments it takes."""

    name: str
    types: dict[str, str]
    required: frozenset[str]
    returns_set: bool
    returns_rows: bool
    returns_nothing: bool
    read_only: bool

    def fits(self, given: frozenset[str]) -> bool:
        """Whether it can be called with exactly these arguments."""
        return self.required <= given <= frozenset(self.types)

    def call(self, arguments: dict[str, Any]) -> tuple[sql.Composable, list[object]]:
        """The call by argument names; the values travel as one JSON parameter."""
        function = sql.Identifier("public", self.name)
        if not arguments:
            return sql.SQL("{}()").format(function), []
        named = [
            sql.SQL("{name} := (select {name} from given)").format(name=sql.Identifier(one))
            for one in arguments
        ]
        return (
            sql.SQL("{}({})").format(function, sql.SQL(", ").join(named)),
            [json.dumps(arguments)],
        )

    def given(self, arguments: dict[str, Any]) -> sql.Composable:
        """A `with` clause that turns the JSON parameter into typed arguments; empty without any."""
        if not arguments:
            return sql.SQL("")
        columns = [
            # The type is Postgres's own spelling of it, from its catalog.
            sql.SQL("{} {}").format(sql.Identifier(one), sql.SQL(self.types[one]))
            for one in arguments
        ]
        return sql.SQL("with given as (select * from json_to_record(%s::json) as _({})) ").format(
            sql.SQL(", ").join(columns)
        )


async def find(connection: Connection, name: str, given: frozenset[str]) -> list[Function]:
    """The functions of this name. Raises RestError 404 when none takes `given`.

    The caller chooses among several by arguments; the first of the list that fits is it.
    """
    rows = await (await connection.execute(_CANDIDATES, [name])).fetchall()
    functions = [
        Function(
            name,
            dict(zip(row["names"], row["types"], strict=False)),
            frozenset(row["names"][: row["required"]]),
            bool(row["returns_set"]),
            bool(row["returns_rows"]),
            bool(row["returns_nothing"]),
            bool(row["read_only"]),
        )
        for row in rows
    ]
    fitting = [one for one in functions if one.fits(given)]
    if len(fitting) > 1:
        raise RestError(
            300,
            "PGRST203",
            f"Could not choose the best candidate function between {len(fitting)} of public.{name}",
            hint="Try renaming the parameters or the function itself in the database",
        )
    if not fitting:
        listed = ", ".join(sorted(given))
        searched = f"({listed})" if given else " without parameters"
        raise RestError(
            404,
            "PGRST202",
            f"Could not find the function public.{name}{searched} in the schema cache",
            details=f"Searched for the function public.{name}{searched}, but no matches were found"
            " in the schema cache.",
        )
    return fitting
