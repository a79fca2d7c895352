"""Whatever is merged, undone and written meanwhile: every message stays with its number."""

from __future__ import annotations

import uuid

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.database.conftest import Desk, Person

MANY = 4
_INGEST = (
    "select private.ingest(jsonb_build_object('sid', %s::text, 'from', %s::text, 'to', %s::text,"
    " 'channel', 'whatsapp', 'addresses', jsonb_build_array(%s::text), 'message_type', 'text',"
    " 'content', 'x', 'media', '[]'::jsonb, 'metadata', '{}'::jsonb), convert_to(%s, 'UTF8'))"
)
# Of each message: its number, its contact, that contact's number's owner, whether it is seen.
_MESSAGES = """
    select m.message_sid, m.from_number, a.contact_id::text, c.contact_id::text,
           i.address is not distinct from m.to_number
      from public.messages m
      join public.conversations c on c.id = m.conversation_id
      join public.inboxes i on i.id = c.inbox_id
      join public.contact_addresses a on a.address = m.from_number
     where m.from_number = any (%s)
"""

people = st.integers(0, MANY - 1)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("write"), people, st.integers(0, 1)),
        st.tuples(st.just("merge"), people, people),
        st.tuples(st.just("undo"), st.just(0), st.just(0)),
        st.tuples(st.just("reply"), people, st.integers(0, 1)),
    ),
    max_size=14,
)


@given(acts=acts)
@example([("merge", 0, 1), ("write", 0, 1), ("write", 1, 1), ("reply", 0, 1), ("undo", 0, 0)])
@example([("write", 1, 1), ("merge", 0, 1), ("write", 0, 1), ("undo", 0, 0)])
@example([("merge", 0, 1), ("merge", 2, 0), ("write", 1, 1), ("write", 0, 1), ("write", 2, 1)])
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_message_is_seen_in_a_thread_of_whoever_has_its_number(
    desk: Desk, supervisor: Person, acts: list[tuple[str, int, int]]
) -> None:
    inboxes = {
        row[0]: row[1]
        for row in desk.admin.execute(
            "select address, id::text from public.inboxes where not hidden"
        )
    }
    ours = sorted(inboxes)
    numbers = [f"whatsapp:+62{uuid.uuid4().int % 10**11:011d}" for _ in range(MANY)]
    originals = [desk.contact(str(n), number) for n, number in enumerate(numbers)]
    written: dict[str, str] = {}
    merges: list[str] = []

    def write(who: int, inbox: int) -> None:
        sid = f"SM{uuid.uuid4().hex}"
        desk.run(_INGEST, sid, numbers[who], ours[inbox], numbers[who], sid)
        written[sid] = numbers[who]

    def owner(who: int) -> str:
        return str(
            desk.one(
                "select contact_id from public.contact_addresses where address = %s", numbers[who]
            )
        )

    def reply(who: int, inbox: int) -> None:
        thread = desk.one(
            "select id::text from public.conversations where contact_id = %s and inbox_id = %s"
            " and last_inbound_at is not null",
            owner(who),
            inboxes[ours[inbox]],
        )
        if thread is not None:
            ident = str(uuid.uuid4())
            supervisor.call("send_message", id=ident, conversation_id=thread, content="ya")

    def check() -> None:
        rows = desk.admin.execute(_MESSAGES, [numbers]).fetchall()
        assert {row[0]: row[1] for row in rows} == written
        for _, _, of_number, of_thread, seen in rows:
            assert of_number == of_thread
            assert seen

    for who in range(MANY):
        write(who, 0)
    for act, one, other in acts:
        if act == "write":
            write(one, other)
        elif act == "reply":
            reply(one, other)
        elif act == "merge" and owner(one) != owner(other):
            merges.append(str(uuid.uuid4()))
            supervisor.call(
                "merge_contacts", id=merges[-1], into_id=owner(one), from_id=owner(other)
            )
        elif act == "undo" and merges:
            supervisor.call("undo_merge", id=merges.pop())
        check()
    while merges:
        supervisor.call("undo_merge", id=merges.pop())
        check()
    assert [owner(who) for who in range(MANY)] == originals
    threads = desk.admin.execute(
        "select c.contact_id, c.inbox_id, count(*), count(distinct m.from_number)"
        " from public.conversations c join public.messages m on m.conversation_id = c.id"
        " where m.from_number = any (%s) group by c.contact_id, c.inbox_id, c.id",
        [numbers],
    ).fetchall()
    assert all(row[3] == 1 for row in threads)
    assert len({row[:2] for row in threads}) == len(threads)
    counters = supervisor.call("counters")
    open_ones = "select count(*) from public.conversations where joined_to is null"
    assert counters["all"] == desk.one(open_ones)
