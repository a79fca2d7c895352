"""The world of the trials, and their sizes: small in the test run, full by `dev.py trials`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.trials.sizes import FULL, SMALL
from tests.trials.world import World


def is_full() -> bool:
    """Whether this is `dev.py trials`."""
    return os.environ.get("BALAS_TRIALS") == "full"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table that `dev.py trials` ends with."""
    if not is_full():
        return
    lines = []
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.getreports(outcome):
            names = dict(report.user_properties).get("trial")
            if names and (report.when == "call" or outcome == "error"):
                words = report.nodeid.rpartition("::test_")[2].replace("_", " ")
                lines.append((_order(names), names, words, outcome, f"{report.duration:.0f} s"))
    terminalreporter.section("trials")
    for _, *line in sorted(lines):
        terminalreporter.write_line("| " + " | ".join(line) + " |")


def _order(name: str) -> tuple[int, int]:
    return "FAS".index(name[0]), int(name[1:])


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "trial(name): a fault (F), an attack (A) of trials.md, or the soak (S1)"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of the trials only those that were asked for by name (F7, A4)."""
    only = set(filter(None, os.environ.get("BALAS_TRIALS_ONLY", "").upper().split(",")))
    for item in items:
        mark = item.get_closest_marker("trial")
        if mark is not None:
            item.user_properties.append(("trial", mark.args[0]))
    if only:
        items[:] = [i for i in items if dict(i.user_properties).get("trial") in only]
    elif is_full():  # the soak takes half an hour and is asked for by name
        marks = [(item, item.get_closest_marker("trial")) for item in items]
        items[:] = [item for item, mark in marks if mark is not None and mark.args[0] != "S1"]


@pytest.fixture
def size(request: pytest.FixtureRequest) -> SimpleNamespace:
    """The numbers of this trial."""
    mark = request.node.get_closest_marker("trial")
    assert mark is not None
    return SimpleNamespace(**(FULL if is_full() else SMALL)[mark.args[0]])


@pytest.fixture(scope="session")
def whole_world() -> Iterator[World]:
    """Real processes on a database with fsync; at full size on a disk."""
    with (
        tempfile.TemporaryDirectory(prefix="balas-trials-") as folder,
        World(Path(folder), speed=1.0 if is_full() else 10.0) as world,
    ):
        yield world


@pytest.fixture
def world(whole_world: World) -> Iterator[World]:
    """Well, and without complaints of an earlier trial."""
    whole_world.complaints()
    yield whole_world
    whole_world.heal()
    whole_world.tell_sim("faults", number="*", fault=None)
    whole_world.await_ready()
