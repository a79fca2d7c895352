"""Rest: tables and functions of the schema public over HTTP, each request in one transaction."""

from __future__ import annotations

import json
import re
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.local.gateway import rest_functions, rest_query
from console.local.gateway.database import Connection, Database, DatabaseAwayError
from console.local.gateway.rest_query import Query, RestError, unsupported
from console.local.gateway.tokens import Caller, TokenError, Tokens

_SINGLE = "application/vnd.pgrst.object+json"
_ACCEPTED = re.compile(r"\*/\*|application/(json|vnd\.pgrst\.(object|array)\+json)")
# Source: https://docs.postgrest.org/en/stable/references/errors.html
_STATUS = {
    "21000": 500,
    "23503": 409,
    "23505": 409,
    "25006": 405,
    "42883": 404,
    "42P01": 404,
    "42P17": 500,
    "53400": 500,
    "57P01": 503,
    "P0001": 400,
}
_STATUS_OF_CLASS = {
    **dict.fromkeys(("08", "53"), 503),
    **dict.fromkeys(("0L", "0P", "28"), 403),
    **dict.fromkeys(("09", "25", "2D", "38", "39", "3B", "40", "54", "55", "57", "58"), 500),
    **dict.fromkeys(("F0", "HV", "P0", "XX"), 500),
}


class Rest:
    """The Data API. Every route runs under the caller's role and claims."""

    def __init__(self, database: Database, tokens: Tokens) -> None:
        self._database = database
        self._tokens = tokens

    def routes(self) -> list[Route]:
        """Mounted under `/rest/v1`."""
        methods = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"]
        return [
            Route("/rpc/{function}", self._guarded(self._call), methods=["GET", "HEAD", "POST"]),
            Route("/{table}", self._guarded(self._table), methods=methods),
        ]

    def _guarded(self, handle: Any) -> Any:
        async def endpoint(request: Request) -> Response:
            role = "anon"
            try:
                caller = self._tokens.caller_of(request, request.state.key)
                role = caller.role
                _check_wishes(request)
                answer: Response = await handle(request, caller)
            except TokenError as error:
                code = "PGRST303" if error.expired else "PGRST301"
                return _refusal(RestError(401, code, error.message))
            except RestError as error:
                return _refusal(error)
            except DatabaseAwayError:
                away = "Database client error. Retrying the connection."
                return _refusal(RestError(503, "PGRST001", away))
            except psycopg.Error as error:
                return _refusal(translate(error, role))
            return answer

        return endpoint

    # Tables ------------------------------------------------------------------------------------

    async def _table(self, request: Request, caller: Caller) -> Response:
        table = request.path_params["table"]
        method = request.method
        if method == "PUT":
            raise unsupported("PUT on tables")
        query = rest_query.read(request.query_params.multi_items())
        body = await _body(request) if method in {"POST", "PATCH"} else None
        async with self._database.acting_as(
            caller, method=method, path=request.url.path, read_only=method in {"GET", "HEAD"}
        ) as connection:
            target = await _existing(connection, table)
            if method in {"GET", "HEAD"}:
                source = sql.SQL("select {} from {}{}").format(query.columns, target, query.where())
                return await _answer(connection, request, source, query.parameters, query)
            if {"limit", "offset", "order"} & request.query_params.keys() and method != "POST":
                raise unsupported("limited updates and deletes")
            conflict = await _conflict_keys(connection, request, table)
            change, values = _change(request, target, query, body, conflict)
            wanted = _preference(request, "return") or "minimal"
            if wanted != "representation":
                cursor = await connection.execute(change, values)
                status = 201 if method == "POST" else 204
                total = cursor.rowcount if _preference(request, "count") else None
                headers = {"content-range": f"*/{'*' if total is None else total}"}
                return Response(status_code=status, headers=headers)
            returning = change + sql.SQL(" returning {}").format(query.columns)
            status = 201 if method == "POST" else 200
            return await _answer(connection, request, returning, values, None, status=status)

    # Functions ---------------------------------------------------------------------------------

    async def _call(self, request: Request, caller: Caller) -> Response:
        name = request.path_params["function"]
        arguments: dict[str, Any]
        if request.method == "POST":
            body = await _body(request, empty={})
            if not isinstance(body, dict):
                raise unsupported("a body that is not a JSON object of arguments")
            arguments = body
        else:
            arguments = dict(request.query_params)
            for word in ("select", "order", "limit", "offset"):
                arguments.pop(word, None)
        async with self._database.acting_as(
            caller, method=request.method, path=request.url.path
        ) as connection:
            function = (await rest_functions.find(connection, name, frozenset(arguments)))[0]
            if request.method != "POST" or function.read_only:
                await connection.execute("set transaction read only")
            query = rest_query.read(request.query_params.multi_items(), frozenset(arguments))
            call, values = function.call(arguments)
            given = function.given(arguments)
            if function.returns_nothing:
                await connection.execute(given + sql.SQL("select {}").format(call), values)
                return Response(status_code=204)
            if function.returns_set and function.returns_rows:
                source = given + sql.SQL("select {} from {} as rows{}").format(
                    query.columns, call, query.where()
                )
                return await _answer(
                    connection, request, source, [*values, *query.parameters], query
                )
            single = sql.SQL("to_json(result)")
            if function.returns_set:
                single = sql.SQL("coalesce(json_agg(result), '[]')")
            cursor = await connection.execute(
                given + sql.SQL("select ({})::text from {} as result").format(single, call), values
            )
            row = await cursor.fetchone()
            return _json(request, (next(iter(row.values())) if row else None) or "null")


def translate(error: psycopg.Error, role: str) -> RestError:
    """A database error as PostgREST words it; `role` tells 401 from 403."""
    state = error.sqlstate or "XX000"
    diagnostic = error.diag
    message = diagnostic.message_primary or "The database gave no reason."
    if state.startswith("PT") and state[2:].isdigit():
        status = int(state[2:])
    elif state == "42501":
        status = 401 if role == "anon" else 403
    else:
        status = _STATUS.get(state) or _STATUS_OF_CLASS.get(state[:2], 400)
    return RestError(
        status,
        state,
        message,
        details=diagnostic.message_detail,
        hint=diagnostic.message_hint,
    )


async def _existing(connection: Connection, table: str) -> sql.Identifier:
    cursor = await connection.execute(
        "select 1 from pg_class where relnamespace = 'public'::regnamespace and relname = %s"
        " and relkind in ('r', 'p', 'v', 'm', 'f')",
        [table],
    )
    if not await cursor.fetchone():
        raise RestError(
            404, "PGRST205", f"Could not find the table 'public.{table}' in the schema cache"
        )
    return sql.Identifier("public", table)


def _change(
    request: Request,
    target: sql.Identifier,
    query: Query,
    body: Any,
    keys: list[sql.Identifier],
) -> tuple[sql.Composed, list[object]]:
    if request.method in {"DELETE", "PATCH"} and not query.conditions:
        # Hosted projects load safeupdate for the API's role.
        verb = "DELETE" if request.method == "DELETE" else "UPDATE"
        raise RestError(400, "21000", f"{verb} requires a WHERE clause")
    if request.method == "DELETE":
        return sql.SQL("delete from {}{}").format(target, query.where()), list(query.parameters)
    if _preference(request, "missing") == "default":
        raise unsupported("Prefer: missing=default")
    if request.method == "PATCH":
        if not isinstance(body, dict):
            raise RestError(400, "PGRST102", "The body of an update is one JSON object")
        columns = sql.SQL(", ").join(rest_query.key(one) for one in body)
        if not body:
            raise unsupported("an update without columns")
        change = sql.SQL(
            "update {target} set ({columns}) ="
            " (select {columns} from json_populate_record(null::{target}, %s::json)){where}"
        ).format(target=target, columns=columns, where=query.where())
        return change, [json.dumps(body), *query.parameters]
    rows = body if isinstance(body, list) else [body]
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise RestError(400, "PGRST102", "The body of an insert is a JSON object or a list of them")
    named = request.query_params.get("columns")
    listed = rest_query.names(named) if named else [rest_query.key(one) for one in rows[0]]
    if not named and any(row.keys() != rows[0].keys() for row in rows):
        raise RestError(400, "PGRST102", "All object keys must match")
    if not listed:
        return sql.SQL("insert into {} default values").format(target), []
    change = sql.SQL(
        "insert into {target} ({columns})"
        " select {columns} from json_populate_recordset(null::{target}, %s::json)"
    ).format(target=target, columns=sql.SQL(", ").join(listed))
    resolution = _preference(request, "resolution")
    if resolution:
        change += _conflict(keys, listed, resolution)
    return change, [json.dumps(rows)]


async def _conflict_keys(
    connection: Connection, request: Request, table: str
) -> list[sql.Identifier]:
    """The columns that an upsert goes by: those of `on_conflict`, else the primary key."""
    if not _preference(request, "resolution"):
        return []
    if on := request.query_params.get("on_conflict"):
        return rest_query.names(on)
    cursor = await connection.execute(
        "select attname from pg_index join pg_attribute"
        " on attrelid = indrelid and attnum = any(indkey)"
        " where indrelid = (select oid from pg_class where relname = %s"
        " and relnamespace = 'public'::regnamespace) and indisprimary",
        [table],
    )
    return [sql.Identifier(row["attname"]) for row in await cursor.fetchall()]


def _conflict(
    keys: list[sql.Identifier], listed: list[sql.Identifier], resolution: str
) -> sql.Composable:
    if not keys:
        raise unsupported("an upsert into a table without a primary key")
    arbiter = sql.SQL(", ").join(keys)
    rest = [column for column in listed if column not in keys]
    if resolution == "ignore-duplicates" or not rest:
        return sql.SQL(" on conflict ({}) do nothing").format(arbiter)
    updates = sql.SQL(", ").join(
        sql.SQL("{column} = excluded.{column}").format(column=column) for column in rest
    )
    return sql.SQL(" on conflict ({}) do update set {}").format(arbiter, updates)


async def _answer(
    connection: Connection,
    request: Request,
    source: sql.Composable,
    values: list[object],
    query: Query | None,
    *,
    status: int = 200,
) -> Response:
    """Run `source` and answer its rows; `query` bounds a read, None takes all rows of a change."""
    single = _SINGLE in request.headers.get("accept", "")
    counting = _preference(request, "count")
    total: int | None = None
    if query is None:
        shape = sql.SQL("with chosen as ({}) select {} from chosen")
    else:
        source = source + query.tail() if not counting else source
        shape = sql.SQL("select {1} from ({0}) as chosen")
        if counting:
            total = await _count(connection, source, values)
            source = source + query.tail()
    summary = sql.SQL("coalesce(json_agg(chosen), '[]')::text, count(*)")
    cursor = connection.cursor(row_factory=tuple_row)
    await cursor.execute(shape.format(source, summary), values)
    row = await cursor.fetchone()
    text, found = row if row else ("[]", 0)
    if query is None and counting:
        total = found
    if single:
        if found != 1:
            raise RestError(
                406,
                "PGRST116",
                "Cannot coerce the result to a single JSON object",
                details=f"The result contains {found} rows",
            )
        text = json.dumps(json.loads(text)[0], ensure_ascii=False)
    offset = query.offset if query else 0
    window = f"{offset}-{offset + found - 1}" if found else "*"
    if query and total is not None and found < total and not single:
        status = 206
    answer = _json(request, text, status=status)
    answer.headers["content-range"] = f"{window}/{'*' if total is None else total}"
    return answer


async def _count(connection: Connection, source: sql.Composable, values: list[object]) -> int:
    cursor = connection.cursor(row_factory=tuple_row)
    await cursor.execute(sql.SQL("select count(*) from ({}) as counted").format(source), values)
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def _body(request: Request, empty: Any = None) -> Any:
    raw = await request.body()
    if not raw and empty is not None:
        return empty
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise RestError(400, "PGRST102", "Empty or invalid json") from None


def _preference(request: Request, key: str) -> str | None:
    for part in ",".join(request.headers.getlist("prefer")).split(","):
        name, equals, value = part.strip().partition("=")
        if equals and name == key:
            return value
    return None


def _check_wishes(request: Request) -> None:
    """Raises RestError for headers that ask for what would silently be left out."""
    accept = request.headers.get("accept", "")
    if "nulls=stripped" in accept or not _ACCEPTED.search(accept or "*/*"):
        raise unsupported(f"the content type {accept}")
    if "range" in request.headers:
        raise unsupported("Range headers; use limit and offset")
    if _preference(request, "handling") == "strict":
        raise unsupported("Prefer: handling=strict")
    header = "accept-profile" if request.method in {"GET", "HEAD"} else "content-profile"
    schema = request.headers.get(header, "public")
    if schema != "public":
        raise RestError(406, "PGRST106", f"Invalid schema: {schema}", hint="Only public is exposed")


def _json(request: Request, text: str, *, status: int = 200) -> Response:
    single = _SINGLE in request.headers.get("accept", "")
    kind = f"{_SINGLE if single else 'application/json'}; charset=utf-8"
    return Response(text, status, media_type=kind, headers={"content-profile": "public"})


def _refusal(error: RestError) -> Response:
    headers = {"proxy-status": f"PostgREST; error={error.body['code']}"}
    kind = "application/json; charset=utf-8"
    return Response(json.dumps(error.body), error.status, headers=headers, media_type=kind)
