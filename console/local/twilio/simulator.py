"""The simulator's state in one place: memory, clock, faults, listeners and running tasks."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx

from console.local.twilio.callers import Callers
from console.local.twilio.config import Config
from console.local.twilio.faults import Faults
from console.local.twilio.ledger import Ledger
from console.local.twilio.records import Customer, channel_of
from console.local.twilio.senders import Senders

log = logging.getLogger("balas.twilio")

# WhatsApp's window for free text, in seconds.
# Source: https://www.twilio.com/docs/whatsapp/key-concepts#the-24-hour-window
WINDOW = 24 * 3600
_QUEUE_LIMIT = 1000


def external_id_for(address: str) -> str | None:
    """WhatsApp's own name for a person: country code, dot, number. None on SMS.

    People without a phone number are known by it alone, so for them it is the address itself.
    """
    if channel_of(address) == "sms":
        return None
    if not address.startswith("whatsapp:+"):
        return address
    digits = int.from_bytes(hashlib.sha256(address.encode()).digest()[:8]) % 10**16
    return f"whatsapp:ID.{digits:016d}"


class Hub:
    """Tells open phone pages what happened. A page that does not keep up is asked to reload."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[dict[str, Any]]] = set()

    def publish(self, event: dict[str, Any]) -> None:
        for queue in self._queues:
            if queue.qsize() >= _QUEUE_LIMIT:
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait({"event": "reload"})
            else:
                queue.put_nowait(event)

    def subscribe(self) -> asyncio.Queue[dict[str, Any]]:
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._queues.add(queue)
        return queue

    def unsubscribe(self, queue: asyncio.Queue[dict[str, Any]]) -> None:
        self._queues.discard(queue)


class Simulator:
    """Everything the routes share. Made by `open_simulator`, which also stops its tasks."""

    def __init__(self, config: Config, ledger: Ledger, client: httpx.AsyncClient) -> None:
        self.config = config
        self.ledger = ledger
        self.client = client
        self.callers = Callers()
        self.faults = Faults(ledger.setting("faults", {}))
        self.senders = Senders(config, ledger)
        self.hub = Hub()
        self.stopping = asyncio.Event()
        self.clock_offset = float(ledger.setting("clock_offset", 0.0))
        self.strict_windows = bool(ledger.setting("strict_windows", False))
        self._tasks: set[asyncio.Task[None]] = set()

    def now(self) -> float:
        """Unix seconds on the simulator's clock, which a test may move ahead."""
        return time.time() + self.clock_offset

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` beside the requests; its failure is a bug and is logged with traceback."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            log.error("a task of the simulator failed", exc_info=problem)

    async def pause(self, seconds: float) -> None:
        """Wait on the configured pace."""
        await asyncio.sleep(self.config.pace.scaled(seconds))

    def person(self, address: str, name: str = "") -> Customer:
        """The customer at `address`, made when nobody knew them."""
        known = self.ledger.customer(address)
        if known is not None:
            return known
        bare = address.removeprefix("whatsapp:")
        made = Customer(
            address=address,
            name=name,
            number=bare if bare.startswith("+") else None,
            external_id=external_id_for(address),
            created=self.now(),
        )
        self.ledger.put_customer(made)
        self.hub.publish({"event": "customers"})
        return made

    def change_person(self, customer: Customer, **changes: Any) -> Customer:
        changed = replace(customer, **changes)
        self.ledger.put_customer(changed)
        return changed

    def window_open(self, address: str) -> bool:
        """Whether free text may go to `address` now.

        Someone who never wrote through this simulator counts as open (their messages may have
        come from a test that signed its own webhook), unless `strict_windows` is set.
        """
        if channel_of(address) != "whatsapp":
            return True
        customer = self.ledger.customer(address)
        if customer is None or customer.last_inbound is None:
            return not self.strict_windows
        return self.now() - customer.last_inbound < WINDOW

    async def stop(self) -> None:
        self.stopping.set()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def open_simulator(config: Config, ledger: Ledger) -> AsyncIterator[Simulator]:
    """A running simulator; its tasks end and its memory is closed on the way out."""
    async with httpx.AsyncClient(trust_env=False) as client:
        simulator = Simulator(config, ledger, client)
        try:
            yield simulator
        finally:
            await simulator.stop()
            await simulator.callers.close()
            ledger.close()
