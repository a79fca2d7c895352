"""Rest: functions, the few selects of the desktop, their limits, and how each refusal is worded."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from postgrest.exceptions import APIError
from postgrest.types import CountMethod

from tests.contract.conftest import Open, Seat
from tests.contract.targets import Target, fetch
from tests.database import rights
from tests.database.conftest import Desk
from tests.remote.project import Agent

NOBODY = str(uuid.UUID(int=0))


async def refusal(query: Any) -> APIError:
    with pytest.raises(APIError) as caught:
        await query.execute()
    return caught.value


async def test_a_function_takes_named_arguments_and_answers_its_json(sari: Seat) -> None:
    answer: Any = await sari.client.rpc("pull_changes", {"cursor": "", "page_size": 50}).execute()
    assert isinstance(answer.data["cursor"], str)
    assert isinstance(answer.data["conversations"], list)
    again: Any = await sari.client.rpc("pull_changes", {"cursor": answer.data["cursor"]}).execute()
    assert again.data["cursor"], "an argument with a default may be left out"


async def test_times_come_as_iso_with_their_zone(sari: Seat) -> None:
    answer: Any = await sari.client.rpc("pull_changes", {"cursor": "", "page_size": 1}).execute()
    assert answer.data["server_time"].endswith("+00:00")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("no_such_function", {}), ("pull_changes", {"wrong": 1}), ("mark_read", {})],
)
async def test_an_unknown_function_or_argument_is_not_found(
    sari: Seat, target: Target, name: str, arguments: dict[str, Any]
) -> None:
    assert (await refusal(sari.client.rpc(name, arguments))).code == "PGRST202"
    answer = target.ask("POST", f"/rest/v1/rpc/{name}", sari.token, json=arguments)
    assert answer.status_code == 404


async def test_an_unknown_table_is_not_found(sari: Seat, target: Target) -> None:
    assert (await refusal(sari.client.table("no_such_table").select("*"))).code == "PGRST205"
    assert target.ask("GET", "/rest/v1/no_such_table", sari.token).status_code == 404


async def test_what_a_function_refuses_arrives_with_its_detail_and_what_to_do(
    sari: Seat, target: Target
) -> None:
    target.needs("words")
    wanted = {"id": str(uuid.uuid4()), "conversation_id": NOBODY, "content": "x", "media": []}
    error = await refusal(sari.client.rpc("send_message", wanted))
    assert (error.code, error.message) == ("P0001", "not_found")
    assert error.details
    assert error.hint
    answer = target.ask("POST", "/rest/v1/rpc/send_message", sari.token, json=wanted)
    assert answer.status_code == 400
    assert answer.json().keys() == {"code", "message", "details", "hint"}


async def test_writing_past_the_functions_is_refused(sari: Seat, target: Target) -> None:
    error = await refusal(sari.client.table("labels").insert({"name": "x"}))
    assert error.code == "42501"
    answer = target.ask("POST", "/rest/v1/labels", sari.token, json={"name": "x"})
    assert answer.status_code == 403


@pytest.mark.parametrize("table", ["messages", "contacts", "profiles", "chat_history"])
async def test_the_publishable_key_alone_is_refused(
    client: Open, target: Target, table: str
) -> None:
    target.needs("words")  # the npm package asks the database with its owner's rights here
    assert (await refusal((await client()).table(table).select("*"))).code == "42501"
    assert target.ask("GET", f"/rest/v1/{table}").status_code == 401
    called = target.ask("POST", "/rest/v1/rpc/pull_changes", json={})
    assert (called.status_code, called.json()["code"]) == (401, "42501")


async def test_nothing_at_all_answers_the_publishable_key_alone(target: Target) -> None:
    target.needs("words")
    open_ones = [
        name
        for name in rights.lines(rights.READ)
        if target.ask("GET", f"/rest/v1/{name}").status_code != 401
    ]
    for name, given in rights.arguments().items():
        named = dict.fromkeys(re.findall(r'"?(\w+)"? =>', given))
        answer = target.ask("POST", f"/rest/v1/rpc/{name}", json=named)
        if (answer.status_code, answer.json()["code"]) != (401, "42501"):
            open_ones.append(name)
    assert open_ones == []


@pytest.mark.parametrize("header", ["accept-profile", "content-profile"])
async def test_other_schemas_are_not_shown(sari: Seat, target: Target, header: str) -> None:
    method = "GET" if header == "accept-profile" else "POST"
    more: dict[str, Any] = {} if method == "GET" else {"json": {}}
    path = "/rest/v1/webhook_requests"
    answer = target.ask(method, path, sari.token, headers={header: "private"}, **more)
    assert (answer.status_code, answer.json()["code"]) == (406, "PGRST106")


async def test_none_is_not_single(sari: Seat) -> None:
    labels = sari.client.table("labels")
    assert (await refusal(labels.select("id").eq("id", NOBODY).single())).code == "PGRST116"
    assert (await labels.select("id").eq("id", NOBODY).execute()).data == []


@pytest.mark.parametrize(
    "token", ["nonsense", "eyJhbGciOiJub25lIn0.eyJyb2xlIjoic2VydmljZV9yb2xlIn0."]
)
async def test_a_token_that_is_none_is_refused(target: Target, token: str) -> None:
    target.needs("words")  # the npm package takes it for nobody and answers no rows
    answer = target.ask("GET", "/rest/v1/labels", token)
    assert (answer.status_code, answer.json()["code"]) == (401, "PGRST301")


async def test_a_token_past_its_end_is_refused_in_other_words(target: Target, desk: Desk) -> None:
    who = Agent(desk.person("Lama").id, "lama@example.com")
    answer = target.ask("GET", "/rest/v1/labels", target.token_for(who, lifetime=-60))
    assert (answer.status_code, answer.json()["code"]) == (401, "PGRST303")


async def test_a_token_signed_with_the_shared_secret_is_taken(target: Target, desk: Desk) -> None:
    who = Agent(desk.person("Simetris", "agent", desk.jakarta).id, "simetris@example.com")
    answer = target.ask("POST", "/rest/v1/rpc/my_profile", target.token_for(who), json={})
    assert answer.status_code == 200
    assert answer.json()["display_name"] == "Simetris"


@pytest.mark.parametrize("key", ["sb_publishable_wrong", None])
async def test_without_a_key_of_the_project_nothing_answers(
    target: Target, key: str | None
) -> None:
    target.needs("words")  # the npm package answers whoever brings none
    headers = {"apikey": key, "authorization": f"Bearer {key}"} if key else {}
    assert fetch(f"{target.url}/rest/v1/labels", headers).status_code == 401


# With rows that a customer or a colleague made ---------------------------------------------------


async def test_ids_are_chosen_and_counted_as_the_window_asks(sari: Seat, desk: Desk) -> None:
    thread = desk.conversation(desk.jakarta)
    hidden = desk.conversation(desk.bandung)
    for _ in range(3):
        desk.inbound(thread)
    desk.inbound(hidden)
    messages = sari.client.table("messages")
    found = await messages.select("id").in_("conversation_id", [thread, hidden]).execute()
    assert len(found.data) == 3
    for with_files, count in ((False, 3), (True, 0)):
        asked = messages.select("id", count=CountMethod.exact, head=True)
        asked = asked.in_("conversation_id", [thread, hidden])
        answer = await (asked.neq("media", "[]") if with_files else asked).execute()
        assert (answer.count, answer.data) == (count, [])
    ordered = await messages.select("content").order("timestamp", desc=True).limit(2).execute()
    assert len(ordered.data) == 2


async def test_no_answer_has_more_than_a_thousand_rows(
    sari: Seat, target: Target, desk: Desk
) -> None:
    if target.name == "lite":
        pytest.skip("its limit is a setting that it does not have by default")
    desk.run("insert into public.labels (name) select 'l' || n from generate_series(1, 1100) n")
    labels = sari.client.table("labels")
    assert len((await labels.select("id").execute()).data) == 1000
    assert len((await labels.select("id").limit(5000).execute()).data) == 1000
    assert len((await labels.select("id").range(1000, 1999).execute()).data) == 100


async def test_a_statement_ends_after_the_time_of_the_caller(target: Target, desk: Desk) -> None:
    target.needs("words")
    desk.run(
        "create or replace function public.contract_nap() returns void language sql"
        " set search_path = '' as 'select pg_catalog.pg_sleep(20)'"
    )
    desk.run("grant execute on function public.contract_nap() to anon")
    try:
        answer = target.ask("POST", "/rest/v1/rpc/contract_nap", json={})
    finally:
        desk.run("drop function public.contract_nap()")
    assert (answer.status_code, answer.json()["code"]) == (500, "57014")
    assert 2 < answer.elapsed.total_seconds() < 6


async def test_what_the_database_raises_has_its_documented_status(
    target: Target, desk: Desk, sari: Seat
) -> None:
    """Source: https://docs.postgrest.org/en/stable/references/errors.html"""
    target.needs("words")
    desk.run(
        "create or replace function public.contract_raise(code text) returns void"
        " language plpgsql set search_path = '' as"
        " $$ begin raise exception using errcode = code, message = 'x'; end $$"
    )
    desk.run("grant execute on function public.contract_raise(text) to authenticated")
    expected = {
        "P0001": 400, "P0002": 500, "PT418": 418, "21000": 500, "22P02": 400, "23505": 409,
        "23514": 400, "28000": 403, "40001": 500, "40P01": 500, "42501": 403, "42P01": 404,
        "53100": 503, "54000": 500, "55P03": 500, "57014": 500, "XX000": 500,
    }  # fmt: skip
    try:
        answers = {
            code: target.ask("POST", "/rest/v1/rpc/contract_raise", sari.token, json={"code": code})
            for code in expected
        }
    finally:
        desk.run("drop function public.contract_raise(text)")
    assert {code: answer.status_code for code, answer in answers.items()} == expected
    assert all(answer.json()["code"] == code for code, answer in answers.items())


async def test_the_secret_key_passes_row_security_and_no_browser(
    target: Target, desk: Desk
) -> None:
    target.needs("words")
    desk.inbound(desk.conversation(desk.bandung))
    secret = {"apikey": target.secret, "authorization": f"Bearer {target.secret}"}
    assert len(target.ask("GET", "/rest/v1/messages", headers=secret).json()) == 1
    browser = secret | {"user-agent": "Mozilla/5.0"}
    assert target.ask("GET", "/rest/v1/messages", headers=browser).status_code == 401
