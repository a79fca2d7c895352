"""Faults 17, 18 and 20: lying bells, a line that swallows everything, two agents offline."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from types import SimpleNamespace as Size
from typing import cast

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.domain.changes import Link
from console.domain.ids import ConversationId, MessageId, new_message_id
from console.domain.intents import Draft, SendMessage
from console.store.store import Store
from console.sync import nudge
from tests.remote.project import Agent as Member
from tests.remote.project import Project
from tests.story.conftest import Seat
from tests.sync.conftest import desktop_of
from tests.trials.conftest import is_full
from tests.trials.proxy import Behaviour, Proxy
from tests.trials.window.conftest import (
    PASSWORD,
    Town,
    at_desk,
    nothing_waits,
    open_thread,
    whole_thread,
)
from tests.waiting import eventually

LONG = 90.0  # seconds
BACK = 30.0  # seconds after which nothing is missing once the network is back
SOON = 5.0  # seconds in which the window knows what the server knows


async def texts_of(store: Store, thread: ConversationId) -> list[str]:
    return [message.content.text for message in await store.messages.latest(thread, 100_000)]


@pytest.mark.trial("F17")
async def test_bells_that_are_lost_repeated_and_swapped_leave_the_window_as_the_server_is(
    town: Town, tmp_path: Path, size: Size
) -> None:
    inbox = town.desk.inbox("Lonceng", "whatsapp:+628119000017")
    agent = town.agent("lonceng", inbox)
    thread = ConversationId(town.desk.conversation(inbox, "Lonceng"))
    town.desk.inbound(thread, "Pesan 0")
    async with at_desk(town, agent, tmp_path) as seat:
        await open_thread(seat, thread)
        doorbell = seat.desktop.at_desk.remote
        assert doorbell is not None
        await eventually(lambda: bool(doorbell.doorbell.joined))
        town.misbehave(drop=0.1, repeat=0.1, reorder=0.1, seed=17)
        for number in range(1, size.messages + 1):
            town.desk.inbound(thread, f"Pesan {number}")
            await asyncio.sleep(0.02)
        town.misbehave(drop=0.0, repeat=0.0, reorder=0.0)
        town.desk.inbound(thread, "Pesan terakhir")
        expected = [f"Pesan {number}" for number in range(size.messages + 1)] + ["Pesan terakhir"]
        await eventually(lambda: seat.bubbles()[-1].content.text == "Pesan terakhir", within=SOON)
        assert await texts_of(seat.store, thread) == expected
        shown = [bubble.content.text for bubble in seat.bubbles()]
        assert shown == expected[-len(shown) :]


@pytest.mark.trial("F18")
async def test_after_a_black_hole_and_a_sleep_nothing_is_missing_and_nothing_leaves_twice(
    town: Town, qtbot: QtBot, tmp_path: Path, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "whatsapp:+6281310000018"
    thread = town.customer("Sinta", address)
    answered = town.customer("Jauh", "whatsapp:+6281310000180")
    agent = town.agent("tidur", town.shop)
    monkeypatch.setattr(nudge, "_TICK", 0.2)
    town.misbehave(token_lifetime=75)
    async with at_desk(town, agent, tmp_path) as seat:
        town.misbehave(token_lifetime=0)
        await open_thread(seat, answered)
        await open_thread(seat, thread)
        town.line.behave(Behaviour(black_hole=True))
        composer = seat.window.inbox.thread_screen.composer
        qtbot.keyClicks(composer.editor, "Ditulis dalam gelap")
        qtbot.keyClick(composer.editor, Qt.Key.Key_Return)
        for number in range(20):
            town.desk.inbound(answered, f"Terlewat {number}")
        await asyncio.sleep(size.seconds)
        assert len(await whole_thread(seat, answered)) == 1
        awake = time.time
        monkeypatch.setattr(time, "time", lambda: awake() + 7200)  # the token is long over, too
        town.line.bury()  # no connection of before comes back to life
        town.line.heal()
        began = time.monotonic()
        expected = ["Halo", *(f"Terlewat {number}" for number in range(20))]

        async def is_whole() -> bool:
            return await texts_of(seat.store, answered) == expected

        await eventually(is_whole, within=LONG)
        took = time.monotonic() - began
        assert not is_full() or took < BACK
        await eventually(lambda: seat.store.link is Link.ONLINE, within=LONG)
        await eventually(lambda: nothing_waits(seat), within=LONG)
        await eventually(lambda: len(town.bodies_to(address)) == 1, within=LONG)
    assert town.bodies_to(address) == ["Ditulis dalam gelap"]


@pytest.mark.trial("F20")
async def test_what_two_agents_wrote_offline_leaves_once_in_order_and_conflicts_are_asked_about(
    town: Town, qtbot: QtBot, tmp_path: Path, size: Size
) -> None:
    patience = LONG + size.replies  # seconds
    addresses = [f"whatsapp:+62813200020{n:02d}" for n in range(size.threads)]
    threads = [town.customer(f"Antre {n}", a) for n, a in enumerate(addresses)]
    common, common_address = threads[0], addresses[0]
    mine, theirs = town.agent("kembali", town.shop), town.agent("duluan", town.shop)
    with Proxy(town.stack.project.ports["gateway"]) as their_line:
        project = SimpleNamespace(
            url=f"http://127.0.0.1:{their_line.port}", key=town.facts["publishable_key"]
        )
        async with (
            at_desk(town, mine, tmp_path / "mine") as seat,
            desktop_of(
                cast(Project, project), Member(theirs.id, theirs.email, PASSWORD), tmp_path
            ) as colleague,
        ):
            colleague.start()
            await colleague.online()
            for thread in threads:
                await eventually(lambda t=thread: has(seat.store, t), within=patience)  # type: ignore[misc]
                await eventually(lambda t=thread: has(colleague.store, t), within=patience)  # type: ignore[misc]
            for line, ring, store in (
                (town.line, ring_of(seat), seat.store),
                (their_line, colleague.engine.ring, colleague.store),
            ):
                line.behave(Behaviour(refuse=True))
                ring()
                await eventually(lambda s=store: s.link is Link.OFFLINE, within=patience)  # type: ignore[misc]
            wrote: dict[tuple[str, str], list[str]] = defaultdict(list)
            for number in range(size.replies // 2):
                # The common thread is everybody's; of the others each agent has every second one.
                place = number % len(threads)
                for who, store in (("saya", seat.store), ("rekan", colleague.store)):
                    if place and place % 2 == (who == "saya"):
                        continue
                    text = f"{who} {number}"
                    wrote[who, addresses[place]].append(text)
                    await write(store, threads[place], text)
            await open_thread(seat, common)
            composer = seat.window.inbox.thread_screen.composer
            qtbot.keyClicks(composer.editor, "belum selesai")
            await seat.store.drafts.save(Draft(threads[1], "draf lain"))
            their_line.heal()
            colleague.engine.ring()
            await eventually(lambda: colleague.store.link is Link.ONLINE, within=patience)
            await eventually(lambda: empty(colleague.store), within=patience)
            town.line.heal()
            ring_of(seat)()
            await eventually(lambda: seat.store.link is Link.ONLINE, within=patience)

            held = wrote["saya", common_address]

            def asked() -> list[str]:
                return [
                    bubble.content.text
                    for bubble in seat.bubbles()
                    if bubble.waiting == "asking" and bubble.rule == "colleague_replied"
                ]

            await eventually(lambda: asked() == held, within=patience)
            assert composer.editor.text() == "belum selesai"
            draft = await seat.store.drafts.get(threads[1])
            assert draft is not None
            assert draft.text == "draf lain"
            for bubble in seat.bubbles():
                if bubble.waiting == "asking":
                    await seat.store.outbox.release(MessageId(bubble.id))
            await eventually(lambda: empty(seat.store), within=patience)
            everything = {a: wrote["rekan", a] + wrote["saya", a] for a in addresses}

            def is_sent() -> bool:
                return all(len(town.bodies_to(a)) >= len(everything[a]) for a in addresses)

            await eventually(is_sent, within=patience)
            assert {address: town.bodies_to(address) for address in addresses} == everything


async def write(store: Store, thread: ConversationId, text: str) -> None:
    """A reply to what the agent sees now."""
    latest = [m for m in await store.messages.latest(thread) if not m.local]
    await store.outbox.send(SendMessage(new_message_id(), thread, text, seen=latest[-1].id))


def ring_of(seat: Seat) -> Callable[[], None]:
    engine = seat.desktop.at_desk.engine
    assert engine is not None
    return engine.ring


async def has(store: Store, thread: ConversationId) -> bool:
    return bool(await store.messages.latest(thread))


async def empty(store: Store) -> bool:
    return await store.outbox.pending() == 0
