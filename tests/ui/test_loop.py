"""The tests' own loop: nothing runs while it does not."""

from __future__ import annotations

import asyncio

from pytestqt.qtbot import QtBot

from console.ui.errors import Errors
from console.ui.tasks import TaskScope
from tests.qt_loop import PatientLoop
from tests.waiting import STEP


def test_a_task_that_comes_due_between_two_runs_goes_on_in_the_next(qtbot: QtBot) -> None:
    loop = PatientLoop()
    steps: list[str] = []

    async def work() -> None:
        steps.append("began")
        await asyncio.sleep(STEP)
        steps.append("woke")
        await asyncio.to_thread(steps.append, "thread")
        steps.append("done")

    async def begin() -> asyncio.Task[None]:
        task = asyncio.ensure_future(work())
        await asyncio.sleep(0)
        return task

    task = loop.run_until_complete(begin())
    qtbot.waitUntil(lambda: loop.waiting > 0)  # Qt's events are handled, the loop does not run
    assert steps == ["began"]
    loop.run_until_complete(task)
    assert steps == ["began", "woke", "thread", "done"]
    loop.close()


def test_what_is_painted_between_two_runs_may_start_tasks(qtbot: QtBot) -> None:
    loop = PatientLoop()
    scope = TaskScope(Errors())
    ran: list[str] = []

    async def work(name: str) -> None:
        await asyncio.sleep(0)
        ran.append(name)

    async def start() -> None:
        scope.start(work("within"))

    async def settle() -> None:
        await scope.settle()

    loop.run_until_complete(start())
    scope.start(work("between"))
    loop.run_until_complete(settle())
    assert ran == ["within", "between"]
    loop.close()
    scope.start(work("after"))
    assert ran == ["within", "between"]


def test_what_was_cancelled_meanwhile_does_not_run(qtbot: QtBot) -> None:
    loop = PatientLoop()
    ran: list[str] = []
    first = loop.call_soon(ran.append, "first")
    loop.call_soon(ran.append, "second")
    qtbot.waitUntil(lambda: loop.waiting == 2)
    first.cancel()

    async def nothing() -> None:
        await asyncio.sleep(0)

    loop.run_until_complete(nothing())
    assert ran == ["second"]
    loop.close()
