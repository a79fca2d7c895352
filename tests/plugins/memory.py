"""A test run's temporary files lie in memory where there is room, and go with the run.

Each test of the database gets a clone of hundreds of files. On a disk's file system most of the
run's time went into making and deleting these; what the tests prove about a kill holds all the
same, because what is killed are processes, not machines. TMPDIR or --basetemp of one's own wins.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from console.local.leash import Leash
from tests.memory import MEMORY, has_room

_LEASH = pytest.StashKey[Leash]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Before anybody asks for a temporary folder, and before xdist starts its workers."""
    full_size = os.environ.get("BALAS_TRIALS") == "full"  # they are about disks, too
    if "TMPDIR" in os.environ or config.option.basetemp or full_size or not has_room():
        return
    folder = Path(tempfile.mkdtemp(prefix="balas-tests-", dir=MEMORY))
    leash = config.stash[_LEASH] = Leash()
    leash.remove(folder)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """The folder goes with the leash, also when this process is killed before it comes here."""
    if _LEASH in config.stash:
        config.stash[_LEASH].close()
        os.environ.pop("TMPDIR", None)
        tempfile.tempdir = None
