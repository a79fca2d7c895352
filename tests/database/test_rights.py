"""Everything there is, tried by each of six people, against the table of rights."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from psycopg import errors

from tests.conftest import Database, create_database
from tests.database import rights
from tests.database.conftest import Desk
from tests.database.rights_world import PEOPLE, PLACES, WORDS, World, fill, opened, places

Answers = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def world(migrated_template: Database) -> Iterator[World]:
    """One world for all; whatever is tried in it is rolled back."""
    name = f"rights_{uuid.uuid4().hex[:8]}"
    database = create_database(migrated_template.server, name, migrated_template.name)
    with Desk.of(database) as desk:
        desk.jakarta = desk.inbox("Jakarta", "whatsapp:+628110000001")
        desk.bandung = desk.inbox("Bandung", "whatsapp:+628110000002")
        with opened(fill(desk)) as made:
            yield made


def everybody(names: list[str], tried: Callable[[str, str], str]) -> Answers:
    return {name: {who: tried(name, who) for who in PEOPLE} for name in names}


def agrees(found: Answers, table: str) -> None:
    """Fails with one line for each thing that is not as the table says."""
    expected = rights.lines(table)
    unlisted = [f"not listed: {name} {found[name]}" for name in sorted(found.keys() - expected)]
    gone = [f"listed, but not there: {name}" for name in sorted(expected.keys() - found)]
    other = [
        f"{name}: {who} gets {found[name][who]!r}, the table says {expected[name][who]!r}"
        for name in sorted(found.keys() & expected)
        for who in PEOPLE
        if found[name][who] != expected[name][who]
    ]
    if wrong := [*unlisted, *gone, *other]:
        pytest.fail("\n".join(["not as the table of rights says:", *wrong]), pytrace=False)


def catalog(world: World, query: str) -> list[Any]:
    return [row[0] for row in world.desk.admin.execute(query.encode()).fetchall()]


def _relations(world: World) -> list[str]:
    return catalog(
        world,
        "select relname from pg_class where relnamespace = 'public'::regnamespace"
        " and relkind in ('r', 'p', 'v', 'm', 'f')",
    )


def _summary(seen: list[str], whole: list[str]) -> str:
    """`seen` and `whole` are places of rows."""
    if not seen:
        return "none"
    found = set(seen)
    if any(seen.count(place) != whole.count(place) for place in found):
        return "own"
    if found == {"shared"}:
        return "all"
    return "both" if found >= set(PLACES) else "+".join(sorted(found))


def test_each_table_and_view_shows_what_the_table_of_rights_says(world: World) -> None:
    where = {name: places(world, name) for name in _relations(world)}

    def select(name: str, who: str) -> str:
        refusal, rows = world.attempt(who, f"select to_jsonb(t)::text from public.{name} t")
        if refusal:
            return refusal
        return _summary([where[name][row[0]] for row in rows], list(where[name].values()))

    assert all(where.values()), "the world lacks rows of something"
    agrees(everybody(list(where), select), rights.READ)


def test_nobody_writes_to_any_table(world: World) -> None:
    columns = {
        name: catalog(
            world,
            f"select attname from pg_attribute where attrelid = 'public.{name}'::regclass"
            " and attnum > 0 and attgenerated = '' and attidentity = ''",
        )[0]
        for name in _relations(world)
    }
    done = [
        (who, statement)
        for name, column in columns.items()
        for statement in (
            f'insert into public.{name} ("{column}") select null where false',
            f'update public.{name} set "{column}" = null where false',
            f"delete from public.{name} where false",
        )
        for who in PEOPLE
        if world.attempt(who, statement)[0] != "-"
    ]
    assert done == []


def test_each_function_does_what_the_table_of_rights_says(world: World) -> None:
    calls = {
        name: re.sub(r"(?<!:):([a-z]\w*)", r"%(\1)s", given)
        for name, given in rights.arguments().items()
    }
    names = catalog(
        world, "select proname from pg_proc where pronamespace = 'public'::regnamespace"
    )
    assert len(names) == len(set(names)), "a second function of one name needs its own line"
    assert sorted(names) == sorted(calls), "ARGUMENTS lacks a call, or has one too many"

    def call(name: str, who: str) -> str:
        values = world.names | {"new": str(uuid.uuid4())}
        statement = f"select to_jsonb(public.{name}({calls[name]}))::text"
        refusal, rows = world.attempt(who, statement, values)
        return refusal or _told(rows[0][0] or "")

    agrees(everybody(names, call), rights.CALL)


def _told(answer: str) -> str:
    """Of which inboxes an answer speaks; the refusal, where one came inside an answer."""
    told = [place for place in PLACES if WORDS[place] in answer]
    if inner := re.search(r'"(not_found|not_allowed)"', answer):
        return "+".join([inner[1], *told])
    return "both" if len(told) == 2 else (told or ["yes"])[0]


def test_nothing_else_is_granted(world: World) -> None:
    """Functions and relations of our other schemas, of the history and of the queue."""
    ours = "('public', 'private', 'jobs', 'supabase_migrations')"
    executable = catalog(
        world,
        "select distinct nspname || '.' || proname from pg_proc p"
        " join pg_namespace n on n.oid = pronamespace,"
        f" unnest(array['anon', 'authenticated']) as role where nspname in {ours}"
        " and has_function_privilege(role, p.oid, 'execute')"
        " and has_schema_privilege(role, n.oid, 'usage')",
    )
    meant = {f"public.{name}" for name in rights.arguments()}
    assert set(executable) == meant | {f"private.{name}" for name in rights.ASKED_BY_POLICIES}
    granted = catalog(
        world,
        "select distinct nspname || '.' || relname || ' ' || privilege from pg_class c"
        " join pg_namespace n on n.oid = relnamespace,"
        " unnest(array['anon', 'authenticated']) as role, unnest(array['select', 'insert',"
        " 'update', 'delete', 'truncate', 'references', 'trigger']) as privilege"
        f" where nspname in {ours} and relkind in ('r', 'p', 'v', 'm', 'f')"
        " and has_table_privilege(role, c.oid, privilege)",
    )
    assert set(granted) == {f"public.{name} select" for name in rights.lines(rights.READ)}
    usable = catalog(
        world,
        "select nspname || '.' || relname from pg_class c join pg_namespace n"
        f" on n.oid = relnamespace where nspname in {ours} and relkind = 'S' and exists"
        " (select from unnest(array['anon', 'authenticated']) as role"
        "   where has_sequence_privilege(role, c.oid, 'usage, select, update'))",
    )
    assert usable == []


def test_each_bucket_opens_as_the_table_of_rights_says(world: World) -> None:
    buckets = catalog(world, "select id from storage.buckets")
    assert {name.split()[0] for name in rights.lines(rights.FILES)} == {*buckets, "canned"}
    world.desk.run(
        "insert into storage.objects (bucket_id, name) values ('attachments', %s)",
        f"canned/{world.names['canned']}/0/{WORDS['jakarta']}.png",
    )
    folders = {
        "media": ("media", world.names["thread"]),
        "attachments": ("attachments", world.names["thread"]),
        "canned": ("attachments", "canned"),
    }

    def act(name: str, who: str) -> str:
        kind, verb = name.split()
        bucket, folder = folders[kind]
        values = {"bucket": bucket, "folder": folder, "name": f"{folder}/{uuid.uuid4()}/0/x.png"}
        its = "bucket_id = %(bucket)s and (storage.foldername(name))[1] = %(folder)s"
        statements = {
            "see": "select name from storage.objects where bucket_id = %(bucket)s"
            " and ((storage.foldername(name))[1] = 'canned') = (%(folder)s = 'canned')",
            "put": "insert into storage.objects (bucket_id, name) values (%(bucket)s, %(name)s)",
            "change": f"update storage.objects set name = name || 'x' where {its}",
            "delete": f"delete from storage.objects where {its}",
        }
        refusal, found = world.attempt(who, statements[verb], values)
        if refusal:
            return refusal
        if verb == "see":
            told = _told(" ".join(row[0] for row in found)) if found else "none"
            return "all" if kind == "canned" and found else told
        return "yes" if found else "none"

    agrees(everybody(list(rights.lines(rights.FILES)), act), rights.FILES)


def test_each_channel_opens_as_the_table_of_rights_says(world: World) -> None:
    """As Realtime asks: a row of the topic, looked for and written by whoever wants to join."""
    desk, profiles = world.desk, world.profiles
    topics = {
        "inbox:jakarta": f"inbox:{desk.jakarta}",
        "inbox:bandung": f"inbox:{desk.bandung}",
        "desk:jakarta": f"desk:{desk.jakarta}",
        "desk:bandung": f"desk:{desk.bandung}",
        "desk:nothing": "desk:",
        "inbox:nothing": "inbox:",
        "profile:agent": f"profile:{profiles['agent']}",
        "profile:other": f"profile:{profiles['other']}",
        "somewhere": "somewhere",
    }
    for topic in topics.values():
        for extension in ("broadcast", "presence"):
            insert = "insert into realtime.messages (topic, extension) values (%s, %s)"
            desk.run(insert, topic, extension)

    def join(name: str, who: str) -> str:
        topic = topics[name]
        with world.trying(who) as connection:
            connection.execute("select set_config('realtime.topic', %s, true)", [topic])
            query = "select distinct extension from realtime.messages where topic = %s"
            seen = frozenset(row[0] for row in connection.execute(query, [topic]))
            spoken = set()
            for extension in ("broadcast", "presence"):
                with suppress(errors.InsufficientPrivilege), connection.transaction():
                    connection.execute(
                        "insert into realtime.messages (topic, extension) values (%s, %s)",
                        [topic, extension],
                    )
                    spoken.add(extension)
        speaks = {0: "", 1: f"speak {spoken}", 2: "speak"}[len(spoken)]
        return "+".join(word for word in (_HEARD[seen], speaks) if word) or "-"

    agrees(everybody(list(topics), join), rights.CHANNELS)


_HEARD = {
    frozenset[str](): "",
    frozenset({"broadcast"}): "hear",
    frozenset({"presence"}): "see",
    frozenset({"broadcast", "presence"}): "both",
}
