"""The Twilio simulator inside the test's loop, with a past of its own, and a sweep against it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from console.local.twilio import inbound as customer_side
from console.local.twilio.app import application
from console.local.twilio.config import Config as SimulatorConfig
from console.local.twilio.ledger import Ledger
from console.local.twilio.records import Message, new_sid
from console.local.twilio.server import Server, listen, listen_as_localhost
from console.local.twilio.simulator import Simulator, open_simulator
from console.service.config import Config
from console.service.database import Database, webhook_pool
from console.service.sweep import Sweep
from console.service.twilio import Twilio
from tests.service.conftest import Rows, config_of
from tests.service.requests import ACCOUNT, CUSTOMER, INBOX, PUBLIC_URL, SMS_INBOX, TOKEN


class _Server(Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # the signals are the test run's


class Past:
    """What Twilio remembers: messages at times of our choosing, no webhook called."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    def wrote(
        self,
        body: str,
        ago: timedelta,
        *,
        sender: str = CUSTOMER,
        to: str = INBOX,
        files: tuple[customer_side.File, ...] = (),
    ) -> Message:
        """A customer wrote so long ago."""
        simulator = self.simulator
        simulator.clock_offset = -ago.total_seconds()
        message = customer_side.add(
            simulator,
            simulator.person(sender, "Siti Rahma"),
            customer_side.Writing(body=body, files=files),
            to,
        )
        simulator.clock_offset = 0.0
        return message

    def sent(
        self, body: str, ago: timedelta, *, sender: str = INBOX, to: str = CUSTOMER, **more: Any
    ) -> Message:
        """Something left one of the account's numbers so long ago."""
        at = self.simulator.now() - ago.total_seconds()
        return self.simulator.ledger.add_message(
            Message(
                sid=new_sid("SM"),
                direction="outbound-api",
                from_address=sender,
                to_address=to,
                body=body,
                status=more.pop("status", "delivered"),
                created=at,
                sent=at,
                **more,
            )
        )

    def webhook(self, message: Message) -> dict[str, str]:
        """The request with which Twilio would have told us."""
        simulator = self.simulator
        customer = simulator.person(message.from_address)
        return customer_side.parameters(simulator, customer, message)


@asynccontextmanager
async def past() -> AsyncIterator[Past]:
    api, media = listen(0), listen_as_localhost(0)
    config = SimulatorConfig(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        webhook_url=f"{PUBLIC_URL}/webhook",
        status_url=f"{PUBLIC_URL}/status",
        api_url=f"http://127.0.0.1:{api.getsockname()[1]}",
        media_url=f"http://localhost:{media[0].getsockname()[1]}",
        whatsapp_address=INBOX,
        sms_address=SMS_INBOX,
    )
    async with open_simulator(config, Ledger(None)) as simulator:
        server = _Server(application(simulator), simulator)
        serving = asyncio.create_task(server.serve([api, *media]))
        await server.up.wait()
        try:
            yield Past(simulator)
        finally:
            server.should_exit = True
            await serving


def config_for(database_url: str, past: Past, **changes: str) -> Config:
    api = past.simulator.config.api_url
    return config_of(
        database_url,
        TWILIO_API_URL=api,
        TWILIO_MEDIA_HOSTS=f"{api.removeprefix('http://')},localhost",
        **changes,
    )


@asynccontextmanager
async def sweeping(config: Config) -> AsyncIterator[Sweep]:
    """The sweep of one worker, which looks at everything older than a second."""
    async with AsyncExitStack() as stack:
        pool = webhook_pool(config)
        await pool.open()
        stack.push_async_callback(pool.close)
        twilio = Twilio(config)
        stack.push_async_callback(twilio.close)
        yield Sweep(Database(pool), twilio, every=1.0)


def proved_until(rows: Rows, ago: timedelta) -> None:
    """The last sweep ended so long ago."""
    rows.do(
        "insert into private.sweep_state (since, complete_to)"
        " values (now() - interval '30 days', date_trunc('second', now() - %s::interval))"
        " on conflict (singleton) do update set complete_to = excluded.complete_to, holder = null",
        ago,
    )


def complete_to(rows: Rows) -> datetime:
    moment: datetime = rows.value("select complete_to from private.sweep_state")
    return moment.astimezone(UTC)
