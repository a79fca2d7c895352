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


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "trial(name): a fault (F), an attack (A) of trials.md, or the soak (S1)"
    )


@pytest.fixture
def size(request: pytest.FixtureRequest) -> SimpleNamespace:
    """The numbers of this trial."""
    mark = request.node.get_closest_marker("trial")
    assert mark is not None
    return SimpleNamespace(**(FULL if is_full() else SMALL)[mark.args[0]])


@pytest.fixture(scope="package")  # to the end of a run, it would idle at the others' cost
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
