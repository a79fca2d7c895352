"""What every test run holds to: no screen, and a stray log record fails the test it came from."""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from _pytest.logging import LogCaptureHandler
from PySide6 import QtCore

from console.ui.imports import spare_sources

Handler = Callable[[QtCore.QtMsgType, QtCore.QMessageLogContext, str], None]

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")  # qasync asks, and must not find another Qt first
# Nobody out there is talked to, so nobody is trusted: reading the usual hundred and fifty
# authorities anew for every HTTP client took a sixth of a test run's time.
os.environ["SSL_CERT_FILE"] = str(Path(__file__).with_name("nobody.pem"))


# Python looks for cycles after each 700 new objects: a twentieth of a test run's time.
gc.set_threshold(10_000, 10, 10)

# As the program does: each of four workers would read the source of every module that it imports.
spare_sources()


# pytest-qt puts its own handler of Qt's messages in place around each phase of each test. PySide
# calls the one it finds without a lock, and crashes where another thread logs in just that moment:
# so there is one handler for good, and only what it passes on to changes.
class Messages:
    """Stands in for `qInstallMessageHandler`."""

    def __init__(self) -> None:
        self._now: Handler | None = None
        QtCore.qInstallMessageHandler(self._pass_on)
        QtCore.qInstallMessageHandler = self.install

    def install(self, handler: Handler | None) -> Handler | None:
        previous, self._now = self._now, handler
        return previous

    def _pass_on(
        self, kind: QtCore.QtMsgType, context: QtCore.QMessageLogContext, text: str
    ) -> None:
        handler = self._now
        if handler is not None:
            handler(kind, context, text)
        else:
            sys.stderr.write(text + "\n")


MESSAGES = Messages()

# After so many tests of the window in a row, all is collected once.
WHOLE = 20

# Debug and info are the program's diary; from here on a record asks for a person's attention.
STRAY = logging.WARNING


class StrayLogs(logging.Handler):
    """Keeps each record that the running test did not say it expects.

    A test expects records of a level by `with caplog.at_level(logging.WARNING):` (or
    `caplog.set_level`) around what logs them; then it should also look at them.
    """

    def __init__(self) -> None:
        super().__init__(STRAY)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        for handler in logging.getLogger().handlers:
            if isinstance(handler, LogCaptureHandler) and 0 < handler.level <= record.levelno:
                return
        self.found.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@contextmanager
def _watched(item: pytest.Item, phase: str) -> Iterator[None]:
    handler = StrayLogs()
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
    if handler.found:
        lines = "\n  ".join(handler.found)
        pytest.fail(f"stray log records in {phase} of {item.name}:\n  {lines}", pytrace=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The trials come first: each worker that runs some of them starts both their worlds.

    Every worker gets a stretch of the list, and later takes from the end of another's.
    """
    items.sort(key=lambda item: "trials" not in item.path.parts)


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()


def _has_window(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return "qapp" in fixtures or bool({"story", "window"}.intersection(item.path.parts))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    if _has_window(item):
        gc.disable()  # as the program does: see console.ui.collector
    with _watched(item, "setup"):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    with _watched(item, "the call"):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, None, None]:
    with _watched(item, "teardown"):
        yield
    if not _has_window(item):
        return
    if nextitem is not None and _has_window(nextitem) and gc.get_count()[2] < WHOLE:
        # What this test and the one before it made; to look through all takes 11 ms each time.
        # No other collection comes between them, so nothing of a window can go elsewhere.
        gc.collect(1)
        return
    gc.collect()
    gc.enable()
