"""Labels and canned replies: everybody uses them, supervisors and administrators change them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.database.conftest import Desk, Person, at_once, refused

ROLES = ("agent", "supervisor", "admin")


def new_id() -> str:
    return str(uuid.uuid4())


@pytest.fixture
def thread(desk: Desk) -> str:
    """An open conversation in Jakarta."""
    return desk.conversation(desk.jakarta, "Siti")


@pytest.fixture
def vip(supervisor: Person) -> str:
    """A label of the team."""
    label = new_id()
    supervisor.call("save_label", id=label, name="VIP", color="violet")
    return label


def staff(desk: Desk, role: str) -> Person:
    return desk.person(role.title(), role, *([desk.jakarta] if role == "agent" else []))


def labels_of(desk: Desk, thread: str) -> list[str]:
    rows = desk.admin.execute(
        "select l.name from public.conversation_labels c join public.labels l on l.id = c.label_id"
        " where c.conversation_id = %s order by 1",
        [thread],
    )
    return [name for (name,) in rows]


def told(desk: Desk, thread: str) -> list[tuple[str, str]]:
    return desk.admin.execute(
        "select kind, data ->> 'label_name' from public.events where conversation_id = %s"
        " order by created_at",
        [thread],
    ).fetchall()


# Labels on conversations --------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_whoever_sees_a_conversation_labels_it(
    desk: Desk, thread: str, vip: str, role: str
) -> None:
    person = staff(desk, role)
    mark = {"conversation_id": thread, "label_id": vip}
    for _ in range(2):
        answer = person.call("set_label", **mark, present=True)
        assert [row["label_id"] for row in answer["conversation_labels"]] == [vip]
        assert answer["deleted"] == {}
    assert labels_of(desk, thread) == ["VIP"]
    for _ in range(2):
        answer = person.call("set_label", **mark, present=False)
        assert answer["conversation_labels"] == []
        assert answer["deleted"] == {"conversation_labels": [f"{thread}:{vip}"]}
    assert labels_of(desk, thread) == []
    assert told(desk, thread) == [("labelled", "VIP"), ("unlabelled", "VIP")]


@pytest.mark.parametrize("who", ["of another inbox", "of no inbox", "inactive"])
def test_others_label_nothing(
    desk: Desk, agent: Person, outsider: Person, thread: str, vip: str, who: str
) -> None:
    person = {"of no inbox": outsider, "inactive": agent}.get(who) or desk.person(
        "Wati", "agent", desk.bandung
    )
    desk.run("update public.profiles set active = false where id = %s", agent.id)
    for present in (True, False):
        code = refused(
            lambda p=present: person.call(  # type: ignore[misc]
                "set_label", conversation_id=thread, label_id=vip, present=p
            )
        )
        assert code == "not_found"
    assert labels_of(desk, thread) == []


def test_a_label_that_is_gone_cannot_be_put_on_and_is_off_already(
    desk: Desk, agent: Person, thread: str
) -> None:
    mark = {"conversation_id": thread, "label_id": new_id()}
    assert refused(lambda: agent.call("set_label", **mark, present=True)) == "not_found"
    agent.call("set_label", **mark, present=False)
    assert told(desk, thread) == []


def test_a_label_put_on_by_three_at_once_is_put_on_once(
    desk: Desk, agent: Person, thread: str, vip: str
) -> None:
    mark = {"conversation_id": thread, "label_id": vip, "present": True}
    answers = at_once([(agent, "set_label", mark)] * 3)
    assert all(len(answer["conversation_labels"]) == 1 for answer in answers)
    assert told(desk, thread) == [("labelled", "VIP")]


def test_deleting_a_label_and_putting_it_on_at_once_ends_without_it(
    desk: Desk, agent: Person, supervisor: Person
) -> None:
    threads = [desk.conversation(desk.jakarta, str(n)) for n in range(4)]
    for turn in range(4):
        label = new_id()
        supervisor.call("save_label", id=label, name=f"L{turn}", color="")
        marks: list[tuple[Person, str, dict[str, Any]]] = [
            (agent, "set_label", {"conversation_id": one, "label_id": label, "present": True})
            for one in threads
        ]
        answers = at_once([*marks, (supervisor, "delete_label", {"id": label})])
        assert all(isinstance(one, dict) or one == "not_found" for one in answers), answers
        assert [labels_of(desk, one) for one in threads] == [[]] * 4


def test_labels_reach_those_who_see_the_conversation(
    desk: Desk, agent: Person, supervisor: Person, thread: str, vip: str
) -> None:
    colleague, elsewhere = (
        desk.person("Budi", "agent", desk.jakarta),
        desk.person("Wati", "agent", desk.bandung),
    )
    for person in (colleague, elsewhere):
        assert [row["name"] for row in person.pull()["labels"]] == ["VIP"]
    mark = {"conversation_id": thread, "label_id": vip}
    put_on = agent.call("set_label", **mark, present=True)
    page = colleague.pull()
    assert page["conversation_labels"] == put_on["conversation_labels"]
    assert page["events"] == put_on["events"]
    assert elsewhere.pull()["conversation_labels"] == []
    agent.call("set_label", **mark, present=False)
    assert colleague.pull()["deleted"] == {"conversation_labels": [f"{thread}:{vip}"]}
    agent.call("set_label", **mark, present=True)
    colleague.pull()
    supervisor.call("save_label", id=vip, name="Pelanggan lama", color="amber")
    assert [row["name"] for row in colleague.pull()["labels"]] == ["Pelanggan lama"]
    supervisor.call("delete_label", id=vip)
    assert colleague.pull()["deleted"] == {
        "labels": [vip],
        "conversation_labels": [f"{thread}:{vip}"],
    }


# The team's own things ----------------------------------------------------------------------------


def save_label(person: Person, ident: str) -> Any:
    return person.call("save_label", id=ident, name="Komplain", color="red")


def save_reply(person: Person, ident: str) -> Any:
    return person.call("save_canned_reply", id=ident, shortcut="halo", body="Halo {{name}}")


@pytest.mark.parametrize(
    ("table", "save", "delete"),
    [
        ("labels", save_label, "delete_label"),
        ("canned_replies", save_reply, "delete_canned_reply"),
    ],
)
class TestOfTheTeam:
    """What holds for labels and for canned replies."""

    @pytest.mark.parametrize("role", ["supervisor", "admin"])
    def test_supervisors_and_administrators_make_and_delete_them(
        self, desk: Desk, table: str, save: Callable[[Person, str], Any], delete: str, role: str
    ) -> None:
        person, ident = staff(desk, role), new_id()
        first = save(person, ident)
        assert save(person, ident) == first
        assert [row["id"] for row in first[table]] == [ident]
        for _ in range(2):
            assert person.call(delete, id=ident) == {"deleted": {table: [ident]}}
        assert desk.one(f"select count(*) from public.{table}") == 0
        noted = desk.admin.execute(
            "select actor_id::text, action, subject_id from public.audit_log"
            " where actor_id is not null order by id"
        ).fetchall()
        word = table.replace("replies", "reply").removesuffix("s")
        assert noted == [(person.id, f"{word}_{what}", ident) for what in ("saved", "deleted")]

    @pytest.mark.parametrize("who", ["agent", "outsider", "inactive"])
    def test_others_do_not(
        self,
        desk: Desk,
        supervisor: Person,
        outsider: Person,
        table: str,
        save: Callable[[Person, str], Any],
        delete: str,
        who: str,
    ) -> None:
        ident = new_id()
        save(supervisor, ident)
        before = desk.one(f"select to_jsonb(t) from public.{table} t")
        person = {"agent": staff(desk, "agent"), "outsider": outsider}.get(who, supervisor)
        desk.run("update public.profiles set active = false where id = %s", supervisor.id)
        assert refused(lambda: save(person, new_id())) == "not_allowed"
        assert refused(lambda: save(person, ident)) == "not_allowed"
        assert refused(lambda: person.call(delete, id=ident)) == "not_allowed"
        assert desk.one(f"select to_jsonb(t) from public.{table} t") == before

    def test_two_of_one_name_at_once_are_one(
        self,
        desk: Desk,
        supervisor: Person,
        table: str,
        save: Callable[[Person, str], Any],
        delete: str,
    ) -> None:
        arguments: dict[str, Any] = (
            {"name": "Sama"} if table == "labels" else {"shortcut": "sama", "body": "x"}
        )
        function = save.__name__.replace("reply", "canned_reply")
        answers = at_once([(supervisor, function, {"id": new_id(), **arguments}) for _ in range(4)])
        assert sorted(map(str, answers))[:3] == ["taken"] * 3
        assert desk.one(f"select count(*) from public.{table}") == 1

    def test_they_reach_all_staff_and_nobody_else(
        self,
        desk: Desk,
        agent: Person,
        outsider: Person,
        supervisor: Person,
        table: str,
        save: Callable[[Person, str], Any],
        delete: str,
    ) -> None:
        agent.pull()
        outsider.pull()
        ident = new_id()
        answer = save(supervisor, ident)
        assert agent.pull()[table] == answer[table]
        supervisor.call(delete, id=ident)
        assert agent.pull()["deleted"] == {table: [ident]}
        assert outsider.pull()[table] == []


@pytest.mark.parametrize(
    ("name", "color", "code"),
    [
        ("", "red", "bad_name"),
        (" \n ", "red", "bad_name"),
        ("x" * 41, "red", "bad_name"),
        ("a\x07b", "red", "bad_name"),
        ("Bagus", "red; x", "bad_color"),
        ("Bagus", "#12345", "bad_color"),
        ("  vip ", "red", "taken"),
    ],
)
def test_a_label_has_a_short_name_of_its_own_and_a_colour(
    supervisor: Person, vip: str, name: str, color: str, code: str
) -> None:
    assert (
        refused(lambda: supervisor.call("save_label", id=new_id(), name=name, color=color)) == code
    )


def test_a_label_may_be_renamed_to_itself(supervisor: Person, vip: str) -> None:
    (row,) = supervisor.call("save_label", id=vip, name=" Vip ", color="#7C3AED")["labels"]
    assert (row["name"], row["color"]) == ("Vip", "#7c3aed")


def canned_file(reply: str, **other: object) -> dict[str, object]:
    return {
        "path": f"canned/{reply}/0/harga.pdf",
        "name": "harga.pdf",
        "content_type": "application/pdf",
        "size": 1200,
        **other,
    }


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"shortcut": ""}, "bad_name"),
        ({"shortcut": "dua kata"}, "bad_name"),
        ({"shortcut": "a/b"}, "bad_name"),
        ({"shortcut": "x" * 33}, "bad_name"),
        ({"body": " \n"}, "empty_message"),
        ({"body": "x" * 1601}, "too_long"),
        ({"attachments": {"path": "x"}}, "bad_media"),
        ({"attachments": [canned_file("other")]}, "bad_media"),
        ({"attachments": [canned_file("{id}", path="canned/{id}/../x")]}, "bad_media"),
        ({"attachments": [canned_file("{id}", size=None)]}, "bad_media"),
        ({"attachments": [canned_file("{id}")] * 11}, "too_many_files"),
        ({"shortcut": "/HALO"}, "taken"),
    ],
)
def test_a_canned_reply_is_refused_in_words(
    supervisor: Person, arguments: dict[str, Any], code: str
) -> None:
    supervisor.call("save_canned_reply", id=new_id(), shortcut="halo", body="Halo")
    ident = new_id()
    files = arguments.get("attachments")
    if isinstance(files, list):
        files = [{**file, "path": file["path"].replace("{id}", ident)} for file in files]
        arguments = {**arguments, "attachments": files}
    values: dict[str, Any] = {"shortcut": "baru", "body": "Baik", **arguments}
    assert refused(lambda: supervisor.call("save_canned_reply", id=ident, **values)) == code


def test_a_canned_reply_may_be_files_alone(supervisor: Person) -> None:
    ident = new_id()
    (row,) = supervisor.call(
        "save_canned_reply",
        id=ident,
        shortcut=" /Harga ",
        body="",
        attachments=[canned_file(ident, bucket="media", state="stored")],
    )["canned_replies"]
    assert row["shortcut"] == "harga"
    assert row["attachments"] == [canned_file(ident)]


def test_files_of_canned_replies_are_read_by_staff_and_put_there_by_supervisors(
    desk: Desk, agent: Person, outsider: Person, supervisor: Person
) -> None:
    insert = "insert into storage.objects (bucket_id, name) values (%s, %s)"
    path = f"canned/{new_id()}/0/harga.pdf"
    for person in (agent, outsider):
        with (
            person.session() as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(insert, ["attachments", path])
    with supervisor.session() as connection:
        connection.execute(insert, ["attachments", path])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(insert, ["media", path])
    seen = {}
    for name, person in (("agent", agent), ("outsider", outsider)):
        with person.session() as connection:
            seen[name] = len(connection.execute("select from storage.objects").fetchall())
    assert seen == {"agent": 1, "outsider": 0}
    with desk.database.acting_as(None, role="anon") as connection:
        assert connection.execute("select from storage.objects").fetchall() == []
