"""When an agent is called, and when not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from console.domain.alerts import (
    REPEAT,
    REPEATS,
    SILENCE,
    Reminded,
    Repeating,
    Scene,
    What,
    Wishes,
    asked_of,
    closes_soon,
    moment_of_day,
    telling,
)
from console.domain.content import Content, Event, Kind
from console.domain.conversation import Channel, ConversationRow, ConversationStatus
from console.domain.delivery import Direction
from console.domain.ids import ConversationId, InboxId, MessageId, ProfileId
from console.domain.message import Message

ME, RAKA = ProfileId("me"), ProfileId("raka")
NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
NOON = Scene(ME, time(12, 0))


def row(**values: object) -> ConversationRow:
    made = ConversationRow(
        id=ConversationId("siti"),
        inbox_id=InboxId("wa"),
        contact_id=None,
        name="Siti",
        address="",
        channel=Channel.WHATSAPP,
        status=ConversationStatus.OPEN,
        assignee_id=None,
        assignee_name=None,
        last_message_at=NOW,
        last_inbound_at=NOW,
        waiting_since=NOW,
        unread=1,
        preview=None,
        draft=None,
        failed=None,
    )
    return replace(made, **values)  # type: ignore[arg-type]


def message(content: Content, by: ProfileId | None, at: datetime = NOW) -> Message:
    return Message(
        MessageId(f"{by}{at}"),
        ConversationId("siti"),
        Direction.OUTBOUND,
        content,
        at,
        None,
        1,
        sent_by=by,
    )


def assigned(to: ProfileId, by: ProfileId | None, at: datetime = NOW) -> Message:
    event = Event("assigned", None, {"assignee_id": to})
    return message(Content(Kind.EVENT, "", event=event), by, at)


def test_a_message_is_told_with_what_was_written() -> None:
    how = telling(What.MESSAGE, row(), Wishes(), NOON)
    assert (how.shown, how.sound, how.content) == (True, True, True)


@pytest.mark.parametrize(
    ("what", "values", "wishes", "scene"),
    [
        (What.MESSAGE, {}, Wishes(on=False), NOON),
        (What.MESSAGE, {}, Wishes(), replace(NOON, on_screen=frozenset({ConversationId("siti")}))),
        (What.ASSIGNED, {}, Wishes(), replace(NOON, on_screen=frozenset({ConversationId("siti")}))),
        (What.MESSAGE, {"assignee_id": RAKA}, Wishes(), NOON),
        (What.CLOSING, {"assignee_id": RAKA}, Wishes(), NOON),
        (What.MESSAGE, {}, Wishes(muted=frozenset({ConversationId("siti")})), NOON),
        (What.MESSAGE, {"blocked": True}, Wishes(), NOON),
        (What.CLOSING, {"blocked": True}, Wishes(), NOON),
        (
            What.ASSIGNED,
            {},
            Wishes(quiet_from=time(22), quiet_until=time(7)),
            replace(NOON, local=time(23)),
        ),
    ],
    ids=[
        "off",
        "on screen",
        "assigned on screen",
        "a colleague's",
        "theirs",
        "muted",
        "blocked",
        "blocked and closing",
        "quiet",
    ],
)
def test_nothing_is_told(
    what: What, values: dict[str, object], wishes: Wishes, scene: Scene
) -> None:
    assert telling(what, row(**values), wishes, scene) == SILENCE


def test_a_muted_conversation_still_tells_what_is_asked_by_name() -> None:
    wishes = Wishes(muted=frozenset({ConversationId("siti")}))
    assert telling(What.ASSIGNED, row(), wishes, NOON).shown
    assert telling(What.MENTIONED, row(assignee_id=RAKA), wishes, NOON).shown


@pytest.mark.parametrize(
    ("wishes", "scene"),
    [
        (Wishes(shielded=True), NOON),
        (Wishes(content=False), NOON),
        (Wishes(), replace(NOON, locked=True)),
    ],
    ids=["shield", "setting", "locked"],
)
def test_who_and_what_can_be_hidden(wishes: Wishes, scene: Scene) -> None:
    how = telling(What.MESSAGE, row(), wishes, scene)
    assert how.shown
    assert not how.content


def test_quiet_hours_go_over_midnight() -> None:
    night = Wishes(quiet_from=time(22), quiet_until=time(7))
    assert [night.is_quiet(time(hour)) for hour in (21, 22, 3, 7)] == [False, True, True, False]
    noon = Wishes(quiet_from=time(12), quiet_until=time(13))
    assert [noon.is_quiet(time(hour)) for hour in (11, 12, 13)] == [False, True, False]
    assert not Wishes(quiet_until=time(7)).is_quiet(time(3))


def test_what_a_colleague_asks_by_name_is_found_and_own_doings_are_not() -> None:
    since = NOW - timedelta(minutes=1)
    note = Content(Kind.NOTE, "@Dewi tolong", mentions=(ME,))
    by_raka = assigned(ME, RAKA)
    assert asked_of(ME, [by_raka], since) is by_raka
    assert asked_of(ME, [assigned(ME, None)], since) is not None  # by routing
    assert asked_of(ME, [message(note, RAKA)], since) is not None
    assert asked_of(ME, [assigned(ME, ME)], since) is None
    assert asked_of(ME, [message(note, ME)], since) is None
    assert asked_of(ME, [assigned(ME, RAKA), assigned(RAKA, RAKA)], since) is None
    assert asked_of(ME, [by_raka], NOW) is None


def test_an_assignment_is_told_again_until_it_is_seen_and_waits_for_the_morning() -> None:
    id = ConversationId("siti")
    repeating = Repeating()
    repeating.begin(id, NOW)
    assert repeating.due(NOW, quiet=False) == []
    assert repeating.due(NOW + REPEAT, quiet=True) == []
    told = [repeating.due(NOW + REPEAT * (n + 1), quiet=False) for n in range(REPEATS + 2)]
    assert told == [[id]] * REPEATS + [[]] * 2
    repeating.begin(id, NOW)
    repeating.seen(id)
    assert repeating.is_empty


def test_one_is_reminded_once_of_a_window_that_closes_on_somebody_who_waits() -> None:
    closing = row(last_inbound_at=NOW - timedelta(hours=23, minutes=10))
    assert closes_soon(closing, NOW)
    assert not closes_soon(replace(closing, waiting_since=None), NOW)
    assert not closes_soon(replace(closing, channel=Channel.SMS), NOW)
    assert not closes_soon(row(last_inbound_at=NOW - timedelta(hours=25)), NOW)
    assert not closes_soon(row(), NOW)
    reminded = Reminded()
    assert reminded.is_new(closing)
    assert not reminded.is_new(closing)
    assert reminded.is_new(replace(closing, last_inbound_at=NOW))


def test_a_time_that_is_none_means_none() -> None:
    assert moment_of_day("22:00") == time(22)
    assert moment_of_day("") is None
    assert moment_of_day("late") is None
