"""Qt's loop for tests: what comes due between two of its runs waits for the next one."""

from __future__ import annotations

import asyncio
from typing import Any

from PySide6.QtWidgets import QApplication
from qasync import QEventLoop


class _Step(asyncio.Handle):
    """A callback that runs only while its loop does."""

    __slots__ = ()
    _loop: PatientLoop

    def _run(self) -> None:
        if self._loop.is_running():
            super()._run()
        else:
            self._loop.put_off(self)


class PatientLoop(QEventLoop):  # type: ignore[misc]
    """The program's loop, which sleeps between an async fixture and its test.

    WORKAROUND: pytest-qt handles Qt's events between a fixture, its test and its end, and qasync's
    callbacks are such events. A task that is woken then finds no running loop and dies of it, and
    whatever waits for that task waits in vain.
    """

    def __init__(self) -> None:
        super().__init__(QApplication.instance() or QApplication([]))
        self._put_off: list[_Step] = []

    @property
    def waiting(self) -> int:
        """How many callbacks have come due since the last run."""
        return len(self._put_off)

    def put_off(self, step: _Step) -> None:
        """Run this with the next run, in the order in which they came."""
        self._put_off.append(step)

    def run_forever(self) -> Any:
        steps, self._put_off = self._put_off, []
        for step in steps:
            super()._add_callback(step)
        return super().run_forever()

    def _add_callback(self, handle: asyncio.Handle, delay: float = 0) -> Any:
        step = _Step(handle._callback, handle._args, self, handle._context)  # type: ignore[attr-defined]
        return super()._add_callback(step, delay)
