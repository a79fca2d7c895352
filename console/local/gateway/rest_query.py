"""Reads the query strings of Rest and writes them as SQL, from identifiers and parameters only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from psycopg import sql

MAX_ROWS: Final = 1000  # Supabase's default limit of rows in one answer
_RESERVED: Final = frozenset({"select", "order", "limit", "offset", "columns", "on_conflict"})
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_COMPARISONS: Final = {
    "eq": "=",
    "neq": "<>",
    "gt": ">",
    "gte": ">=",
    "lt": "<",
    "lte": "<=",
    "like": "like",
    "ilike": "ilike",
}
_IS: Final = {
    "null": "is null",
    "not_null": "is not null",
    "true": "is true",
    "false": "is false",
    "unknown": "is unknown",
}


class RestError(Exception):
    """An answer that is no success: `status` and the four fields of PostgREST's error body."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "details": details, "hint": hint}


def unsupported(what: str) -> RestError:
    """501: hosted Supabase can do this, the local gateway cannot, and says so."""
    return RestError(501, "BALAS501", f"The local gateway does not support {what}.")


@dataclass(frozen=True, slots=True)
class Query:
    """What a query string asks for, as pieces of SQL."""

    columns: sql.Composable
    conditions: list[sql.Composable] = field(default_factory=list)
    parameters: list[object] = field(default_factory=list)
    order: sql.Composable | None = None
    limit: int = MAX_ROWS
    offset: int = 0

    def where(self) -> sql.Composable:
        """The where clause with a blank before it; empty without conditions."""
        if not self.conditions:
            return sql.SQL("")
        return sql.SQL(" where ") + sql.SQL(" and ").join(self.conditions)

    def tail(self) -> sql.Composable:
        """Order, limit and offset."""
        order = sql.SQL(" order by {}").format(self.order) if self.order else sql.SQL("")
        return order + sql.SQL(" limit {} offset {}").format(
            sql.Literal(self.limit), sql.Literal(self.offset)
        )


def read(items: Iterable[tuple[str, str]], arguments: frozenset[str] = frozenset()) -> Query:
    """The query of a table or of a function's rows; `arguments` are names that belong to the call.

    Raises RestError: 400 for what PostgREST would refuse, 501 for what is not built here.
    """
    select = "*"
    order: sql.Composable | None = None
    limit, offset = MAX_ROWS, 0
    conditions: list[sql.Composable] = []
    parameters: list[object] = []
    for key, value in items:
        if key in arguments:
            continue
        if key == "select":
            select = value or "*"
        elif key == "order":
            order = _order(value)
        elif key == "limit":
            limit = min(_number(key, value), MAX_ROWS)
        elif key == "offset":
            offset = _number(key, value)
        elif key not in _RESERVED:
            condition, values = _condition(key, value)
            conditions.append(condition)
            parameters.extend(values)
    return Query(_columns(select), conditions, parameters, order, limit, offset)


def name(text: str) -> sql.Identifier:
    """One column's name, quoted or plain. Raises RestError for anything else."""
    text = text.strip()
    if len(text) > 2 and text.startswith('"') and text.endswith('"'):
        return key(text[1:-1].replace('""', '"'))
    if "->" in text:
        raise unsupported("paths into JSON columns")
    if "(" in text or "..." in text:
        raise unsupported("embedded tables and aggregates")
    if not _NAME.fullmatch(text):
        raise RestError(400, "PGRST100", f'"failed to parse column" near "{text}"')
    return sql.Identifier(text)


def names(text: str) -> list[sql.Identifier]:
    """A comma-separated list of columns."""
    return [name(part) for part in split(text) if part.strip()]


def key(text: str) -> sql.Identifier:
    """A key of a JSON body as a column."""
    if "%" in text or "\0" in text or not text:
        raise RestError(400, "PGRST204", f"Could not find the '{text}' column in the schema cache")
    return sql.Identifier(text)


def split(text: str) -> list[str]:
    """Cut at commas outside double quotes and brackets."""
    parts, depth, quoted, escaped, current = [], 0, False, False, ""
    for char in text:
        if escaped:
            escaped = False
        elif char == "\\" and quoted:
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif not quoted and char in "({":
            depth += 1
        elif not quoted and char in ")}":
            depth -= 1
        elif not quoted and depth == 0 and char == ",":
            parts.append(current)
            current = ""
            continue
        current += char
    return [*parts, current]


def _columns(select: str) -> sql.Composable:
    wanted: list[sql.Composable] = []
    for part in split(select):
        text = part.strip()
        if text == "*":
            wanted.append(sql.SQL("*"))
            continue
        if "::" in text:
            raise unsupported("casts in select")
        alias, colon, source = text.rpartition(":")
        column = name(source if colon else text)
        wanted.append(sql.SQL("{} as {}").format(column, name(alias)) if colon else column)
    return sql.SQL(", ").join(wanted)


def _order(value: str) -> sql.Composable:
    terms: list[sql.Composable] = []
    for part in split(value):
        column, *words = part.split(".")
        term: sql.Composable = name(column)
        for word in words:
            if word not in {"asc", "desc", "nullsfirst", "nullslast"}:
                raise RestError(400, "PGRST100", f'"failed to parse order ({value})"')
            term += sql.SQL(" " + word.replace("nulls", "nulls "))
        terms.append(term)
    return sql.SQL(", ").join(terms)


def _condition(key: str, value: str) -> tuple[sql.Composable, list[object]]:
    if key in {"and", "or", "not.and", "not.or"}:
        raise unsupported("`and` and `or` in query strings; write a function instead")
    column = name(key)
    negated = value.startswith("not.")
    operator, dot, operand = value.removeprefix("not.").partition(".")
    if not dot:
        raise RestError(400, "PGRST100", f'"failed to parse filter ({value})"')
    condition, values = _compare(column, operator, operand)
    return (sql.SQL("not ({})").format(condition) if negated else condition), values


def _compare(
    column: sql.Identifier, operator: str, operand: str
) -> tuple[sql.Composable, list[object]]:
    if operator in _COMPARISONS:
        text = operand.replace("*", "%") if operator in {"like", "ilike"} else operand
        sign = sql.SQL(_COMPARISONS[operator])
        return sql.SQL("{} {} {}").format(column, sign, sql.Placeholder()), [text]
    if operator == "is":
        if operand.lower() not in _IS:
            raise RestError(400, "PGRST100", f'"failed to parse filter (is.{operand})"')
        return sql.SQL("{} {}").format(column, sql.SQL(_IS[operand.lower()])), []
    if operator == "in":
        if not (operand.startswith("(") and operand.endswith(")")):
            raise RestError(400, "PGRST100", f'"failed to parse filter (in.{operand})"')
        inner = operand[1:-1]
        values = [_unquoted(part) for part in split(inner)] if inner else []
        if not values:
            return sql.SQL("false"), []
        marks = sql.SQL(", ").join([sql.Placeholder()] * len(values))
        return sql.SQL("{} in ({})").format(column, marks), list(values)
    raise unsupported(f"the filter operator {operator}")


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) >= 2 and text.startswith('"') and text.endswith('"'):
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def _number(key: str, value: str) -> int:
    try:
        number = int(value)
    except ValueError:
        raise RestError(400, "PGRST100", f'"failed to parse {key} ({value})"') from None
    if number < 0:
        raise RestError(416, "PGRST103", "Requested range not satisfiable")
    return number
