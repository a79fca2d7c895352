"""States of the whole product: the local stack, and a signed-in window on Qt's own loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from PySide6.QtWidgets import QApplication
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from console.app import Desktop
from console.domain.changes import Link
from console.domain.conversation import ConversationRow, Filter, View
from console.domain.message import Message
from console.local.stack import Stack
from console.settings.paths import Paths
from console.settings.project import ProjectAddress
from console.settings.secrets import AskPassphrase, KeySource, ThrowAwayKeys
from console.settings.values import Values
from console.store.store import Store
from console.ui.window import MainWindow
from tests.qt_loop import PatientLoop
from tests.waiting import eventually


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Coroutine tests of this folder run on Qt's loop, as the program does."""
    return {"qt": PatientLoop}


@dataclass(frozen=True)
class World:
    """The running stack as the outside sees it: its addresses, and Twilio's own records."""

    facts: Mapping[str, Any]
    environment: Mapping[str, str]  # of the service
    http: httpx.Client

    def webhook(self, body: str, *, signature: str | None = None) -> httpx.Response:
        """POST a form-encoded body as Twilio would, signed with the account's token."""
        url = self.facts["webhook_url"]
        if signature is None:
            fields = dict(parse_qsl(body, keep_blank_values=True))
            validator = RequestValidator(self.facts["twilio_auth_token"])
            signature = validator.compute_signature(url, fields)
        return self.http.post(
            url,
            content=body,
            headers={
                "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
                "X-Twilio-Signature": signature,
            },
        )

    def sim(self, path: str, **query: str) -> Any:
        """Read one of the simulator's books."""
        answer = self.http.get(f"{self.facts['twilio_api_url']}/sim/{path}", params=query)
        return answer.raise_for_status().json()

    def customer_does(self, path: str, **fields: Any) -> Any:
        """Have the simulator's customer write or read."""
        answer = self.http.post(f"{self.facts['twilio_api_url']}/sim/{path}", json=fields)
        return answer.raise_for_status().json()

    def creates_to(self, address: str) -> list[dict[str, Any]]:
        """The create calls that Twilio received for one recipient."""
        found: list[dict[str, Any]] = self.sim("creates", to=address)["creates"]
        return found


@pytest.fixture(scope="package")  # to the end of a run, it would idle at the others' cost
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Everything on loopback, without customers of its own; deliveries ten times faster."""
    with (
        Stack(tmp_path_factory.mktemp("stack"), speed=10, durable=False) as stack,
        httpx.Client(timeout=30) as http,
    ):
        yield World(stack.facts(), stack.environment, http)


@dataclass(frozen=True)
class Seat:
    """An agent's place: the program, its window and its store."""

    desktop: Desktop
    window: MainWindow
    store: Store

    async def thread_of(self, name: str) -> ConversationRow:
        """Wait until a customer stands in the list, open the thread, and be able to write."""
        found: list[ConversationRow] = []

        async def is_listed() -> bool:
            rows = await self.store.conversations.page(View(Filter.ALL))
            found[:] = [row for row in rows if row.title == name]
            return bool(found)

        await eventually(is_listed)
        self.window.open_conversation(found[0].id)
        screen = self.window.inbox.thread_screen
        await eventually(lambda: screen.row is not None and screen.row.id == found[0].id)
        await eventually(lambda: screen.composer.is_ready)
        return found[0]

    def bubbles(self) -> tuple[Message, ...]:
        """What the window's open thread shows, oldest first."""
        return tuple(self.window.inbox.thread_screen.model.messages)


def program(
    world: World, folder: Path, keys: KeySource | Callable[[AskPassphrase], KeySource]
) -> Desktop:
    """The program on this machine, knowing the project and nobody yet."""
    paths = Paths.below(folder)
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    url, key = world.facts["supabase_url"], world.facts["publishable_key"]
    return Desktop(
        application,
        paths,
        Values(paths.settings_file),
        keys,
        ProjectAddress(url, key, fixed=True),
    )


@asynccontextmanager
async def running(desktop: Desktop) -> AsyncIterator[Desktop]:
    """Run the program until the block ends; then close it as its user would."""
    life = asyncio.create_task(desktop.run())
    try:
        yield desktop
    finally:
        desktop.close()
        await life


async def window_of(desktop: Desktop) -> MainWindow:
    """Wait for the desk."""
    await eventually(lambda: desktop.window is not None)
    assert desktop.window is not None
    return desktop.window


@asynccontextmanager
async def seated(world: World, folder: Path, who: str = "agent") -> AsyncIterator[Seat]:
    """One of the demo's people, signed in at a window on the whole stack.

    No fixture: between a fixture and its test Qt's events are handled while no loop runs, and
    the program's tasks would be woken without one.
    """
    desktop = program(world, folder, ThrowAwayKeys())
    await desktop.sign_in(world.facts[f"{who}_email"], world.facts[f"{who}_password"])
    async with running(desktop):
        window = await window_of(desktop)
        window.inbox.choose_view(Filter.ALL)
        await eventually(lambda: desktop.at_desk.store.link is Link.ONLINE)
        yield Seat(desktop, window, desktop.at_desk.store)
