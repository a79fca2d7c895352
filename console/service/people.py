"""People who work at the desk: their login (Auth admin API), profile and inboxes (database)."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg

from console.domain.errors import EnvironmentFaultError, ExpectedError
from console.domain.profile import Role
from console.service.config import Config, Needs, load

_PAGE = 200
# Auth has no "for ever"; a hundred years will do.
_FOR_EVER = "876000h"


@dataclass(frozen=True, slots=True)
class Person:
    """One line of the list. `inboxes` are names; supervisors and admins see all inboxes anyway."""

    id: str
    email: str
    role: str
    active: bool
    name: str
    inboxes: tuple[str, ...]


class People:
    """Adds, lists, disables and resets people. Blocking; use as a context manager.

    Every method raises ExpectedError for what the caller got wrong and EnvironmentFaultError when
    Auth or the database does not answer.
    """

    def __init__(self, config: Config) -> None:
        self._database_url = config.database_url
        self._auth = httpx.Client(
            base_url=f"{config.supabase_url}/auth/v1",
            headers={"apikey": config.secret_key, "authorization": f"Bearer {config.secret_key}"},
            timeout=30,
        )

    def __enter__(self) -> People:
        return self

    def __exit__(self, *_: object) -> None:
        self._auth.close()

    def add(
        self,
        email: str,
        role: str,
        *,
        name: str | None = None,
        inboxes: Sequence[str] = (),
        password: str | None = None,
    ) -> str | None:
        """Make or complete a person; safe to repeat. Without a password returns a one-time code.

        An inbox is named by its name or its address. Somebody who has a login already keeps it
        and their password.
        """
        if role not in set(Role):
            raise ExpectedError("There is no such role.", role, fix="agent, supervisor or admin")
        if password is not None and len(password) < 8:
            raise ExpectedError("The password is too short.", "At least 8 characters.")
        with self._database() as connection:
            inbox_ids = [_inbox(connection, inbox) for inbox in inboxes]
            found = self._find(email)
            if found is None:
                user = self._call(
                    "POST",
                    "/admin/users",
                    {
                        "email": email,
                        # Without one, the code is the only way in; this password is never told.
                        "password": password or secrets.token_urlsafe(32),
                        "email_confirm": True,
                    },
                )
            else:
                user = found
                change: dict[str, Any] = {"ban_duration": "none"}
                if password is not None:
                    change["password"] = password
                self._call("PUT", f"/admin/users/{found['id']}", change)
            connection.execute(
                """
                insert into public.profiles as p (id, display_name, role, active)
                values (%s, %s, %s, true)
                on conflict (id) do update
                  set role = excluded.role, active = true,
                      display_name = coalesce(%s, p.display_name, excluded.display_name)
                """,
                (user["id"], name or email.partition("@")[0], role, name),
            )
            for inbox_id in inbox_ids:
                connection.execute(
                    "insert into public.inbox_members (inbox_id, profile_id) values (%s, %s)"
                    " on conflict do nothing",
                    (inbox_id, user["id"]),
                )
        return None if password is not None else self._code(email)

    def everybody(self) -> list[Person]:
        """Everybody who has a login, by e-mail."""
        emails = {str(user["id"]): str(user.get("email") or "") for user in self._users()}
        with self._database() as connection:
            rows = connection.execute(
                """
                select p.id::text, p.role, p.active, coalesce(p.display_name, ''),
                       array(select i.name from public.inbox_members m
                               join public.inboxes i on i.id = m.inbox_id
                              where m.profile_id = p.id order by i.name)
                from public.profiles p
                """
            ).fetchall()
        people = [
            Person(row[0], emails[row[0]], row[1], row[2], row[3], tuple(row[4]))
            for row in rows
            if row[0] in emails
        ]
        return sorted(people, key=lambda person: person.email)

    def disable(self, email: str) -> None:
        """Let this person in no longer: no new sign-in, no refresh, no row of any inbox."""
        user = self._known(email)
        with self._database() as connection:
            connection.execute(
                "update public.profiles set active = false, available = false where id = %s",
                (user["id"],),
            )
        self._call("PUT", f"/admin/users/{user['id']}", {"ban_duration": _FOR_EVER})

    def reset(self, email: str) -> str:
        """A one-time code with which this person sets a new password in the window."""
        self._known(email)
        return self._code(email)

    def _code(self, email: str) -> str:
        link = self._call("POST", "/admin/generate_link", {"type": "recovery", "email": email})
        code = link.get("email_otp") or (link.get("properties") or {}).get("email_otp")
        if not code:
            raise EnvironmentFaultError("Auth gave no one-time code.")
        return str(code)

    def _known(self, email: str) -> Mapping[str, Any]:
        user = self._find(email)
        if user is None:
            raise ExpectedError(
                "Nobody has this e-mail address.", email, fix="balas user list shows everybody."
            )
        return user

    def _find(self, email: str) -> Mapping[str, Any] | None:
        wanted = email.casefold()
        return next(
            (user for user in self._users() if str(user.get("email") or "").casefold() == wanted),
            None,
        )

    def _users(self) -> Iterator[Mapping[str, Any]]:
        page = 1
        while True:
            answer = self._call("GET", f"/admin/users?page={page}&per_page={_PAGE}")
            users = answer.get("users") or []
            yield from users
            if len(users) < _PAGE:
                return
            page += 1

    def _call(
        self, method: str, place: str, body: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        try:
            answer = self._auth.request(method, place, json=body)
        except httpx.HTTPError as error:
            raise EnvironmentFaultError("Auth cannot be reached.", type(error).__name__) from error
        try:
            content = answer.json() if answer.content else {}
        except ValueError:
            content = {}
        if answer.is_success and isinstance(content, dict):
            return content
        said = ""
        if isinstance(content, dict):
            said = str(content.get("message") or content.get("msg") or "")
        if answer.status_code in (400, 409, 422):
            raise ExpectedError("Auth refused this.", said)
        if answer.status_code in (401, 403):
            raise EnvironmentFaultError(
                "Auth refused the secret key.", said, fix="Check SUPABASE_SECRET_KEY."
            )
        raise EnvironmentFaultError("Auth does not work.", f"HTTP {answer.status_code} {said}")

    @contextmanager
    def _database(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """One transaction."""
        try:
            with psycopg.connect(
                self._database_url, connect_timeout=10, prepare_threshold=None
            ) as connection:
                yield connection
        except psycopg.OperationalError as error:
            raise EnvironmentFaultError("The database does not answer.") from error
        except psycopg.ProgrammingError as error:
            raise EnvironmentFaultError(
                "The database is not ready.", str(error.sqlstate), fix="Run balas migrate."
            ) from error


def _inbox(connection: psycopg.Connection[tuple[Any, ...]], name: str) -> Any:
    rows = connection.execute(
        "select id from public.inboxes where name = %s or address = %s", (name, name)
    ).fetchall()
    if len(rows) == 1:
        return rows[0][0]
    known = connection.execute("select name from public.inboxes order by name").fetchall()
    raise ExpectedError(
        "Several inboxes have this name." if rows else "There is no such inbox.",
        name,
        fix="Known inboxes: " + (", ".join(row[0] for row in known) or "none yet"),
    )


def _open() -> People:
    return People(load(os.environ, Needs.PEOPLE))


def add(
    email: str,
    role: str,
    *,
    name: str | None = None,
    inboxes: Sequence[str] = (),
    password: str | None = None,
) -> int:
    """`balas user add`: prints the one-time code when no password is given."""
    with _open() as people:
        code = people.add(email, role, name=name, inboxes=inboxes, password=password)
    print(f"{email} is {role}.")  # noqa: T201  the command's output
    if code:
        _tell(code)
    return 0


def list_all() -> int:
    """`balas user list`: one line a person."""
    with _open() as people:
        for person in people.everybody():
            state = "" if person.active else "  (disabled)"
            inboxes = ", ".join(person.inboxes) or "-"
            print(f"{person.email}  {person.role}  {inboxes}{state}")  # noqa: T201  output
    return 0


def disable(email: str) -> int:
    """`balas user disable`."""
    with _open() as people:
        people.disable(email)
    print(f"{email} is let in no longer.")  # noqa: T201  the command's output
    return 0


def reset(email: str) -> int:
    """`balas user reset`: prints a one-time code."""
    with _open() as people:
        _tell(people.reset(email))
    return 0


def _tell(code: str) -> None:
    words = "One-time code, to be typed into the window"
    print(f"{words}: {code}")  # noqa: T201  the command's output
