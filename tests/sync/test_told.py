"""A bell is believed: what it told of is looked for until it is here, and not for ever."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Container
from pathlib import Path

import psycopg
import pytest

from console.domain.ids import MessageId, new_message_id
from console.store.store import Store
from console.sync import told
from console.sync.engine import EVERY
from console.sync.told import AGAIN, Told
from tests.remote.project import Project
from tests.sync.conftest import Desktop
from tests.waiting import eventually


class Pulls:
    """Counts a desktop's pulls."""

    def __init__(self, desktop: Desktop, patch: pytest.MonkeyPatch) -> None:
        self.ended = 0
        self._pull = desktop.engine._pull.run
        patch.setattr(desktop.engine._pull, "run", self._run)

    async def _run(self) -> int:
        changed = await self._pull()
        self.ended += 1
        return changed


async def test_a_bell_that_comes_before_the_commit_can_be_seen_is_followed_by_another_look(
    desktop: Desktop, project: Project, budi: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulls = Pulls(desktop, monkeypatch)
    with psycopg.connect(project.desk.database.dsn) as writing:
        id = project.desk.inbound(budi, "masih di jalan", connection=writing)
        before = pulls.ended
        project.desk.run(
            "select private.send_bell(%s, array[%s], array[%s])",
            f"inbox:{project.desk.jakarta}", budi, id,
        )  # fmt: skip
        await eventually(lambda: pulls.ended > before)
        project.misbehave(drop=1.0)  # the bell of the commit itself
        writing.commit()

    async def seen() -> bool:
        return (await desktop.thread(budi))[-1].id == id

    await eventually(seen, within=2 * AGAIN[-1])


async def test_what_came_while_realtime_let_us_in_but_did_not_listen_yet_is_looked_for(
    offline_desktop: Desktop, project: Project, budi: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(told, "AFTER_JOIN", 1.0)
    project.misbehave(drop=1.0)
    desktop, pull = offline_desktop, offline_desktop.engine._pull.run
    written = asyncio.Event()

    async def run() -> int:
        is_last = len(desktop.remote.doorbell.joined) == 2
        changed = await pull()
        if is_last and not desktop.engine._pull_nudge._event.is_set() and not written.is_set():
            project.desk.inbound(budi, "tak terdengar")
            written.set()
        return changed

    monkeypatch.setattr(desktop.engine._pull, "run", run)
    desktop.start()
    await written.wait()

    async def seen() -> bool:
        return (await desktop.thread(budi))[-1].content.text == "tak terdengar"

    await eventually(seen, within=10.0)


async def test_what_never_comes_is_looked_for_a_few_times_and_then_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    now = 1000.0
    monkeypatch.setattr(told, "monotonic", lambda: now)
    store = await Store.open(tmp_path / "store.db", bytes(32))
    try:
        one = Told(store)
        one.bell([new_message_id()])
        waits = []
        while (wait := await one.after_pull(one.before_pull())) is not None:
            waits.append(wait)
            now += wait
        assert waits == pytest.approx([0.5, 1.5, 6.0])
        assert one.before_pull() == []
        assert "a bell told of a message that no pull brought" in caplog.text
    finally:
        await store.close()


async def test_nothing_stays_unseen_longer_than_the_timer_says(
    offline_desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random, "uniform", lambda least, most: most)
    nudge = offline_desktop.engine._pull_nudge
    wait, waits = nudge.wait, list[float | None]()

    async def noted(seconds: float | None = None) -> bool:
        waits.append(seconds)
        return await wait(seconds)

    monkeypatch.setattr(nudge, "wait", noted)
    offline_desktop.start()
    await eventually(lambda: len(waits) > 1)
    assert waits[1] is not None
    assert waits[1] <= EVERY


async def test_what_a_bell_tells_to_be_deleted_is_not_looked_for_again(
    desktop: Desktop, project: Project, budi: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = project.desk.inbound(budi, "salah kirim")

    async def is_here() -> bool:
        return (await desktop.thread(budi))[-1].id == id

    async def is_gone() -> bool:
        return not await is_here()

    await eventually(is_here)
    after_pull, answers = desktop.engine._told.after_pull, list[tuple[bool, bool]]()

    async def noted(wanted: list[MessageId], *more: Container[str]) -> float | None:
        wait = await after_pull(wanted, *more)
        answers.append((id in wanted, id in desktop.engine._told.before_pull()))
        return wait

    monkeypatch.setattr(desktop.engine._told, "after_pull", noted)
    project.desk.run("delete from public.messages where id = %s", id)
    await eventually(is_gone)
    await eventually(lambda: (True, False) in answers)
    assert (True, True) not in answers
