"""Fault 27 and attack 19: people who join an inbox, leave one, or are let go."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from console.domain.conversation import View
from console.domain.ids import ConversationId
from console.domain.intents import Draft
from console.settings.secrets import ThrowAwayKeys
from console.store.store import Store
from tests.story.conftest import program, running
from tests.trials.proxy import Behaviour
from tests.trials.window.conftest import Agent, Town, at_desk, open_thread, whole_thread
from tests.waiting import eventually

LONG = 90.0  # seconds
# Everything of the team's and its customers' that this machine may hold.
TABLES = (
    "conversations",
    "contacts",
    "messages",
    "records",
    "media",
    "intents",
    "drafts",
    "listing",
    "profiles",
    "session",
)


async def left_behind(store: Store) -> dict[str, int]:
    """The tables that still hold something."""
    return await store._database.read(
        lambda reading: {
            table: number
            for table in TABLES
            if (number := int(reading.value(f"select count(*) from {table}")))
        }
    )


@pytest.mark.trial("F27")
async def test_who_joins_an_inbox_sees_its_history_and_who_leaves_keeps_nothing_of_it(
    town: Town, tmp_path: Path
) -> None:
    first = town.desk.inbox("Asal", "whatsapp:+628119000270")
    second = town.desk.inbox("Tambahan", "whatsapp:+628119000271")
    town.desk.inbound(town.desk.conversation(first, "Tetap"), "Halo")
    thread = ConversationId(town.desk.conversation(second, "Sejarah"))
    for number in range(30):
        town.desk.inbound(
            thread, f"kenangan {number}", at=f"now() - interval '{99 - number} hours'"
        )
    agent = town.agent("pindahan", first)
    async with at_desk(town, agent, tmp_path) as seat:
        model = seat.window.inbox.conversations.model
        await eventually(lambda: [row.name for row in model.rows] == ["Tetap"])
        town.desk.join(agent.id, second)
        await eventually(
            lambda: {row.name for row in model.rows} == {"Tetap", "Sejarah"}, within=LONG
        )
        await open_thread(seat, thread)

        async def is_whole() -> bool:
            return len(await whole_thread(seat, thread)) == 30

        await eventually(is_whole, within=LONG)
        assert len(await seat.store.search.messages("kenangan")) == 30
        await seat.store.drafts.save(Draft(thread, "rahasia cabang"))

        town.desk.leave(agent.id, second)
        await eventually(lambda: [row.name for row in model.rows] == ["Tetap"], within=LONG)
        await eventually(lambda: len(seat.bubbles()) == 0)
        assert await seat.store.search.messages("kenangan") == []
        assert await seat.store.drafts.get(thread) is None
        assert await seat.store.conversations.page(View(), search="Sejarah") == []


def let_go(town: Town, agent: Agent) -> None:
    """What the administrator does when somebody leaves the team."""
    subprocess.run(
        [sys.executable, "-m", "console", "user", "disable", agent.email],
        env=dict(town.environment),
        capture_output=True,
        check=True,
    )


@pytest.mark.trial("A19")
@pytest.mark.parametrize("away", [False, True], ids=["at the desk", "away at the time"])
async def test_who_was_let_go_is_cut_off_and_their_machine_keeps_nothing(
    town: Town, tmp_path: Path, away: bool
) -> None:
    inbox = town.desk.inbox(f"Mantan {away}", f"whatsapp:+62811900019{away:d}")
    thread = ConversationId(town.desk.conversation(inbox, "Pelanggan"))
    town.desk.inbound(thread, "Rahasia dagang")
    agent = town.agent(f"mantan{away:d}", inbox)
    town.misbehave(token_lifetime=62)  # whoever is let go has this long left
    async with at_desk(town, agent, tmp_path) as seat:
        await open_thread(seat, thread)
        await eventually(lambda: len(seat.bubbles()) == 1)
        await seat.store.drafts.save(Draft(thread, "rahasia cabang"))
        path = seat.store._database.path
        if away:
            town.line.behave(Behaviour(refuse=True))
        else:
            let_go(town, agent)
            await eventually(lambda: seat.desktop.sign_in_screen is not None, within=LONG)
    if away:
        let_go(town, agent)
        town.line.heal()
        desktop = program(town, tmp_path, agent.keys)
        async with running(desktop):
            await eventually(lambda: desktop.sign_in_screen is not None, within=LONG)
    assert isinstance(agent.keys, ThrowAwayKeys)
    (key,) = agent.keys._keys.values()
    store = await Store.open(path, key)
    try:
        assert await left_behind(store) == {}
    finally:
        await store.close()
