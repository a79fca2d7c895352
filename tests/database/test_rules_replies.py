"""Automatic replies: which one, once, never in a loop, and never where nothing may be sent."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.database.conftest import Desk, Person

ALWAYS = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
OPEN = {"zone": "Asia/Jakarta", "week": ALWAYS}
CLOSED: dict[str, Any] = {"zone": "Asia/Jakarta", "week": {}}


def rule(desk: Desk, kind: str, body: str, keyword: str | None = None) -> str:
    return str(
        desk.one(
            "insert into public.auto_replies (inbox_id, kind, keyword, body)"
            " values (%s, %s, %s, %s) returning id",
            desk.jakarta,
            kind,
            keyword,
            body,
        )
    )


def hours(desk: Desk, form: dict[str, Any] | None) -> None:
    desk.run(
        "update public.inboxes set hours = %s where id = %s",
        None if form is None else Jsonb(form),
        desk.jakarta,
    )


def run(desk: Desk, message: str) -> str | None:
    """The job of a message; what it answered."""
    done = desk.one("select private.run_rules(%s)", message)
    reply = done.get("reply")
    if reply is None:
        return None
    return str(desk.one("select content from public.messages where id = %s", reply))


@pytest.fixture
def thread(desk: Desk) -> str:
    return desk.conversation(desk.jakarta, "Siti")


def test_an_inbox_without_rules_makes_no_jobs_and_one_with_rules_says_so(desk: Desk) -> None:
    def has_rules() -> bool:
        return bool(desk.one("select has_rules from public.inboxes where id = %s", desk.jakarta))

    assert not has_rules()
    greeting = rule(desk, "greeting", "Halo")
    assert has_rules()
    desk.run("update public.auto_replies set enabled = false where id = %s", greeting)
    assert not has_rules()
    desk.run("update public.inboxes set routing = true where id = %s", desk.jakarta)
    assert has_rules()
    desk.run("update public.auto_replies set enabled = true where id = %s", greeting)
    desk.run("update public.inboxes set routing = false where id = %s", desk.jakarta)
    assert has_rules()
    desk.run("update public.auto_replies set inbox_id = %s where id = %s", desk.bandung, greeting)
    assert not has_rules()
    assert desk.one("select has_rules from public.inboxes where id = %s", desk.bandung)
    desk.run("delete from public.auto_replies where id = %s", greeting)
    assert not desk.one("select has_rules from public.inboxes where id = %s", desk.bandung)


def test_two_who_change_the_rules_at_once_leave_the_truth(desk: Desk) -> None:
    first, second = rule(desk, "greeting", "Halo"), rule(desk, "away", "Tutup")
    with desk.database.connect(autocommit=False) as one, desk.database.connect() as two:
        one.execute("update public.auto_replies set enabled = false where id = %s", [first])
        other = threading.Thread(
            target=lambda: two.execute(
                "update public.auto_replies set enabled = false where id = %s", [second]
            )
        )
        other.start()
        other.join(0.2)
        one.commit()
        other.join()
    assert not desk.one("select has_rules from public.inboxes where id = %s", desk.jakarta)


def test_the_greeting_is_one_automatic_message_in_the_queue(desk: Desk, thread: str) -> None:
    rule(desk, "greeting", "Halo {{contact.name}}, ini {{ inbox.name }}.")
    message = desk.inbound(thread, "Halo")
    waiting = desk.one("select waiting_since from public.conversations where id = %s", thread)
    assert run(desk, message) == "Halo Siti, ini Jakarta."
    assert run(desk, message) is None
    found = desk.one(
        "select to_jsonb(m) from public.messages m where conversation_id = %s and automatic", thread
    )
    assert (found["status"], found["direction"], found["sent_by"]) == ("queued", "outbound", None)
    assert found["metadata"]["rule"]["kind"] == "greeting"
    assert found["metadata"]["rule"]["answers"] == message
    job = desk.admin.execute(
        "select task_name, queue_name, lock, args ->> 'message_id' from jobs.procrastinate_jobs"
    ).fetchall()
    assert job == [("send_message", "send", f"conversation:{thread}", found["id"])]
    after = desk.one("select to_jsonb(c) from public.conversations c where id = %s", thread)
    assert datetime.fromisoformat(after["waiting_since"]) == waiting
    assert after["last_message_at"] == found["timestamp"]


def test_the_greeting_comes_once_until_the_customer_takes_the_thread_up_again(
    desk: Desk, agent: Person, thread: str
) -> None:
    rule(desk, "greeting", "Halo")
    assert run(desk, desk.inbound(thread, "Halo")) == "Halo"
    assert run(desk, desk.inbound(thread, "Ada orang?")) is None
    agent.call("resolve", conversation_id=thread)
    desk.run(
        "insert into public.events (conversation_id, kind, data)"
        """ values (%s, 'reopened', '{"by": "customer", "was": "resolved"}')""",
        thread,
    )
    desk.run("update public.conversations set status = 'open' where id = %s", thread)
    assert run(desk, desk.inbound(thread, "Satu lagi")) == "Halo"
    assert run(desk, desk.inbound(thread, "dan ini")) is None


def test_who_is_in_the_middle_of_a_talk_is_not_greeted(
    desk: Desk, agent: Person, thread: str
) -> None:
    desk.inbound(thread, "Halo")
    agent.call(
        "send_message", id=str(uuid.uuid4()), conversation_id=thread, content="Siang, Bu Siti"
    )
    rule(desk, "greeting", "Halo")
    assert run(desk, desk.inbound(thread, "Jadi?")) is None


def test_away_comes_once_each_time_the_inbox_is_closed(desk: Desk, thread: str) -> None:
    rule(desk, "away", "Kami tutup. Buka lagi {{hours.opens}}.")
    rule(desk, "greeting", "Halo")
    hours(desk, CLOSED)
    assert run(desk, desk.inbound(thread, "Halo")) == "Kami tutup. Buka lagi."
    assert run(desk, desk.inbound(thread, "Halo?")) is None
    hours(desk, OPEN)
    assert run(desk, desk.inbound(thread, "Pagi")) is None  # not their first word
    now = datetime.now(UTC)
    closed_lately = {
        "zone": "UTC",
        "week": {
            day: [
                [
                    (now - timedelta(hours=2)).strftime("%H:%M"),
                    (now - timedelta(minutes=1)).strftime("%H:%M"),
                ]
            ]
            for day in ALWAYS
        },
    }
    desk.run(
        "update public.messages set timestamp = timestamp - interval '1 day'"
        " where conversation_id = %s",
        thread,
    )
    hours(desk, closed_lately)
    again = run(desk, desk.inbound(thread, "Masih buka?"))
    assert again is not None
    assert again.startswith("Kami tutup. Buka lagi ")


def test_the_longest_keyword_answers_as_a_whole_word_in_any_case(desk: Desk, thread: str) -> None:
    rule(desk, "greeting", "Halo")
    rule(desk, "keyword", "Daftar harga: …", "harga, price list")
    rule(desk, "keyword", "Harga grosir: …", "harga grosir")
    assert run(desk, desk.inbound(thread, "Berapa HARGA-nya?")) == "Daftar harga: …"
    assert run(desk, desk.inbound(thread, "ada Harga   Grosir?")) == "Harga grosir: …"
    assert run(desk, desk.inbound(thread, "seharga berapa")) is None
    assert run(desk, desk.inbound(thread, "Price\nlist please")) == "Daftar harga: …"
    assert run(desk, desk.inbound(thread, "100%_.*")) is None


def test_a_value_is_never_filled_in_itself_and_a_missing_one_leaves_nothing(desk: Desk) -> None:
    rule(desk, "greeting", "Halo {{contact.name}}! {{unknown}}{{inbox.name}}")
    sly = desk.conversation(desk.jakarta, "{{inbox.name}}")
    assert run(desk, desk.inbound(sly)) == "Halo {{inbox.name}}!Jakarta"
    nameless = desk.conversation(desk.jakarta, "Siti")
    desk.run("update public.contacts set name = null where name = 'Siti'")
    assert run(desk, desk.inbound(nameless)) == "Halo!Jakarta"


def test_a_customer_gets_so_many_in_an_hour_from_all_inboxes(desk: Desk, thread: str) -> None:
    rule(desk, "keyword", "Harga: …", "harga")
    answers = [run(desk, desk.inbound(thread, f"harga {n}")) for n in range(6)]
    assert answers == ["Harga: …"] * 4 + [None] * 2
    desk.run(
        "insert into public.auto_replies (inbox_id, kind, body) values (%s, 'greeting', 'Halo')",
        desk.bandung,
    )
    elsewhere = desk.one(
        "select private.conversation_for(%s, contact_id) from public.conversations where id = %s",
        desk.bandung,
        thread,
    )
    assert run(desk, desk.inbound(str(elsewhere))) is None
    desk.run("update public.messages set timestamp = timestamp - interval '61 minutes'")
    assert run(desk, desk.inbound(thread, "harga lagi")) == "Harga: …"


def test_jobs_at_the_same_time_keep_the_limit_and_answer_each_message_once(
    desk: Desk, thread: str
) -> None:
    rule(desk, "keyword", "Harga: …", "harga")
    messages = [desk.inbound(thread, f"harga {n}") for n in range(8)]
    start = threading.Barrier(16)
    failures: list[Exception] = []

    def job(message: str) -> None:
        with desk.database.connect() as connection:
            start.wait()
            try:
                connection.execute("select private.run_rules(%s)", [message])
            except psycopg.Error as error:
                failures.append(error)

    jobs = [threading.Thread(target=job, args=[message]) for message in messages * 2]
    for one in jobs:
        one.start()
    for one in jobs:
        one.join()
    assert failures == []
    assert desk.one("select count(*) from public.messages where automatic") == 4
    answered = "select count(distinct metadata #>> '{rule,answers}') from public.messages"
    assert desk.one(answered) == 4


@pytest.mark.parametrize(
    "why", ["blocked", "opted out", "our own number", "an echo", "late", "opt-out word", "outbound"]
)
def test_nothing_is_said_where_nothing_should_be(desk: Desk, thread: str, why: str) -> None:
    rule(desk, "keyword", "Harga: harga", "harga")
    if why == "an echo":
        assert run(desk, desk.inbound(thread, "harga")) is not None
        assert run(desk, desk.inbound(thread, "Harga: harga")) is None
        return
    message = desk.inbound(thread, "harga")
    change = {
        "blocked": "update public.contacts set blocked = true",
        "opted out": "update public.contact_addresses set opted_out_at = now()",
        "our own number": "update public.messages set from_number = 'whatsapp:+628110000002'",
        "late": "update public.messages set timestamp = now() - interval '20 minutes'",
        "opt-out word": "update public.messages set metadata ="
        """ '{"raw": {"OptOutType": "HELP"}}'""",
        "outbound": "update public.messages set direction = 'outbound'",
    }[why]
    desk.run(change)
    assert run(desk, message) is None
    assert desk.one("select count(*) from public.messages where automatic") == 0


def test_outside_the_window_nothing_is_said(desk: Desk, thread: str) -> None:
    rule(desk, "greeting", "Halo")
    message = desk.inbound(thread)
    desk.run("update public.conversations set last_inbound_at = now() - interval '25 hours'")
    assert run(desk, message) is None


# Hours --------------------------------------------------------------------------------------------

WEEK = {
    "zone": "Asia/Jakarta",
    "week": {
        "mon": [["08:00", "12:00"], ["13:00", "17:00"]],
        "fri": [["22:00", "02:00"]],
        "sun": [["20:00", "24:00"]],
    },
    "holidays": ["2026-12-28"],
}


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-23 07:59:59+07", False),  # a Monday
        ("2026-11-23 08:00+07", True),
        ("2026-11-23 12:00+07", False),
        ("2026-11-23 16:59:59+07", True),
        ("2026-11-23 17:00+07", False),
        ("2026-11-24 09:00+07", False),
        ("2026-11-28 01:59+07", True),  # Saturday, Friday's night
        ("2026-11-28 02:00+07", False),
        ("2026-11-22 23:59+07", True),
        ("2026-12-28 09:00+07", False),  # a holiday
    ],
)
def test_the_hours_are_those_of_the_inboxs_own_clock(desk: Desk, at: str, is_open: bool) -> None:
    assert desk.one("select private.is_open(%s, %s::timestamptz)", Jsonb(WEEK), at) is is_open


def test_the_next_opening_and_the_last_closing_pass_over_holidays(desk: Desk) -> None:
    def at(function: str, moment: str) -> Any:
        return desk.one(f"select private.{function}(%s, %s::timestamptz)", Jsonb(WEEK), moment)

    jakarta = "2026-11-23 12:30+07"
    assert at("opens_at", jakarta) == datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert at("closed_since", jakarta) == datetime(2026, 11, 23, 5, tzinfo=UTC)
    # Monday the 28th of December is a holiday: Friday at ten in the evening is next
    assert at("opens_at", "2026-12-28 00:30+07") == datetime(2027, 1, 1, 15, tzinfo=UTC)
    assert desk.one("select private.is_open(null)") is True


def test_open_minutes_are_counted_within_the_hours(desk: Desk) -> None:
    def due(at: str, minutes: int) -> Any:
        return desk.one(
            "select private.open_minutes_after(%s, %s::timestamptz, %s)", Jsonb(WEEK), at, minutes
        )

    assert due("2026-11-23 09:00+07", 60) == datetime(2026, 11, 23, 3, tzinfo=UTC)
    assert due("2026-11-23 11:30+07", 60) == datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
    assert due("2026-11-23 16:30+07", 60) == datetime(2026, 11, 27, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"zone": "Mars/Olympus", "week": {}},
        {"zone": "+07", "week": {}},  # in Postgres seven hours to the west
        {"zone": "UTC+7", "week": {}},
        {"zone": "UTC", "week": {"monday": []}},
        {"zone": "UTC", "week": {"mon": [["8", "x"]]}},
        {"zone": "UTC", "week": {"mon": [["08:00"]]}},
        {"zone": "UTC", "week": {}, "holidays": ["Christmas"]},
    ],
)
def test_hours_that_cannot_be_read_are_refused(desk: Desk, wrong: dict[str, Any]) -> None:
    with pytest.raises(psycopg.errors.RaiseException) as error:
        hours(desk, wrong)
    assert error.value.diag.message_primary == "bad_hours"


def said(desk: Desk, agent: Person, thread: str, ago: str = "0") -> None:
    """The agent answered so long ago."""
    agent.call("send_message", id=str(uuid.uuid4()), conversation_id=thread, content="Baik")
    desk.run(
        'update public.messages set "timestamp" = "timestamp" - %s::interval'
        " where conversation_id = %s",
        ago,
        thread,
    )


def test_nothing_comes_between_a_customer_and_somebody_who_talks_to_them(
    desk: Desk, agent: Person, thread: str
) -> None:
    rule(desk, "keyword", "Kami ada di Jalan Merdeka", keyword="alamat")
    rule(desk, "greeting", "Halo")
    desk.inbound(thread, "Halo")
    said(desk, agent, thread, "59 minutes")
    assert run(desk, desk.inbound(thread, "Alamat saya sudah benar?")) is None
    agent.call("resolve", conversation_id=thread)
    desk.run(
        "insert into public.events (conversation_id, kind, data)"
        """ values (%s, 'reopened', '{"by": "customer", "was": "resolved"}')""",
        thread,
    )
    assert run(desk, desk.inbound(thread, "Terima kasih")) is None, "no greeting to thanks"
    desk.run('update public.messages set "timestamp" = "timestamp" - interval \'2 minutes\'')
    assert run(desk, desk.inbound(thread, "Alamat toko?")) == "Kami ada di Jalan Merdeka"


def test_a_reply_that_is_still_to_come_is_no_talk(desk: Desk, agent: Person, thread: str) -> None:
    rule(desk, "keyword", "Kami ada di Jalan Merdeka", keyword="alamat")
    desk.inbound(thread, "Halo")
    agent.call(
        "schedule_message",
        id=str(uuid.uuid4()),
        conversation_id=thread,
        content="Besok",
        at=str(datetime.now(UTC) + timedelta(hours=1)),
    )
    assert run(desk, desk.inbound(thread, "Alamat?")) == "Kami ada di Jalan Merdeka"


def test_that_it_is_closed_is_said_to_whom_nobody_wrote_since(
    desk: Desk, agent: Person, thread: str
) -> None:
    rule(desk, "away", "Tutup")
    now = datetime.now(UTC)
    spans = [[f"{now - timedelta(minutes=50):%H:%M}", f"{now - timedelta(minutes=20):%H:%M}"]]
    hours(desk, {"zone": "UTC", "week": dict.fromkeys(ALWAYS, spans)})
    desk.inbound(thread, "Halo")
    said(desk, agent, thread, "10 minutes")
    assert run(desk, desk.inbound(thread, "Masih ada?")) is None
    desk.run('update public.messages set "timestamp" = "timestamp" - interval \'20 minutes\'')
    assert run(desk, desk.inbound(thread, "Halo?")) == "Tutup"
