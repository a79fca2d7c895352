"""Looks for a word in every column of every table, whatever its schema."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

_COLUMNS = """
select n.nspname, c.relname, a.attname, a.atttypid = 'bytea'::regtype
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 where c.relkind in ('r', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
 order by 1, 2, 3
"""


def columns_with(connection: psycopg.Connection[Any], word: str) -> list[str]:
    """Every `schema.table.column` that holds the word, in any case. Needs a superuser."""
    columns = connection.execute(_COLUMNS).fetchall()
    assert len(columns) > 250
    found = []
    for schema, table, column, is_bytes in columns:
        test = "position(convert_to(%s, 'UTF8') in {column}) > 0"
        if not is_bytes:
            test = "position(lower(%s) in lower({column}::text)) > 0"
        query = sql.SQL("select exists (select from {table} where " + test + ")").format(
            table=sql.Identifier(schema, table), column=sql.Identifier(column)
        )
        row = connection.execute(query, [word]).fetchone()
        if row and row[0]:
            found.append(f"{schema}.{table}.{column}")
    return found
