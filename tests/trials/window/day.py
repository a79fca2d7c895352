"""A simulated day: customers who write, colleagues who answer, and weather that breaks things."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.domain.content import Kind
from console.domain.conversation import ConversationRow, Filter, View
from console.domain.ids import ConversationId, MessageId, ProfileId, new_message_id
from console.domain.intents import SendMessage
from console.domain.message import Message
from console.remote import connect
from console.store.store import Store
from console.sync.engine import Engine
from tests.story.conftest import Seat
from tests.trials.callers import Callers
from tests.trials.callers import Message as Written
from tests.trials.proxy import Behaviour, Proxy
from tests.trials.window.conftest import PASSWORD, PATIENCE, Agent, Town, at_desk
from tests.trials.world import WEBHOOKS, WORKERS, World
from tests.waiting import eventually

MOST_AT_ONCE = 200  # messages of customers under way
ASKED = "select target from intents where state = 'asking'"


async def let_go(store: Store) -> None:
    """The agent says yes to each reply that the program asks about."""
    for (asked,) in await store._database.read(lambda reading: reading.all(ASKED)):
        await store.outbox.release(MessageId(asked))


class Crowd:
    """Customers; what each writes is acknowledged in the order in which they wrote it."""

    def __init__(self, world: World, count: int, chance: random.Random) -> None:
        self._port = world.front.port
        self._chance = chance
        self._threads: dict[str, Iterator[Written]] = {}
        for thread in world.threads(count):
            first = next(thread)
            self._threads[first.customer] = _with(first, thread)
        self.addresses = list(self._threads)
        self._writing: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.acknowledged: list[Written] = []
        self.given_up: list[Written] = []
        self.statuses: Counter[int] = Counter()

    async def write(self, seconds: float) -> None:
        """Everybody writes at least once, evenly over so many seconds, and some go on talking."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        fresh = list(self.addresses)
        self._chance.shuffle(fresh)
        pause = seconds / (2 * len(fresh))
        room = asyncio.Semaphore(MOST_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            while loop.time() < end or fresh:
                known = len(self.addresses) - len(fresh)
                again = not fresh or (known and self._chance.random() < 0.5)
                address = self._chance.choice(self.addresses) if again else fresh.pop()
                await room.acquire()
                group.create_task(self._one(address)).add_done_callback(lambda _: room.release())
                await asyncio.sleep(pause * 2 * self._chance.random())

    async def _one(self, address: str) -> None:
        async with self._writing[address]:
            sent = await Callers(self._port).send([[next(self._threads[address])]])
        self.acknowledged += sent.acknowledged
        self.given_up += sent.given_up
        self.statuses += sent.statuses


def _with(first: Written, others: Iterator[Written]) -> Iterator[Written]:
    yield first
    yield from others


@dataclass
class Colleague:
    """One who answers their part of the customers; `wrote` is what, by address, in order."""

    name: str
    addresses: frozenset[str]
    chance: random.Random
    wrote: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    written: int = 0
    restarts: int = 0

    async def answer(self, store: Store, type_it: Typing | None = None) -> None:
        """Answer one of the customers in the list; what the program asks about is let go."""
        await let_go(store)
        rows = await store.conversations.page(View(Filter.ALL), limit=200)
        mine = [row for row in rows if row.address in self.addresses]
        if not mine:
            return
        row = self.chance.choice(mine)
        # Fifteen in half a minute to one customer is what the loop guard lets through.
        if len(self.wrote[row.address]) >= 12:
            return
        latest = await store.messages.latest(row.id)
        # What the program asks about lets the next reply overtake it: one at a time has an order.
        if any(message.local for message in latest):
            return
        text = f"{self.name} {self.written}"
        self.written += 1
        if type_it is None:
            seen = latest[-1].id if latest else None
            await store.outbox.send(SendMessage(new_message_id(), row.id, text, seen=seen))
        else:
            await type_it(row, text)
        self.wrote[row.address].append(text)


Typing = Callable[[ConversationRow, str], Awaitable[None]]


class Headless:
    """A colleague's real store and sync, without a window; closed and opened again at will."""

    def __init__(self, town: Town, agent: Agent, colleague: Colleague, folder: Path) -> None:
        self._town = town
        self._agent = agent
        self._path = folder / f"{colleague.name}.db"
        self._key = colleague.chance.randbytes(32)
        self.colleague = colleague
        self.again = asyncio.Event()
        self.store: Store | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Store]:
        """The desktop, in sync; signed in when its store knows nobody."""
        store = await Store.open(self._path, self._key)
        facts = self._town.facts
        remote = await connect(facts["supabase_url"], facts["publishable_key"], store.session)
        while remote.auth.identity is None:
            with suppress(Exception):  # the weather: signing in is tried until it is over
                found = await remote.auth.sign_in(self._agent.email, PASSWORD)
                await store.set_me(ProfileId(found.profile_id))
            await asyncio.sleep(0.2)
        running = asyncio.create_task(Engine(store, remote).run())
        self.store = store
        try:
            yield store
        finally:
            self.store = None
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            await remote.close()
            await store.close()

    async def work(
        self, pause: float, over: asyncio.Event, ready: Callable[[Store], object]
    ) -> None:
        """Answer until the day is over, then stay in sync until `ready` lets go."""
        while True:
            async with self.opened() as store:
                while not self.again.is_set() and not over.is_set():
                    await self.colleague.answer(store)
                    await asyncio.sleep(pause * 2 * self.colleague.chance.random())
                if not self.again.is_set():
                    await _await(ready(store))
                    return
            self.again.clear()
            self.colleague.restarts += 1


class AtWindow:
    """A colleague at a real window, typing."""

    def __init__(self, town: Town, agent: Agent, colleague: Colleague, folder: Path) -> None:
        self._town = town
        self._agent = agent
        self._folder = folder / colleague.name
        self.colleague = colleague
        self.again = asyncio.Event()
        self.seat: Seat | None = None

    async def work(
        self, pause: float, over: asyncio.Event, ready: Callable[[Store], object]
    ) -> None:
        """As `Headless.work`."""
        anew = True
        while True:
            async with at_desk(self._town, self._agent, self._folder, anew=anew, link=None) as seat:
                anew, self.seat = False, seat
                while not self.again.is_set() and not over.is_set():
                    await self.colleague.answer(seat.store, self._type)
                    await asyncio.sleep(pause * 2 * self.colleague.chance.random())
                if not self.again.is_set():
                    await _await(ready(seat.store))
                    return
            self.again.clear()
            self.colleague.restarts += 1

    async def _type(self, row: ConversationRow, text: str) -> None:
        seat = self.seat
        assert seat is not None
        seat.window.open_conversation(row.id)
        screen = seat.window.inbox.thread_screen
        await eventually(lambda: screen.row is not None and screen.row.id == row.id)
        composer = screen.composer
        await eventually(lambda: composer.is_ready)
        QTest.keyClicks(composer.editor, text)

        async def has_left() -> bool:
            # Where the customer wrote meanwhile, the first Enter pauses for one look.
            if composer.editor.text():
                QTest.keyClick(composer.editor, Qt.Key.Key_Return)
            await asyncio.sleep(0.05)
            return not composer.editor.text()

        await eventually(has_left)


async def _await(answer: object) -> None:
    if isinstance(answer, Awaitable):
        await answer


class Weather:
    """What goes wrong, one thing after the other; `happened` counts it by its name."""

    def __init__(
        self, world: World, town: Town, chance: random.Random, restarts: list[asyncio.Event]
    ) -> None:
        self._world = world
        self._chance = chance
        self.happened: Counter[str] = Counter()
        lines = {"the desktops' line": town.line, "the webhooks' door": world.front}
        lines |= {"Twilio's API": world.twilio, "the database's line": world.database}
        self._events: list[tuple[str, Callable[[], Awaitable[None]]]] = [
            *((f"kill of a {n.rstrip('12')}", self._killing(n)) for n in (*WEBHOOKS, *WORKERS)),
            ("kill of the gateway", self._killing("gateway")),
            ("kill of Postgres", self._killing("postgres")),
            *(
                (f"{name} refused", self._breaking(proxy, Behaviour(refuse=True)))
                for name, proxy in lines.items()
            ),
            *((f"{name} cut", self._cutting(proxy)) for name, proxy in lines.items()),
            (
                "the desktops' line a black hole",
                self._breaking(town.line, Behaviour(black_hole=True)),
            ),
            ("the desktops' line slow", self._breaking(town.line, Behaviour(latency=0.3))),
            *(("restart of a desktop", self._restarting(event)) for event in restarts),
        ]

    async def rage(self, pause: float, over: asyncio.Event) -> None:
        """Everything once, in any order, and again, until the day is over."""
        while not over.is_set():
            order = list(self._events)
            self._chance.shuffle(order)
            for name, event in order:
                with suppress(TimeoutError):
                    await asyncio.wait_for(over.wait(), pause * 2 * self._chance.random())
                if over.is_set():
                    return
                self.happened[name] += 1
                await event()

    def _killing(self, name: str) -> Callable[[], Awaitable[None]]:
        async def kill() -> None:
            before = self._world.kill(name, signal.SIGKILL)
            await eventually(lambda: self._world.pid(name) not in (before, 0), within=PATIENCE)

        return kill

    def _breaking(self, proxy: Proxy, behaviour: Behaviour) -> Callable[[], Awaitable[None]]:
        async def fail() -> None:
            proxy.behave(behaviour)
            await asyncio.sleep(0.5 + 3 * self._chance.random())
            proxy.heal()

        return fail

    def _cutting(self, proxy: Proxy) -> Callable[[], Awaitable[None]]:
        async def cut() -> None:
            proxy.cut()

        return cut

    def _restarting(self, event: asyncio.Event) -> Callable[[], Awaitable[None]]:
        async def restart() -> None:
            event.set()

        return restart


async def stored(store: Store, threads: set[ConversationId]) -> dict[str, list[tuple[str, ...]]]:
    """What a desktop has of these threads: (id, direction, text, status), in its order."""
    found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for thread in threads:
        for message in said(await store.messages.latest(thread, 10_000)):
            status = message.status.value if message.status else ""
            found[thread].append(
                (message.id, message.direction.value, message.content.text, status)
            )
    return dict(found)


def said(thread: Iterable[Message]) -> list[Message]:
    """Without the lines between messages, such as that somebody said what became of one."""
    return [message for message in thread if message.content.kind is not Kind.EVENT]
