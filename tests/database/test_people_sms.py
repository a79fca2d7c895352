"""SMS: parts are counted as networks do, and an opt-out is known however it reaches us."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.domain.segments import segments
from tests.database.conftest import Desk, Person, refused

TONO = "+6281299999999"


@pytest.fixture
def thread(desk: Desk, agent: Person) -> str:
    """A conversation with Tono in an SMS inbox of the agent's."""
    inbox = desk.inbox("SMS", "+628110000009", "sms")
    desk.join(agent.id, inbox)
    return desk.conversation(inbox, "Tono", TONO)


def send(agent: Person, thread: str, content: str = "Halo", **other: object) -> dict[str, object]:
    answer = agent.call(
        "send_message", id=str(uuid.uuid4()), conversation_id=thread, content=content, **other
    )
    message: dict[str, object] = answer["messages"][0]
    return message


def refusal_by_twilio(desk: Desk, message: object) -> None:
    desk.run(
        'select private.advance_message(%s, \'{"status": "failed", "error_code": 21610}\')',
        message,
    )


def opted_out(desk: Desk) -> bool:
    return bool(desk.one("select opted_out_at is not null from public.contact_addresses"))


def told(desk: Desk) -> list[str]:
    return [
        row[0] for row in desk.admin.execute("select kind from public.events order by created_at")
    ]


# Parts --------------------------------------------------------------------------------------------

LETTERS = st.one_of(
    st.sampled_from("aZ0@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()\\^{}[~]|€\f`çĀ‘😀👍\u200d日"),
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
)


@given(
    text=st.lists(st.tuples(st.text(LETTERS, max_size=12), st.integers(1, 40)), max_size=8).map(
        lambda pieces: "".join(piece * times for piece, times in pieces)[:1600]
    )
)
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_parts_are_counted_as_the_window_counts_them(desk: Desk, text: str) -> None:
    assert desk.one("select private.sms_segments(%s)", text) == segments(text).count


@pytest.mark.parametrize(
    "text",
    [
        *("", "x" * 160, "x" * 161, "x" * 306, "x" * 307, "€" * 80, "€" * 81, "x" * 1600),
        *("日" * 70, "日" * 71, "😀" * 35, "😀" * 36, "日" * 66 + "😀" * 3, "a😀" * 60),
        "x" * 152 + "€" * 5,
    ],
)
def test_the_edges_of_parts(desk: Desk, text: str) -> None:
    assert desk.one("select private.sms_segments(%s)", text) == segments(text).count


def test_an_sms_says_how_many_parts_it_is_and_an_mms_is_one(
    desk: Desk, agent: Person, thread: str
) -> None:
    long = send(agent, thread, "x" * 200)
    assert long["metadata"] == {"kind": "text", "segments": 2}
    desk.run("update public.messages set content = 'pendek' where id = %s", long["id"])
    assert desk.one("select metadata -> 'segments' from public.messages") == 1
    file = {
        "path": f"{thread}/{uuid.uuid4()}/0/a.jpg",
        "content_type": "image/jpeg",
        "name": "a.jpg",
        "size": 1,
    }
    picture = send(agent, thread, "x" * 200, media=[file])
    assert picture["metadata"] == {"kind": "image", "segments": 1}


def test_whatsapp_has_no_parts(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta)
    desk.inbound(thread)
    assert send(agent, thread, "x" * 200)["metadata"] == {"kind": "text"}


# Opting out ---------------------------------------------------------------------------------------


def test_twilios_refusal_is_kept_on_the_address(desk: Desk, agent: Person, thread: str) -> None:
    colleague = desk.person("Ratna", "supervisor")
    message = send(agent, thread)
    colleague.pull()
    refusal_by_twilio(desk, message["id"])
    assert opted_out(desk)
    assert refused(lambda: send(agent, thread)) == "opted_out"
    assert told(desk) == ["opted_out"]
    page = colleague.pull()
    assert page["contacts"][0]["addresses"][0]["opted_out_at"] is not None
    assert [row["kind"] for row in page["events"]] == ["opted_out"]
    refusal_by_twilio(desk, message["id"])
    assert told(desk) == ["opted_out"]


def test_who_opted_in_again_since_is_written_to(desk: Desk, agent: Person, thread: str) -> None:
    message = send(agent, thread)
    desk.inbound(thread, " start ")
    refusal_by_twilio(desk, message["id"])
    assert not opted_out(desk)
    refusal_by_twilio(desk, send(agent, thread)["id"])
    assert opted_out(desk)


def test_another_failure_is_no_opting_out(desk: Desk, agent: Person, thread: str) -> None:
    desk.run(
        'select private.advance_message(%s, \'{"status": "failed", "error_code": 30003}\')',
        send(agent, thread)["id"],
    )
    assert not opted_out(desk)
    assert told(desk) == []


def test_the_thread_says_when_somebody_opted_out_and_in(desk: Desk, thread: str) -> None:
    for moment in ("now()", "now() + interval '1 s'", "null", "null"):
        desk.run(f"update public.contact_addresses set opted_out_at = {moment}")
    assert told(desk) == ["opted_out", "opted_in"]
    data = desk.one("select data from public.events limit 1")
    assert data == {"address": TONO}
