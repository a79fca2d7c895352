"""The whole product for a day: three desktops, many customers, and everything goes wrong."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace as Size
from typing import Any
from urllib.parse import urlsplit

import pytest

from console.domain.delivery import Status
from console.domain.ids import ConversationId, MessageId, new_message_id
from console.domain.intents import RetryMessage, SettleMessage
from console.store.store import Store
from tests.conftest import Database
from tests.database.conftest import Desk
from tests.story.conftest import Seat
from tests.trials.proxy import Proxy
from tests.trials.window.conftest import PATIENCE, Town
from tests.trials.window.day import (
    AtWindow,
    Colleague,
    Crowd,
    Headless,
    Weather,
    let_go,
    said,
    stored,
)
from tests.trials.window.heartbeat import Heartbeat
from tests.trials.world import World
from tests.waiting import eventually

FINAL = ("delivered", "read", "failed", "undelivered", "canceled")
# A callback that was on its way into a process that died is lost; the service asks Twilio ten
# minutes later. This is how those minutes pass.
TIME_PASSES = """
with late as (
  update public.messages set "timestamp" = "timestamp" - interval '15 minutes'
   where id = any(%s) and status in ('accepted', 'sent') returning attempt_id)
update public.delivery_attempts set started_at = started_at - interval '15 minutes'
 where id in (select attempt_id from late)
"""
THREADS = """
select c.id::text, a.address from public.conversations c
  join public.contact_addresses a using (contact_id) where a.address = any(%s)
"""
UNCERTAIN = "select id::text, content from public.messages where status = 'uncertain'"
MESSAGES = """
select conversation_id::text, id::text, direction, coalesce(content, '') as text,
       coalesce(status, '') as stands
  from public.messages where conversation_id::text = any(%s)
 order by conversation_id, "timestamp", id
"""


@pytest.fixture
def town(world: World) -> Iterator[Town]:
    """The trials' world, with a line for the desktops that can break too."""
    with (
        Proxy(world.stack.project.ports["gateway"]) as line,
        Desk.of(Database(world.stack.postgres, "postgres")) as desk,
    ):
        url = urlsplit(world.facts["supabase_url"])
        facts = world.facts | {"supabase_url": f"{url.scheme}://{url.hostname}:{line.port}"}
        yield Town(facts, world.stack.environment, world.http, world.stack, line, desk)


@pytest.mark.trial("S1")
async def test_after_a_day_of_trouble_twilio_the_database_and_every_desktop_agree(
    world: World,
    town: Town,
    tmp_path: Path,
    size: Size,
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(size.seed)
    crowd = Crowd(world, size.customers, chance)
    names = ("sari", "made", "jendela")
    colleagues = [
        Colleague(name, frozenset(crowd.addresses[place :: len(names)]), random.Random(place))
        for place, name in enumerate(names)
    ]
    members = [town.agent(one.name, town.shop) for one in colleagues]
    window = AtWindow(town, members[2], colleagues[2], tmp_path)
    desktops: list[Headless | AtWindow] = [
        Headless(town, members[0], colleagues[0], tmp_path),
        Headless(town, members[1], colleagues[1], tmp_path),
        window,
    ]
    over, agreed = asyncio.Event(), asyncio.Event()
    kept: list[Store] = []

    async def stay(store: Store) -> None:
        kept.append(store)
        await agreed.wait()

    weather = Weather(world, town, chance, [desktop.again for desktop in desktops])
    began = time.monotonic()
    with Heartbeat() as pulse:
        async with asyncio.TaskGroup() as group:
            for desktop in desktops:
                group.create_task(desktop.work(size.pause, over, stay))
            raging = group.create_task(weather.rage(size.calm, over))
            await crowd.write(size.seconds)
            over.set()
            await raging
            heal(world, town)
            calm = time.monotonic()
            await eventually(lambda: len(kept) == len(desktops), within=PATIENCE)
            agreeing = Agreement(world, crowd, colleagues, kept)
            await agreeing.reached()
            settled = time.monotonic() - calm
            assert window.seat is not None
            await the_window_shows(window.seat, agreeing)
            agreed.set()
    replies = sum(colleague.written for colleague in colleagues)
    record_property(
        "figures",
        f"{time.monotonic() - began:.0f} s: {len(crowd.acknowledged)} messages of"
        f" {size.customers} customers, {replies} replies;"
        f" {dict(weather.happened)}; restarts of desktops"
        f" {[colleague.restarts for colleague in colleagues]};"
        f" all agreed {settled:.0f} s after the last of it; longest work of the GUI thread"
        f" {pulse.busiest * 1000:.0f} ms",
    )


def heal(world: World, town: Town) -> None:
    """Good weather."""
    world.heal()
    town.line.heal()
    world.await_ready(within=PATIENCE)


class Agreement:
    """What the customers wrote and the colleagues answered, against every book there is."""

    def __init__(
        self, world: World, crowd: Crowd, colleagues: list[Colleague], stores: list[Store]
    ) -> None:
        self._world = world
        self._crowd = crowd
        self._colleagues = colleagues
        self._stores = stores
        self.threads: dict[ConversationId, str] = {}
        self.expected: dict[str, list[tuple[str, ...]]] = {}
        self.again: dict[MessageId, str] = {}  # what the agent had to send once more
        self._said: set[MessageId] = set()

    async def reached(self) -> None:
        """Wait until nothing is under way, then compare; AssertionError names the first gap."""
        assert not self._crowd.given_up
        await eventually(self._all_stored, within=PATIENCE)
        await eventually(self._nothing_waits, within=PATIENCE)
        await eventually(self._all_sent, within=PATIENCE)
        self._world.ledger.check_inbound(self._crowd.acknowledged)
        repeated = set(self.again.values())
        replies = [
            (address, text)
            for colleague in self._colleagues
            for address, texts in colleague.wrote.items()
            for text in texts
        ]
        in_order = [(address, text) for address, text in replies if text not in repeated]
        self._world.ledger.check_outbound(self._world.creates(), in_order)
        assert Counter(body for _, body in self._taken()) == Counter(text for _, text in replies)
        await eventually(self._all_final, within=PATIENCE)
        rows = self._world.ledger.rows(THREADS, self._crowd.addresses)
        self.threads = {ConversationId(row["id"]): row["address"] for row in rows}
        assert len(self.threads) == len(self._crowd.addresses)
        self.expected = self._database()
        count = sum(map(len, self.expected.values()))
        assert count == len(self._crowd.acknowledged) + len(replies) + len(repeated)
        for store in self._stores:
            try:
                await eventually(lambda s=store: self._agrees(s), within=PATIENCE)  # type: ignore[misc]
            except AssertionError as error:
                raise AssertionError(await self._gaps(store)) from error

    def _all_stored(self) -> bool:
        return not self._world.ledger.missing(self._crowd.acknowledged)

    async def _nothing_waits(self) -> bool:
        for store in self._stores:
            await let_go(store)
        return not sum([await store.outbox.pending() for store in self._stores])

    def _taken(self) -> list[tuple[str, str]]:
        """(SID, text) of every reply that Twilio has taken."""
        texts = {t for one in self._colleagues for all in one.wrote.values() for t in all}
        return [
            (made["sid"], made["body"])
            for made in self._world.creates()
            if made["sid"] and made["body"] in texts
        ]

    async def _all_sent(self) -> bool:
        taken = {body for _, body in self._taken()}
        await self._say_what_became(taken)
        return len(taken) == sum(one.written for one in self._colleagues)

    async def _say_what_became(self, taken: set[str]) -> None:
        """A worker died in the call and Twilio never got it: the agent is asked, and sends anew."""
        store = self._stores[0]
        for row in self._world.ledger.rows(UNCERTAIN):
            id = MessageId(row["id"])
            if row["content"] not in taken and id not in self._said:
                self._said.add(id)
                await store.outbox.settle(SettleMessage(id, "failed"))
        for id in self._said - self.again.keys():
            message = await store.messages.get(id)
            if message is not None and message.status is Status.FAILED:
                self.again[id] = message.content.text
                await store.outbox.retry(RetryMessage(id, new_message_id()))

    def _all_final(self) -> bool:
        """Whether Twilio and the database say the same of every reply, and it is the end."""
        told = {one["sid"]: one["status"] for one in self._twilio()}
        rows = self._world.ledger.rows(
            "select id, message_sid, status from public.messages where message_sid = any(%s)",
            [sid for sid, _ in self._taken()],
        )
        late = [row["id"] for row in rows if row["status"] not in FINAL]
        if late and all(told[row["message_sid"]] in FINAL for row in rows):
            with self._world.administrator() as line:
                line.execute(TIME_PASSES, [late])
        return all(row["status"] == told[row["message_sid"]] for row in rows) and not late

    def _twilio(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._world.sim("messages", limit=1_000_000)["messages"]
        return found

    def _database(self) -> dict[str, list[tuple[str, ...]]]:
        found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for row in self._world.ledger.rows(MESSAGES, list(self.threads)):
            thread, *message = row.values()
            found[thread].append(tuple(message))
        return dict(found)

    async def _gaps(self, store: Store) -> str:
        """Where a desktop and the database part."""
        kept = await stored(store, set(self.threads))
        lines = []
        for thread, expected in self.expected.items():
            found = kept.get(thread, [])
            if found != expected:
                lines += [f"missing {one}" for one in expected if one not in found]
                lines += [f"not there {one}" for one in found if one not in expected]
                lines += ["another order"] * (sorted(found) == sorted(expected))
        return "\n".join(lines[:20])

    async def _agrees(self, store: Store) -> bool:
        kept = await stored(store, set(self.threads))
        self.expected = self._database()  # a customer may still read what was delivered
        return kept == self.expected


async def the_window_shows(seat: Seat, agreement: Agreement) -> None:
    """The longest thread, as the database has it."""
    thread = ConversationId(max(agreement.expected, key=lambda id: len(agreement.expected[id])))
    seat.window.open_conversation(thread)
    screen = seat.window.inbox.thread_screen
    await eventually(lambda: screen.row is not None and screen.row.id == thread)
    texts = [text for _, _, text, _ in agreement.expected[thread]]

    def shown() -> list[str]:
        return [bubble.content.text for bubble in said(seat.bubbles())]

    try:
        await eventually(lambda: bool(shown()) and shown() == texts[-len(shown()) :])
    except AssertionError as error:
        raise AssertionError(f"the window shows {shown()}, and not {texts}") from error
