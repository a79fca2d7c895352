"""States of a desktop under trial: the whole stack, a line that can break, agents at windows."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from console.domain.changes import Link
from console.domain.conversation import Filter
from console.domain.errors import OfflineError
from console.domain.ids import ConversationId
from console.domain.message import Message
from console.local.gateway.misbehaviour import Misbehaviour
from console.local.stack import Stack
from console.settings.secrets import KeySource, ThrowAwayKeys
from tests.conftest import Database
from tests.database.conftest import Desk
from tests.qt_loop import PatientLoop
from tests.story.conftest import Seat, World, program, running, window_of
from tests.trials.proxy import Proxy
from tests.waiting import eventually

PASSWORD = "rahasia-sekali"
# Seconds for what has to come right again: more than the slowest of the timers that see to it takes
# by turns, and less than a test has, so that it is the test which says what is missing.
PATIENCE = 150.0


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Coroutine tests of this folder run on Qt's loop, as the program does."""
    return {"qt": PatientLoop}


@dataclass(frozen=True)
class Agent:
    """Somebody who can sign in, and the keys of the machine they sit at."""

    id: str
    email: str
    keys: KeySource


@dataclass(frozen=True)
class Town(World):
    """The stack as `World` has it; every desktop reaches it through `line`."""

    stack: Stack
    line: Proxy
    desk: Desk  # writes what the service would write, past every line

    @property
    def shop(self) -> str:
        """The inbox whose messages really go to the simulator."""
        address = self.facts["inbox_address"]
        return str(self.desk.one("select id from public.inboxes where address = %s", address))

    def agent(self, name: str, *inboxes: str) -> Agent:
        """A person with a login and a profile, member of these inboxes only."""
        email = f"{name}@example.com"
        ident = str(self._tell("auth/v1/admin/users", email=email)["id"])
        self.desk.run(
            "insert into public.profiles (id, display_name) values (%s, %s) on conflict (id)"
            " do update set display_name = excluded.display_name, active = true",
            ident,
            name.title(),
        )
        for inbox in inboxes:
            self.desk.join(ident, inbox)
        return Agent(ident, email, ThrowAwayKeys())

    def misbehave(self, **switches: object) -> None:
        """Switch the faults of the services themselves."""
        self._post("local/misbehave", switches)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database holds."""
        return self.desk.admin.execute(query, values).fetchall()

    def bodies_to(self, address: str) -> list[str]:
        """What the simulator was asked to send to one customer, once for each create call."""
        return [one["form"]["Body"][0] for one in self.creates_to(address) if one["sid"]]

    def conversation_of(self, address: str) -> ConversationId:
        """The thread of a customer."""
        return ConversationId(
            str(
                self.desk.one(
                    "select c.id from public.conversations c join public.contact_addresses a"
                    " using (contact_id) where a.address = %s",
                    address,
                )
            )
        )

    def customer(self, name: str, address: str, text: str = "Halo") -> ConversationId:
        """Somebody writes to the shop; their thread."""
        self.customer_does("inbound", **{"from": address, "name": name, "body": text})
        return self.conversation_of(address)

    def _tell(self, path: str, *, email: str) -> Any:
        return self._post(path, {"email": email, "password": PASSWORD, "email_confirm": True})

    def _post(self, path: str, body: Mapping[str, object]) -> Any:
        key = self.facts["secret_key"]
        answer = self.http.post(
            f"{self.stack.project.url('gateway')}/{path}",
            headers={"apikey": key, "authorization": f"Bearer {key}"},
            json=body,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="package")  # to the end of a run, it would idle at the others' cost
def whole_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Everything on loopback, deliveries ten times faster, the desktops' line a proxy."""
    with (
        Stack(tmp_path_factory.mktemp("town"), speed=10, durable=False) as stack,
        Proxy(stack.project.ports["gateway"]) as line,
        Desk.of(Database(stack.postgres, "postgres")) as desk,
        httpx.Client(timeout=60) as http,
    ):
        facts = stack.facts()
        url = urlsplit(facts["supabase_url"])
        facts["supabase_url"] = f"{url.scheme}://{url.hostname}:{line.port}"
        yield Town(facts, stack.environment, http, stack, line, desk)


@pytest.fixture
def town(whole_town: Town) -> Iterator[Town]:
    """Well behaved."""
    with whole_town.desk.lines:
        yield whole_town
    whole_town.line.heal()
    whole_town.misbehave(**dataclasses.asdict(Misbehaviour()))


@asynccontextmanager
async def at_desk(
    town: Town, agent: Agent, folder: Path, *, anew: bool = True, link: Link | None = Link.ONLINE
) -> AsyncIterator[Seat]:
    """The agent at a window on this folder's store: signed in `anew`, or as the last run left it.

    Signs in again where the line is lost in the middle of it, as a person would. Waits until the
    line is as `link` says.
    """
    desktop = program(town, folder, agent.keys)

    async def is_signed_in() -> bool:
        with contextlib.suppress(OfflineError):
            await desktop.sign_in(agent.email, PASSWORD)
            return True
        return False

    if anew:
        await eventually(is_signed_in, within=PATIENCE)
    async with running(desktop):
        window = await window_of(desktop)
        store = desktop.at_desk.store
        window.inbox.choose_view(Filter.ALL)
        if link is not None:
            await eventually(lambda: store.link is link, within=60)
        yield Seat(desktop, window, store)


async def open_thread(seat: Seat, conversation: ConversationId) -> None:
    """Wait until the conversation is on this machine, and open it."""

    async def is_here() -> bool:
        return await seat.store.conversations.get(conversation) is not None

    await eventually(is_here, within=60)
    seat.window.open_conversation(conversation)
    screen = seat.window.inbox.thread_screen
    await eventually(lambda: screen.row is not None and screen.row.id == conversation)
    await eventually(lambda: screen.composer.is_ready)


async def whole_thread(seat: Seat, conversation: ConversationId) -> list[Message]:
    """Every message of a thread that this machine has, oldest first."""
    return await seat.store.messages.latest(conversation, 100_000)


async def nothing_waits(seat: Seat) -> bool:
    """Whether the outbox is empty."""
    return await seat.store.outbox.pending() == 0
