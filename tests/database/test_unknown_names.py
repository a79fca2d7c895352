"""A misspelt name is refused and named: a variable of a text, a key of what a call is given."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.database.conftest import Desk, Person, refused
from tests.database.test_desk import file
from tests.database.test_rules_replies import OPEN, hours, rule, run
from tests.database.test_unless_changed import GREETING, made

ROLES = ("supervisor", "admin")
WEEK = {"mon": [["08:00", "17:00"]]}
HOURS = {"zone": "Asia/Jakarta", "week": WEEK}
SID = "HX" + "a" * 32


@pytest.fixture
def thread(desk: Desk) -> str:
    """A conversation in Jakarta whose customer wrote just now."""
    found = desk.conversation(desk.jakarta, "Siti")
    desk.inbound(found)
    return found


def words(act: Callable[[], object]) -> tuple[str, str, str]:
    """The code of the refusal that `act` meets, its sentence, and what to do."""
    with pytest.raises(psycopg.Error) as error:
        act()
    assert error.value.sqlstate == "P0001", error.value
    told = error.value.diag
    return str(told.message_primary), str(told.message_detail), str(told.message_hint)


def reply(desk: Desk, body: str, **changes: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "inbox_id": desk.jakarta, **GREETING, "body": body} | changes


# Variables of an automatic reply ------------------------------------------------------------------


def test_a_text_may_hold_just_what_is_filled_in(desk: Desk, supervisor: Person) -> None:
    hours(desk, OPEN)
    thread = desk.conversation(desk.jakarta, "Siti")
    known = desk.one("select private.rule_variables()")
    filled = desk.one(
        "select private.rule_values(c, i) from public.conversations c"
        " join public.inboxes i on i.id = c.inbox_id where c.id = %s",
        thread,
    )
    assert sorted(known) == sorted(filled)
    body = " ".join(f"{{{{{name}}}}} {{{{ {name}\n}}}}" for name in known) + " {x} {{ }y} {{"
    assert supervisor.call("save_auto_reply", **reply(desk, body))["auto_replies"]


@pytest.mark.parametrize("role", ROLES)
def test_a_variable_that_does_not_exist_is_named_beside_those_that_do(
    desk: Desk, role: str
) -> None:
    person = desk.person("Wati", role)
    body = "Halo {{nama}}, ini {{inbox.name}}. {{ Contact.Name }} {{nama}} {{buka jam}} {{}}"
    wanted = reply(desk, body)
    code, said, fix = words(lambda: person.call("save_auto_reply", **wanted))
    assert code == "unknown_variable"
    assert said == "There is no such variable: {{nama}}, {{Contact.Name}}, {{buka jam}}, {{}}."
    assert fix == (
        "A text may hold {{contact.name}}, {{inbox.name}}, {{hours.today}}, {{hours.opens}}."
    )
    # Nor as one that is kept for later, nor in the place of another one.
    for changes in ({"enabled": False}, {"kind": "keyword", "keyword": "harga"}):
        call = wanted | changes
        assert refused(lambda c=call: person.call("save_auto_reply", **c)) == code  # type: ignore[misc]
    assert desk.one("select count(*) from public.auto_replies") == 0
    good = reply(desk, "Halo")
    person.call("save_auto_reply", **good)
    form = {"act": "save_auto_reply", "arguments": good | {"body": "{{name}}"}, "seen": good}
    assert refused(lambda: person.call("save_unless_changed", **form)) == code
    assert desk.one("select array_agg(body) from public.auto_replies") == ["Halo"]
    assert desk.one("select count(*) from public.audit_log where actor_id is not null") == 1


def test_who_may_not_change_them_is_told_that_first(
    desk: Desk, agent: Person, outsider: Person
) -> None:
    for person in (agent, outsider):
        wanted = reply(desk, "Halo {{nama}}")
        assert refused(lambda p=person, w=wanted: p.call("save_auto_reply", **w)) == "not_allowed"  # type: ignore[misc]


def test_a_text_of_before_is_sent_as_ever_and_can_be_switched_off(
    desk: Desk, supervisor: Person, thread: str
) -> None:
    before = "Halo {{nama}}, ada yang bisa dibantu?\n"
    ident = rule(desk, "keyword", before, "halo")
    assert run(desk, desk.inbound(thread, "halo")) == "Halo, ada yang bisa dibantu?\n"
    call = reply(desk, before.strip(), id=ident, kind="keyword", keyword="halo")
    assert refused(lambda: supervisor.call("save_auto_reply", **call)) == "unknown_variable"
    (off,) = supervisor.call("save_auto_reply", **call | {"enabled": False})["auto_replies"]
    assert off["enabled"] is False
    other = call | {"enabled": False, "body": "Hai {{nama}}"}
    assert refused(lambda: supervisor.call("save_auto_reply", **other)) == "unknown_variable"


def test_a_canned_reply_asks_whoever_sends_it_and_may_hold_any(supervisor: Person) -> None:
    call = {"id": str(uuid.uuid4()), "shortcut": "ongkir", "body": "Ongkir {{kota}}: {{ongkir}}"}
    assert supervisor.call("save_canned_reply", **call)["canned_replies"]


# Rules of an inbox --------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_hours_with_a_key_that_nobody_reads_are_refused(desk: Desk, role: str) -> None:
    person = desk.person("Wati", role)

    def put(wanted: Any) -> tuple[str, str, str]:
        rules = {"routing": True, "hours": wanted}
        return words(lambda: person.call("set_inbox_rules", inbox_id=desk.jakarta, rules=rules))

    code, said, fix = put(HOURS | {"closed": ["2026-12-25"]})
    assert code == "bad_hours"
    assert said == (
        'These hours cannot be read: there is no "closed", only zone, week and holidays.'
    )
    assert "holidays" in fix
    wrongs: list[Any] = [
        {"zone": 7, "week": {}},
        {"zone": "UTC", "week": []},
        {"zone": "UTC", "week": {}, "holidays": "2026-12-25"},
        {"zone": "UTC", "week": {}, "holidays": [20261225]},
        {"zone": "UTC", "week": {"mon": None}},
        {"zone": "UTC", "week": {"mon": {"08:00": "17:00"}}},
        {"zone": "UTC", "week": {"mon": ["08:00", "17:00"]}},
        {"zone": "UTC", "week": {"mon": [[80000, 170000]]}},
        {"zone": "UTC", "week": {"mon": [["now", "17:00"]]}},
        {"zone": "UTC", "week": {"mon": [["08:00", "25:00"]]}},
        [],
        "always",
    ]
    for wrong in wrongs:
        assert put(wrong)[0] == "bad_hours", wrong
    assert desk.one("select count(*) from public.inboxes where hours is not null or routing") == 0
    assert desk.one("select count(*) from public.audit_log where actor_id is not null") == 0


def test_hours_of_before_stay_as_they_are_and_other_rules_change(
    desk: Desk, supervisor: Person
) -> None:
    before = HOURS | {"closed": ["2026-12-25"]}
    with desk.admin.transaction():
        desk.run("alter table public.inboxes disable trigger balas_rules")
        hours(desk, before)
        desk.run("alter table public.inboxes enable trigger balas_rules")
    answer = supervisor.call("set_inbox_rules", inbox_id=desk.jakarta, rules={"routing": True})
    assert (answer["inboxes"][0]["routing"], answer["inboxes"][0]["hours"]) == (True, before)


@pytest.mark.parametrize(
    ("rules", "said", "fix"),
    [
        ({"rooting": True}, 'there is no "rooting"', "hours"),
        ({"routing": "yes"}, '"routing" is not of its kind', "boolean"),
        ({"routing": 1}, '"routing" is not of its kind', "boolean"),
        ({"take_back_minutes": "5"}, '"take_back_minutes" is not of its kind', "integer or null"),
        ({"reminder_minutes": 1.5}, '"reminder_minutes" is not of its kind', "integer or null"),
        ({"auto_replies_per_hour": None}, '"auto_replies_per_hour" is not of', "integer"),
        ([{"routing": True}], "this is no object", ""),
        (None, "this is no object", ""),
    ],
)
def test_a_rule_that_is_none_or_of_another_kind_is_named(
    desk: Desk, supervisor: Person, rules: Any, said: str, fix: str
) -> None:
    found = words(
        lambda: supervisor.call("set_inbox_rules", inbox_id=desk.jakarta, rules=Jsonb(rules))
    )
    assert found[0] == "bad_request"
    assert said in found[1]
    assert fix in found[2]


# Other calls that are given objects ---------------------------------------------------------------


@pytest.mark.parametrize("role", ["agent", *ROLES])
def test_what_is_to_be_done_to_many_is_spelt_right_or_not_done(
    desk: Desk, supervisor: Person, thread: str, role: str
) -> None:
    vip = str(uuid.uuid4())
    supervisor.call("save_label", id=vip, name="VIP")
    person = desk.person("Wati", role, desk.jakarta)

    def change(act: str, arguments: Any) -> Any:
        return person.call(
            "change_conversations",
            conversation_ids=f"{{{thread}}}",
            act=act,
            arguments=Jsonb(arguments),
        )

    assert change("label", {"label_id": vip})["results"][0]["done"]
    for act, arguments, name in (
        ("label", {"label_id": vip, "presant": False}, "presant"),
        ("label", {"label_id": vip, "present": "no"}, "present"),
        ("label", {"label_id": vip, "present": None}, "present"),
        ("assign", {"assignee_id": person.id, "untill": "2030-01-01"}, "untill"),
        ("resolve", {"label_id": vip}, "label_id"),
    ):
        code, said, _ = words(lambda a=act, b=arguments: change(a, b))  # type: ignore[misc]
        assert (code, f'"{name}"' in said) == ("bad_request", True)
    assert refused(lambda: change("resolve", [])) == "bad_request"
    assert desk.one("select count(*) from public.conversation_labels") == 1
    assert desk.one("select status from public.conversations where id = %s", thread) == "open"
    assert change("label", {"label_id": vip, "present": False})["results"][0]["done"]
    assert change("resolve", None)["results"][0]["done"]
    assert desk.one("select count(*) from public.conversation_labels") == 0


@pytest.mark.parametrize("role", ["agent", *ROLES])
def test_a_template_or_a_file_with_a_key_that_nobody_reads_does_not_leave(
    desk: Desk, thread: str, role: str
) -> None:
    person = desk.person("Wati", role, desk.jakarta)
    new = {"id": str(uuid.uuid4()), "conversation_id": thread}
    contact = desk.one("select contact_id::text from public.conversations where id = %s", thread)
    soon = desk.one("select now() + interval '1 hour'")
    wrongs: list[dict[str, Any]] = [
        {"variabels": {"1": "Siti"}},
        {"variables": ["Siti"]},
        {"name": 5},
    ]
    for wrong in wrongs:
        template = {"content_sid": SID} | wrong
        for call, arguments in (
            ("send_message", new),
            ("schedule_message", new | {"at": soon}),
            ("preview_template", {"inbox_id": desk.jakarta}),
            (
                "start_conversation",
                {"id": new["id"], "inbox_id": desk.jakarta, "contact_id": contact},
            ),
        ):
            code, said, _ = words(
                lambda c=call, a=arguments, t=template: person.call(c, **a, template=t)  # type: ignore[misc]
            )
            assert (code, f'"{next(iter(wrong))}"' in said) == ("bad_template", True), call
    for change in ({"nama": "Nota"}, {"size": "10"}, {"name": ["Nota"]}):
        media = [file(thread), file(thread) | change]
        code, said, _ = words(
            lambda m=media: person.call("send_message", **new, content="", media=m)  # type: ignore[misc]
        )
        assert (code, f'"{next(iter(change))}"' in said) == ("bad_media", True)
    assert desk.one("select count(*) from public.messages where direction = 'outbound'") == 0
    language = {"content_sid": SID, "language": "id", "variables": None}
    assert person.call("preview_template", inbox_id=desk.jakarta, template=language)
    assert person.call("send_message", **new, template={"content_sid": SID, "variables": {}})


def test_a_form_names_what_its_act_takes_and_what_it_may_have_shown(
    desk: Desk, supervisor: Person
) -> None:
    admin = desk.person("Bayu", "admin")
    for act, (arguments, seen, _) in made(desk, admin).items():

        def save(
            arguments: Any, seen: Any, person: Person = admin, act: str = act
        ) -> tuple[str, str, str]:
            form = {"act": act, "arguments": arguments, "seen": seen}
            return words(lambda: person.call("save_unless_changed", **form))

        code, said, _ = save(arguments | {"enabledd": False}, seen)
        assert (code, '"enabledd"' in said) == ("bad_request", True), act
        code, said, _ = save(arguments, seen | {"boddy": None})
        assert (code, '"boddy"' in said) == ("bad_request", True), act
        assert save(arguments | {next(iter(arguments)): 1.5}, seen)[0] == "bad_request", act
        last = next(reversed(arguments))
        misspelt = {key + "s" * (key == last): value for key, value in arguments.items()}
        assert f'"{last}s"' in save(misspelt, seen)[1], act
    assert desk.one("select body from public.auto_replies") == "Halo"
    assert desk.one("select hours from public.inboxes where id = %s", desk.jakarta) is None
