"""Desktops that listen for the doorbell, each over a Realtime connection of its own."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from console.remote import connect
from console.remote.client import Remote
from tests.trials.world import World
from tests.waiting import eventually


@dataclass(frozen=True)
class Heard:
    """One bell at one listener; `at` is of the monotonic clock."""

    ear: int
    at: float


@contextlib.asynccontextmanager
async def listening(world: World, listeners: int) -> AsyncIterator[list[Heard]]:
    """So many desktops of an agent listen while the block runs; what they hear, as it comes."""
    inbox = world.ledger.value(
        "select id from public.inboxes where address = %s", world.facts["inbox_address"]
    )
    heard: list[Heard] = []
    remotes: list[Remote] = []
    tasks: list[asyncio.Task[None]] = []

    def note(ear: int) -> None:
        heard.append(Heard(ear, time.monotonic()))

    try:
        for ear in range(listeners):
            remote = await connect(world.facts["supabase_url"], world.facts["publishable_key"])
            remotes.append(remote)
            await remote.auth.sign_in(world.facts["agent_email"], world.facts["agent_password"])
            remote.doorbell.want([f"inbox:{inbox}"])
            ring = remote.doorbell.run(lambda ring, ear=ear: note(ear) if ring.bell else None)  # type: ignore[misc]
            tasks.append(asyncio.create_task(ring))
        await eventually(lambda: all(len(one.doorbell.joined) == 1 for one in remotes), within=60)
        yield heard
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for remote in remotes:
            await remote.close()
