"""Between store and widgets: signals gathered, tasks that end with their screen, one error desk."""

from __future__ import annotations

import asyncio
import logging

import pytest

from console.domain.changes import Changes, Link
from console.domain.errors import ExpectedError, RefusedError
from console.domain.ids import ConversationId
from console.store.bus import ChangeBus
from console.ui.bridge import Bridge, merge
from console.ui.errors import Errors, in_one, sentence
from console.ui.tasks import TaskScope
from tests.gallery.stage import Stage
from tests.waiting import eventually

A, B = ConversationId("a"), ConversationId("b")


async def test_a_burst_of_commits_becomes_one_signal(stage: Stage) -> None:
    bus = ChangeBus()
    bridge = Bridge(bus)
    heard: list[frozenset[str]] = []
    bridge.threads_changed.connect(heard.append)
    for place in range(50):
        bus.publish(Changes(threads=frozenset({A if place % 2 else B})))
    await eventually(lambda: heard)
    assert heard == [frozenset({A, B})]
    bridge.close()
    bus.publish(Changes(threads=frozenset({A})))
    await asyncio.sleep(0)
    assert len(heard) == 1


async def test_the_open_thread_hears_of_a_message_before_the_list_does(stage: Stage) -> None:
    bus = ChangeBus()
    bridge = Bridge(bus)
    heard: list[str] = []
    bridge.conversations_changed.connect(lambda _: heard.append("list"))
    bridge.outbox_changed.connect(lambda: heard.append("outbox"))
    bridge.threads_changed.connect(lambda _: heard.append("thread"))
    bus.publish(Changes(conversations=frozenset({A}), outbox=True))
    bus.publish(Changes(threads=frozenset({A})))
    await eventually(lambda: len(heard) == 3)
    assert heard == ["thread", "list", "outbox"]
    bridge.close()


def test_the_later_link_wins_and_a_missing_one_changes_nothing() -> None:
    offline, online = Changes(link=Link.OFFLINE), Changes(link=Link.ONLINE, outbox=True)
    assert merge(offline, online).link is Link.ONLINE
    assert merge(offline, Changes(drafts=True)) == Changes(link=Link.OFFLINE, drafts=True)


async def test_a_named_task_replaces_its_predecessor(stage: Stage) -> None:
    scope, ran = TaskScope(stage.errors), []

    async def work(name: str) -> None:
        await asyncio.sleep(0)
        ran.append(name)

    scope.start(work("first"), "load")
    scope.start(work("second"), "load")
    await scope.settle()
    assert ran == ["second"]


async def test_a_closed_scope_cancels_in_silence_and_starts_nothing(stage: Stage) -> None:
    scope, ran = TaskScope(stage.errors), []

    async def work() -> None:
        await asyncio.sleep(0)
        ran.append(True)

    scope.start(work())
    scope.close()
    scope.start(work())
    await scope.settle()
    assert ran == []
    assert stage.told == []


async def test_a_failure_of_a_task_reaches_the_agent(stage: Stage) -> None:
    scope = TaskScope(stage.errors)

    async def work() -> None:
        raise ExpectedError("The disk is full", fix="Free some space and try again.")

    scope.start(work())
    await eventually(lambda: stage.told)
    assert stage.told == [("Disk penuh", "Kosongkan sedikit ruang lalu coba lagi.")]


async def test_a_bug_is_logged_and_told_without_its_details(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        Errors().tell(ZeroDivisionError("secret detail"))
    assert caplog.records[0].exc_info is not None
    assert "secret" not in " ".join(sentence(ZeroDivisionError("secret detail")))


async def test_a_refusal_of_the_server_is_said_in_the_agents_language(stage: Stage) -> None:
    error = RefusedError("opted_out", "Not possible", "The customer opted out.", fix="Nothing.")
    said = "Pelanggan berhenti menerima pesan. Hanya pelanggan yang bisa mengubahnya"
    assert in_one(error).startswith(said)
