"""The look before sending, and the marks that format."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from console.domain.content import Content, Kind
from console.domain.message import Message
from console.ui.composer.guard import LOOK, Guard
from console.ui.composer.marks import BOLD, ITALIC, MONO, STRIKE, toggled
from tests.gallery.memory import ME
from tests.gallery.samples import COLLEAGUE, Thread


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guard(clock: Clock) -> Guard:
    """A thread of one message, and a reply that has been begun."""
    made = Guard(ME.id, clock)
    made.show(THREAD[:1], in_view=True)
    made.begin(True)
    return made


def _thread() -> list[Message]:
    thread = Thread()
    thread.add("Halo", minutes=9)
    thread.add("Jadi bagaimana?", minutes=8)
    thread.add("Sudah kami kirim", minutes=7, out=True, by=COLLEAGUE, by_name="Raka")
    return thread.messages


THREAD = _thread()


def test_what_was_there_before_writing_is_seen(guard: Guard) -> None:
    guard.show(THREAD[:1], in_view=False)
    assert guard.unseen() == ()
    assert guard.seen() == THREAD[0].id


def test_what_came_out_of_view_asks_for_a_look(guard: Guard, clock: Clock) -> None:
    guard.show(THREAD, in_view=False)
    clock.now = 60
    assert guard.unseen() == (THREAD[1], THREAD[2])
    guard.accept()
    assert guard.unseen() == ()
    assert guard.seen() == THREAD[2].id


def test_what_came_just_before_enter_asks_for_a_look(guard: Guard, clock: Clock) -> None:
    guard.show(THREAD[:2], in_view=True)
    clock.now = LOOK / 2
    assert guard.unseen() == (THREAD[1],)
    clock.now = LOOK
    assert guard.unseen() == ()


def test_who_types_on_has_not_looked(guard: Guard, clock: Clock) -> None:
    guard.show(THREAD[:2], in_view=True)
    for _ in range(10):
        clock.now += LOOK / 2
        guard.typed()
    assert guard.unseen() == (THREAD[1],)
    clock.now += LOOK
    guard.typed()
    assert guard.unseen() == ()


def test_a_glance_that_was_too_short_does_not_count(guard: Guard, clock: Clock) -> None:
    guard.show(THREAD[:2], in_view=True)
    clock.now = LOOK / 2
    guard.show(THREAD[:2], in_view=False)
    clock.now = 60
    guard.show(THREAD[:2], in_view=True)
    assert guard.unseen() == (THREAD[1],)


def test_own_automatic_and_internal_messages_stop_nobody(guard: Guard) -> None:
    later = THREAD[2].timestamp + timedelta(minutes=1)
    own = replace(THREAD[2], id=THREAD[2].id, sent_by=ME.id)
    automatic = replace(own, sent_by=COLLEAGUE, automatic=True, timestamp=later)
    note = replace(THREAD[2], content=Content(Kind.NOTE, "x"), timestamp=later)
    guard.show([THREAD[0], own, automatic, note], in_view=False)
    assert guard.unseen() == ()


def test_older_pages_are_not_news(guard: Guard) -> None:
    older = [replace(THREAD[0], id=THREAD[1].id, timestamp=THREAD[0].timestamp - timedelta(days=1))]
    guard.show([*older, THREAD[0]], in_view=True)
    assert guard.unseen() == ()


def test_an_empty_field_guards_nothing(guard: Guard) -> None:
    guard.show(THREAD, in_view=False)
    guard.begin(False)
    guard.begin(True)
    assert guard.unseen() == ()


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("penting", BOLD, "*penting*"),
        ("*penting*", BOLD, "penting"),
        (" penting  ", BOLD, " *penting*  "),
        ("satu\ndua", STRIKE, "~satu~\n~dua~"),
        ("~satu~\n\n~dua~", STRIKE, "satu\n\ndua"),
        ("~satu~\ndua", STRIKE, "~satu~\n~dua~"),
        ("satu\ndua", MONO, "```satu\ndua```"),
        ("```satu\ndua```", MONO, "satu\ndua"),
        ("*_penting_*", ITALIC, "*penting*"),
        ("", BOLD, "**"),
        ("**", BOLD, "****"),
    ],
)
def test_marks_go_around_words_and_away_again(text: str, mark: str, expected: str) -> None:
    assert toggled(text, 0, len(text), mark)[0] == expected


def test_without_a_selection_one_types_between_the_marks() -> None:
    assert toggled("", 0, 0, MONO) == ("``````", 3, 3)
