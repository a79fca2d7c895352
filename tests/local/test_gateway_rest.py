"""Rest through supabase-py: functions, tables and filters under the caller's row security."""

from __future__ import annotations

import os
import signal
from typing import Any

import httpx
import pytest
from postgrest.exceptions import APIError
from postgrest.types import CountMethod
from supabase import AsyncClient

from tests.local.conftest import Client, Gateway, execute, rows
from tests.waiting import eventually


async def test_functions_take_named_typed_arguments_and_defaults(budi: AsyncClient) -> None:
    assert (await budi.rpc("add", {"a": 40}).execute()).data == 42
    assert (await budi.rpc("add", {"a": 1, "b": 1}, get=True).execute()).data == 2
    document = {"a": [1, None, "é"]}
    answer = await budi.rpc("echo", {"document": document, "at": "2026-03-01T10:00:00Z"}).execute()
    assert answer.data == {"document": document, "at": "2026-03-01T10:00:00+00:00"}


async def test_an_unknown_function_or_argument_is_not_found(budi: AsyncClient) -> None:
    for name, arguments in (("nothing", {}), ("add", {"c": 1}), ("add", {})):
        with pytest.raises(APIError) as caught:
            await budi.rpc(name, arguments).execute()
        assert caught.value.code == "PGRST202"


async def test_a_raised_error_arrives_with_its_detail_and_hint(budi: AsyncClient) -> None:
    with pytest.raises(APIError) as caught:
        await budi.rpc("refuse", {}).execute()
    error = caught.value
    assert (error.code, error.message) == ("P0001", "window_closed")
    assert (error.details, error.hint) == ("The window closed.", "Choose a template.")


@pytest.mark.parametrize(("function", "status"), [("refuse", 400), ("gone", 410)])
def test_raised_errors_have_the_documented_status(
    gateway: Gateway, function: str, status: int
) -> None:
    answer = httpx.post(f"{gateway.url}/rest/v1/rpc/{function}", headers=gateway.headers(), json={})
    assert answer.status_code == status


async def test_each_user_sees_and_writes_only_their_own_rows(
    budi: AsyncClient, citra: AsyncClient
) -> None:
    await budi.table("notes").insert({"body": "punya budi"}).execute()
    await citra.table("notes").insert([{"body": "satu"}, {"body": "dua"}]).execute()
    assert _bodies((await budi.table("notes").select("*").execute()).data) == {"punya budi"}
    assert _bodies((await citra.table("notes").select("body").execute()).data) == {"satu", "dua"}
    assert rows(await citra.rpc("my_notes", {}).eq("body", "satu").execute())[0]["body"] == "satu"
    mine: Any = (await budi.table("notes").select("owner").single().execute()).data
    with pytest.raises(APIError) as caught:
        await citra.table("notes").insert({"body": "curang", "owner": mine["owner"]}).execute()
    assert caught.value.code == "42501"
    changed = await citra.table("notes").update({"stars": 5}).eq("body", "punya budi").execute()
    assert changed.data == []


async def test_the_publishable_key_alone_sees_nothing(client: Client, budi: AsyncClient) -> None:
    await budi.table("notes").insert({"body": "rahasia"}).execute()
    stranger = await client()
    assert (await stranger.table("notes").select("*").execute()).data == []
    with pytest.raises(APIError) as caught:
        await stranger.table("notes").insert({"body": "x"}).execute()
    assert caught.value.code == "42501"


async def test_the_service_key_passes_row_security(
    client: Client, gateway: Gateway, budi: AsyncClient
) -> None:
    await budi.table("notes").insert({"body": "rahasia"}).execute()
    service = await client(gateway.config.keys.secret_key)
    assert len((await service.table("notes").select("*").execute()).data) == 1


async def test_filters_order_and_pages(budi: AsyncClient) -> None:
    rows = [{"body": f"catatan {n}", "stars": n} for n in range(10)]
    await (
        budi.table("notes")
        .insert([*rows, {"body": 'koma, "kutip" (kurung)', "stars": 99}])
        .execute()
    )

    async def stars(query: Any) -> list[int]:
        return [row["stars"] for row in (await query.order("stars", desc=True).execute()).data]

    notes = budi.table("notes")
    assert await stars(notes.select("stars").gte("stars", 8).lt("stars", 50)) == [9, 8]
    assert await stars(notes.select("stars").in_("stars", [1, 3])) == [3, 1]
    assert await stars(notes.select("stars").in_("body", ['koma, "kutip" (kurung)'])) == [99]
    assert await stars(notes.select("stars").ilike("body", "%KUTIP%")) == [99]
    assert await stars(notes.select("stars").neq("stars", 99).limit(2)) == [9, 8]
    assert await stars(notes.select("stars").range(1, 2)) == [9, 8]
    assert await stars(notes.select("stars").is_("body", "null")) == []
    assert await stars(notes.select("stars").not_.like("body", "catatan%")) == [99]
    counted = await notes.select("*", count=CountMethod.exact).limit(3).execute()
    assert (len(counted.data), counted.count) == (3, 11)


async def test_upsert_update_and_delete_answer_the_rows(budi: AsyncClient) -> None:
    notes = budi.table("notes")
    await notes.insert({"body": "a"}).execute()
    merged = await notes.upsert({"body": "a", "stars": 3}, on_conflict="body").execute()
    assert [row["stars"] for row in rows(merged)] == [3]
    key = rows(merged)[0]["id"]
    by_key = await notes.upsert({"id": key, "body": "a", "stars": 5}).execute()
    assert [row["stars"] for row in rows(by_key)] == [5]
    assert rows(await notes.update({"stars": 4}).eq("body", "a").execute())[0]["stars"] == 4
    assert rows(await notes.delete().eq("body", "a").execute())[0]["body"] == "a"
    with pytest.raises(APIError) as caught:
        await notes.insert([{"body": "b"}, {"body": "b"}]).execute()
    assert caught.value.code == "23505"
    with pytest.raises(APIError) as unfiltered:
        await notes.delete().execute()
    assert unfiltered.value.code == "21000"


async def test_no_answer_has_more_than_a_thousand_rows(client: Client, gateway: Gateway) -> None:
    execute(
        gateway.database,
        "insert into notes (owner, body) select gen_random_uuid(), n::text"
        " from generate_series(1, 1200) n",
    )
    service = await client(gateway.config.keys.secret_key)
    assert len((await service.table("notes").select("id").execute()).data) == 1000
    assert len((await service.table("notes").select("id").limit(5000).execute()).data) == 1000


async def test_none_or_several_are_not_single(budi: AsyncClient) -> None:
    with pytest.raises(APIError) as caught:
        await budi.table("notes").select("*").single().execute()
    assert caught.value.code == "PGRST116"
    assert await budi.table("notes").select("*").maybe_single().execute() is None


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("select=*,other(*)", 501),
        ("or=(stars.eq.1,stars.eq.2)", 501),
        ("body=fts.x", 501),
        ("select=body->a", 501),
        ("stars=eq.abc", 400),
        ("nothing=eq.1", 400),
        ("stars=between.1", 501),
        ("body%22;drop table notes;--=eq.1", 400),
        ("order=stars;drop", 400),
        ("limit=x", 400),
    ],
)
def test_what_it_cannot_answer_it_refuses(gateway: Gateway, query: str, status: int) -> None:
    answer = httpx.get(f"{gateway.url}/rest/v1/notes?{query}", headers=gateway.headers())
    assert answer.status_code == status, answer.text
    assert answer.json()["message"]


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/rest/v1/notes", {"range": "0-9"}),
        ("GET", "/rest/v1/notes", {"accept": "text/csv"}),
        ("GET", "/rest/v1/", {}),
        ("DELETE", "/rest/v1/notes?stars=eq.1&limit=1", {}),
        ("POST", "/rest/v1/notes", {"prefer": "handling=strict"}),
        ("POST", "/auth/v1/otp", {}),
        ("POST", "/storage/v1/object/list-v2/files", {}),
        ("GET", "/storage/v1/render/image/public/files/a.png", {}),
        ("POST", "/realtime/v1/api/broadcast", {}),
        ("POST", "/functions/v1/hello", {}),
    ],
)
def test_what_is_not_built_says_so(
    gateway: Gateway, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = gateway.ask(method, path, headers=gateway.headers() | headers)
    assert answer.status_code == 501, answer.text
    assert "local gateway does not" in answer.json()["message"]


def test_unknown_tables_and_private_schemas_are_not_there(gateway: Gateway) -> None:
    for table in ("nothing", "pg_class", "auth.users"):
        answer = httpx.get(f"{gateway.url}/rest/v1/{table}", headers=gateway.headers())
        assert (answer.status_code, answer.json()["code"]) == (404, "PGRST205")
    headers = gateway.headers() | {"accept-profile": "auth"}
    answer = httpx.get(f"{gateway.url}/rest/v1/users", headers=headers)
    assert answer.status_code == 406


def test_it_fails_and_dawdles_only_where_it_is_told_to(gateway: Gateway) -> None:
    gateway.control("misbehave", status=503, paths=["/rest/v1/rpc/add"], slow=0.2)
    failing = gateway.ask("POST", "/rest/v1/rpc/add", json={"a": 1})
    assert failing.status_code == 503
    assert failing.elapsed.total_seconds() > 0.2
    assert gateway.ask("GET", "/rest/v1/notes").status_code == 200


async def test_it_answers_again_when_postgres_returns(budi: AsyncClient, gateway: Gateway) -> None:
    server = gateway.database.server
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    answer = gateway.ask("POST", "/rest/v1/rpc/add", json={"a": 1}, timeout=15)
    assert answer.status_code == 503
    server.start()

    async def answers() -> bool:
        try:
            return bool((await budi.rpc("add", {"a": 1}).execute()).data == 3)
        except APIError:
            return False

    await eventually(answers, within=5)


def _bodies(found: Any) -> set[str]:
    return {row["body"] for row in found}
