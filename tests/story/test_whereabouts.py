"""The bench's doorbell step, and what it says of a message that is not painted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import pytest

from console.domain.conversation import ConversationRow
from console.remote.calls import Calls
from console.sync import told
from console.sync.engine import Engine
from console.sync.pull import Pull
from console.ui.models.thread import ThreadModel
from tests.bench.desk.hearing import NAME, Customer, NotPaintedError, hear
from tests.bench.desk.notes import Notes, Sample
from tests.bench.desk.script import Paints
from tests.story.conftest import Seat, World, seated
from tests.waiting import eventually


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> Notes:
    """Taken of every engine of the test, and of none after it."""
    for kind, name in ((Engine, "_on_ring"), (Pull, "run")):
        monkeypatch.setattr(kind, name, getattr(kind, name))  # to be put back
    made = Notes()
    made.take()
    return made


@dataclass
class Step:
    """The bench's step at a window, ready to be told a text."""

    seat: Seat
    world: World
    notes: Notes
    row: ConversationRow
    customer: Customer
    paints: Paints

    async def hear(self, text: str, seconds: float = 30.0) -> Sample | None:
        painted = partial(self.paints.of, seconds=seconds)
        told = (self.seat.desktop, self.world.facts, self.notes, painted, self.row, self.customer)
        return await hear(*told, text)


@asynccontextmanager
async def step(world: World, notes: Notes, folder: Path) -> AsyncIterator[Step]:
    async with seated(world, folder) as seat, httpx.AsyncClient(timeout=30) as http:
        customer = Customer(world.facts, http)
        await customer.write("Halo")
        row = await seat.thread_of(NAME)
        paints = Paints(seat.window.inbox.thread_screen.timeline.viewport())
        yield Step(seat, world, notes, row, customer, paints)


async def never(*_: object) -> None:
    await asyncio.Event().wait()


async def test_a_message_is_timed_from_its_bell_to_its_paint(
    world: World, notes: Notes, tmp_path: Path
) -> None:
    async with step(world, notes, tmp_path) as bench:
        sample = await bench.hear("Bel satu")
        assert sample is not None
        assert sample[0] > 0


async def test_a_message_that_is_not_taken_is_no_slow_bell(
    world: World, notes: Notes, tmp_path: Path
) -> None:
    async with step(world, notes, tmp_path) as bench:
        forged = {**world.facts, "twilio_auth_token": "x"}
        bench.customer = Customer(forged, bench.customer._http)
        with pytest.raises(NotPaintedError, match="the webhook answered 403"):
            await bench.hear("Bel palsu")


Break = Callable[[pytest.MonkeyPatch, Step], None]


def no_bell(patch: pytest.MonkeyPatch, bench: Step) -> None:
    line = bench.seat.desktop.at_desk.remote
    assert line is not None
    patch.setattr(line.doorbell, "_ring", lambda _: None)
    no_answer(patch, bench)  # an earlier bell's pull may be about to begin


def no_answer(patch: pytest.MonkeyPatch, bench: Step) -> None:
    patch.setattr(Calls, "pull_changes", never)


def no_reading(patch: pytest.MonkeyPatch, bench: Step) -> None:
    patch.setattr(ThreadModel, "reload", lambda _: None)


def no_paint(patch: pytest.MonkeyPatch, bench: Step) -> None:
    async def of(_: Paints, __: Callable[[], bool], seconds: float) -> None:
        async with asyncio.timeout(seconds):
            await never()

    patch.setattr(Paints, "of", of)


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (no_bell, "in the database with 1 bells sent, and no bell was heard"),
        (no_answer, "its bell was heard, and no pull has come through since"),
        (no_reading, "the store has it, announced; the model does not"),
        (no_paint, "the thread's model has it, and it was not painted"),
    ],
)
async def test_it_is_said_where_a_message_is_that_was_not_painted(
    world: World,
    notes: Notes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    break_it: Break,
    words: str,
) -> None:
    monkeypatch.setattr(told, "AFTER_JOIN", 0.0)  # no other look than the bell's
    async with step(world, notes, tmp_path) as bench:
        await eventually(lambda: all(pull.ended is not None for pull in notes.pulls))
        with monkeypatch.context() as patch:
            break_it(patch, bench)
            with pytest.raises(NotPaintedError, match=words):
                await bench.hear(f"Bel {words}", seconds=3.0)
    assert words in capsys.readouterr().err
