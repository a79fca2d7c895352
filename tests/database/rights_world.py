"""A desk with something of each kind in both inboxes, and the six people of the table of rights."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import errors, sql

from tests.database.conftest import Desk, Person

Connection = psycopg.Connection[Any]

# In the order of the table's columns. `key` is who has the publishable key and no token, `away`
# an agent of Jakarta who was switched off and whose token is still good.
PEOPLE = ("key", "agent", "other", "supervisor", "admin", "away")
PLACES = ("jakarta", "bandung")
# The word that every text of an inbox holds: whoever may not see the inbox may not be told it.
WORDS = {"jakarta": "kenarijakarta", "bandung": "kenaribandung"}
BUCKETS = ("media", "attachments")


@dataclass
class World:
    """Everything there is, and how to act as somebody without leaving a trace."""

    desk: Desk
    names: dict[str, str] = field(default_factory=dict)  # what calls speak of, by its name
    profiles: dict[str, str | None] = field(default_factory=dict)
    connections: dict[str, Connection] = field(default_factory=dict)

    @contextmanager
    def trying(self, who: str) -> Iterator[Connection]:
        """As this person, in a transaction that is rolled back."""
        connection = self.connections[who]
        with connection.transaction(force_rollback=True):
            # As Storage's own server says it before it deletes.
            connection.execute("set local storage.allow_delete_query = 'true'")
            yield connection

    def attempt(self, who: str, statement: str, values: Any = None) -> tuple[str, Any]:
        """What comes of a statement: ("", its rows), or a refusal's code and None.

        The code of a function's refusal is its short word; "-" stands for a missing right.
        """
        try:
            with self.trying(who) as connection:
                cursor = connection.execute(statement.encode(), values)
                return "", cursor.fetchall() if cursor.description else cursor.rowcount
        except errors.InsufficientPrivilege:
            return "-", None
        except errors.RaiseException as error:
            return str(error.diag.message_primary), None


def fill(desk: Desk) -> World:
    """Write it all, as the service and the people would have."""
    world = World(desk)
    people: dict[str, Person] = {
        "agent": desk.person("Dewi", "agent", desk.jakarta),
        "other": desk.person("Budi", "agent", desk.bandung),
        "supervisor": desk.person("Ratna", "supervisor"),
        "admin": desk.person("Bayu", "admin"),
        "away": desk.person("Pergi", "agent", desk.jakarta),
        "colleague": desk.person("Sari", "agent", desk.jakarta),
    }
    world.profiles = {"key": None} | {who: person.id for who, person in people.items()}
    desk.run("update public.profiles set active = false where id = %s", people["away"].id)
    world.names |= {who: people[who].id for who in ("agent", "other", "colleague")}
    _shared(world)
    for place, owner in (("jakarta", "agent"), ("bandung", "other")):
        _inbox(world, place, people[owner])
    desk.run("select private.ring_due_bells()")
    first, second = (desk.contact(WORDS["jakarta"]) for _ in range(2))
    thread = str(desk.one("select private.conversation_for(%s, %s)", desk.jakarta, first))
    desk.inbound(thread, WORDS["jakarta"])
    world.names["merge"] = str(uuid.uuid4())
    people["supervisor"].call(
        "merge_contacts", id=world.names["merge"], into_id=first, from_id=second
    )
    return world


def _shared(world: World) -> None:
    desk, names = world.desk, world.names
    for name, table, columns in (
        ("label", "labels", {"name": "Penting"}),
        ("canned", "canned_replies", {"shortcut": "halo", "body": "Halo"}),
    ):
        names[name] = str(_insert(desk, table, columns))
    sid = "HX" + "0" * 32
    names["template"] = json.dumps({"content_sid": sid})
    sent = {"content_sid": sid, "name": "sapa", "body": "Halo", "status": "approved"}
    _insert(desk, "templates", sent | {"language": "id"})
    desk.run("insert into public.settings (key, value) values ('rahasia', '1')")
    desk.run("insert into public.audit_log (action) values ('signed_in')")
    desk.run("delete from public.service_state")
    _insert(desk, "service_state", {"part": "twilio"})
    _insert(desk, "erasures", {"id": str(uuid.uuid4()), "contact_id": str(uuid.uuid4())})


def _inbox(world: World, place: str, owner: Person) -> None:
    desk, word = world.desk, WORDS[place]
    inbox = {"jakarta": desk.jakarta, "bandung": desk.bandung}[place]
    desk.run("update public.inboxes set name = %s where id = %s", word, inbox)
    thread = desk.conversation(inbox, word)
    contact = str(desk.one("select contact_id from public.conversations where id = %s", thread))
    inbound = desk.inbound(thread, word)
    made = {"inbox": inbox, "thread": thread, "contact": contact, "inbound": inbound}
    made["edit"] = json.dumps({"contact_id": contact, "changes": {"notes": "x"}})
    for status in ("failed", "uncertain", "scheduled", "sent"):
        made[status] = str(
            desk.one(
                "insert into public.messages (conversation_id, direction, content, timestamp,"
                " status, sent_by, scheduled_at, message_sid) values (%s, 'outbound', %s,"
                " private.next_moment(%s), %s, %s, case when %s then now() + '1 day' end, %s)"
                " returning id",
                *(thread, word, thread, status, owner.id, status == "scheduled"),
                f"SM{uuid.uuid4().hex}",
            )
        )
    made["broken"] = desk.inbound(thread, word)
    lost = [{"bucket": "media", "path": None, "content_type": "image/png", "state": "failed"}]
    lost[0] |= {"url": "https://api.twilio.com/x", "error": "unreachable"}
    desk.run(
        "update public.messages set media = %s where id = %s", json.dumps(lost), made["broken"]
    )
    desk.run("insert into public.delivery_attempts (message_id) values (%s)", made["sent"])
    made["note"] = str(_insert(desk, "notes", {"conversation_id": thread, "body": word}))
    _insert(desk, "events", {"conversation_id": thread, "kind": "x", "data": f'{{"a":"{word}"}}'})
    reply = {"inbox_id": inbox, "kind": "keyword", "keyword": "harga", "body": word}
    made["auto_reply"] = str(_insert(desk, "auto_replies", reply))
    desk.run(
        "insert into public.conversation_labels (conversation_id, label_id) values (%s, %s)",
        *(thread, world.names["label"]),
    )
    owner.call("mark_read", conversation_id=thread, message_id=inbound)
    owner.call("save_draft", conversation_id=thread, body=word, attachments=[])
    for bucket in BUCKETS:
        path = f"{thread}/{inbound}/0/{word}.png"
        desk.run("insert into storage.objects (bucket_id, name) values (%s, %s)", bucket, path)
    desk.run("select realtime.send('{}', 'changed', %s, true)", f"inbox:{inbox}")
    desk.run("update public.conversations set assignee_id = %s where id = %s", owner.id, thread)
    twin = desk.contact(word, f"whatsapp:+62{uuid.uuid4().int % 10**10:010d}")
    made["twin"] = twin
    desk.inbound(str(desk.one("select private.conversation_for(%s, %s)", inbox, twin)), word)
    if place == "jakarta":
        world.names |= made
    else:
        world.names |= {f"their_{name}": value for name, value in made.items()}


def _insert(desk: Desk, table: str, row: dict[str, str]) -> Any:
    """Write a row; its first column, which is the key. Columns not named get their defaults."""
    query = sql.SQL(
        "insert into {table} ({columns}) select {columns}"
        " from json_populate_record(null::{table}, %s) returning *"
    ).format(
        table=sql.Identifier("public", table),
        columns=sql.SQL(", ").join(map(sql.Identifier, row)),
    )
    found = desk.admin.execute(query, [json.dumps(row)]).fetchone()
    assert found is not None
    return found[0]


@contextmanager
def opened(world: World) -> Iterator[World]:
    """With a connection for each of the six."""
    with ExitStack() as stack:
        for who in PEOPLE:
            role = "anon" if who == "key" else "authenticated"
            act = world.desk.database.acting_as(world.profiles[who], role=role)
            world.connections[who] = stack.enter_context(act)
        yield world


# Which inbox a row belongs to, by table; what is named in none is everybody's.
_OF_THREAD = "(select inbox_id from public.conversations c where c.id = t.conversation_id)"
_OF_CONTACT = (
    "(select inbox_id from public.conversations c where c.contact_id = t.{column} limit 1)"
)
INBOX_OF = {
    "inboxes": "t.id",
    "inbox_members": "t.inbox_id",
    "auto_replies": "t.inbox_id",
    "conversations": "t.inbox_id",
    "contacts": _OF_CONTACT.format(column="id"),
    "contact_addresses": _OF_CONTACT.format(column="contact_id"),
    "delivery_attempts": "(select inbox_id from public.messages m join public.conversations c"
    " on c.id = m.conversation_id where m.id = t.message_id)",
    "chat_history": "(select inbox_id from public.messages m join public.conversations c"
    " on c.id = m.conversation_id where m.message_sid = t.message_sid)",
} | dict.fromkeys(
    ("conversation_labels", "drafts", "events", "messages", "notes", "reads"), _OF_THREAD
)


def places(world: World, table: str) -> dict[str, str]:
    """Every row of a table or view, as text, and the place it belongs to."""
    inbox = INBOX_OF.get(table, "null::uuid")
    found = world.desk.admin.execute(
        f"select to_jsonb(t)::text, case {inbox} when %s then 'jakarta' when %s then 'bandung'"
        f" else 'shared' end from public.{table} t".encode(),
        [world.desk.jakarta, world.desk.bandung],
    )
    return dict(found.fetchall())
