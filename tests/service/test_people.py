"""Adding people: a login in Auth, a profile and inboxes in the database, a one-time code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from console.domain.errors import EnvironmentFaultError, ExpectedError
from console.local.gateway.config import GatewayConfig
from console.service import people
from console.service.people import People
from tests.conftest import Database as Clone
from tests.service.conftest import Rows, config_of
from tests.service.project import gateway
from tests.service.requests import INBOX

EMAIL = "rina@toko.example"


@pytest.fixture
def project(database: Clone, tmp_path: Path) -> Iterator[GatewayConfig]:
    """The project's gateway, on the test's database."""
    with gateway(database, tmp_path) as running:
        yield running


@pytest.fixture
def desk(database: Clone, project: GatewayConfig) -> Iterator[People]:
    config = config_of(
        database.dsn, SUPABASE_URL=project.url, SUPABASE_SECRET_KEY=project.keys.secret_key
    )
    with People(config) as people:
        yield people


@pytest.fixture
def inbox(rows: Rows) -> Any:
    return rows.value(
        "insert into public.inboxes (name, channel, address) values ('Toko', 'whatsapp', %s)"
        " returning id",
        INBOX,
    )


def _auth(project: GatewayConfig, path: str, **body: str) -> httpx.Response:
    headers = {"apikey": project.keys.publishable_key}
    return httpx.post(f"{project.url}/auth/v1/{path}", json=body, headers=headers)


def _sign_in(project: GatewayConfig, password: str) -> int:
    return _auth(project, "token?grant_type=password", email=EMAIL, password=password).status_code


def test_a_person_with_a_password_signs_in_and_is_in_the_inbox(
    desk: People, project: GatewayConfig, rows: Rows, inbox: Any
) -> None:
    code = desk.add(EMAIL, "agent", name="Rina", inboxes=["Toko"], password="rahasia-sekali")
    assert code is None
    assert _sign_in(project, "rahasia-sekali") == 200
    profile = rows.one("select * from public.profiles")
    assert (profile["display_name"], profile["role"], profile["active"]) == ("Rina", "agent", True)
    member = rows.one("select * from public.inbox_members")
    assert (member["inbox_id"], member["profile_id"]) == (inbox, profile["id"])


def test_without_a_password_a_code_lets_them_in_once(
    desk: People, project: GatewayConfig, rows: Rows
) -> None:
    code = desk.add(EMAIL, "supervisor")
    assert code is not None
    entered = _auth(project, "verify", type="recovery", email=EMAIL, token=code)
    assert entered.status_code == 200
    assert entered.json()["user"]["id"] == str(rows.value("select id from public.profiles"))
    again = _auth(project, "verify", type="recovery", email=EMAIL, token=code)
    assert again.status_code == 403


def test_adding_somebody_twice_changes_role_and_keeps_their_name_and_password(
    desk: People, project: GatewayConfig, rows: Rows
) -> None:
    desk.add(EMAIL, "agent", name="Rina", password="rahasia-sekali")
    assert desk.add(EMAIL.upper(), "admin") is not None
    profile = rows.one("select * from public.profiles")
    assert (profile["display_name"], profile["role"]) == ("Rina", "admin")
    assert _sign_in(project, "rahasia-sekali") == 200


def test_who_is_disabled_gets_in_no_more_until_added_again(
    desk: People, project: GatewayConfig, rows: Rows
) -> None:
    desk.add(EMAIL, "agent", password="rahasia-sekali")
    desk.disable(EMAIL)
    assert rows.value("select active from public.profiles") is False
    assert _sign_in(project, "rahasia-sekali") == 400
    (person,) = desk.everybody()
    assert (person.email, person.active, person.inboxes) == (EMAIL, False, ())
    desk.add(EMAIL, "agent", password="rahasia-kedua")
    assert _sign_in(project, "rahasia-kedua") == 200


def test_a_wrong_inbox_or_role_adds_nobody(desk: People, rows: Rows, inbox: Any) -> None:
    with pytest.raises(ExpectedError) as caught:
        desk.add(EMAIL, "agent", inboxes=["Gudang"])
    assert "Toko" in caught.value.fix
    with pytest.raises(ExpectedError):
        desk.add(EMAIL, "owner")
    with pytest.raises(ExpectedError):
        desk.reset("nobody@toko.example")
    assert desk.everybody() == []
    assert rows.all("select from public.profiles") == []
    assert inbox is not None


def test_a_wrong_key_is_named(database: Clone, project: GatewayConfig) -> None:
    config = config_of(database.dsn, SUPABASE_URL=project.url, SUPABASE_SECRET_KEY="sb_secret_no")
    with People(config) as desk, pytest.raises(EnvironmentFaultError) as caught:
        desk.reset(EMAIL)
    assert "SUPABASE_SECRET_KEY" in caught.value.fix


def test_the_commands_print_what_an_administrator_needs(
    database: Clone,
    project: GatewayConfig,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SUPABASE_URL", project.url)
    monkeypatch.setenv("SUPABASE_SECRET_KEY", project.keys.secret_key)
    monkeypatch.setenv("SUPABASE_DB_URL", database.dsn)
    assert people.add(EMAIL, "agent") == 0
    assert people.list_all() == 0
    assert people.reset(EMAIL) == 0
    assert people.disable(EMAIL) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == f"{EMAIL} is agent."
    assert printed[1].startswith("One-time code")
    assert printed[2] == f"{EMAIL}  agent  -"
    assert printed[1] != printed[3]
