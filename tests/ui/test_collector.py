"""Garbage is collected on the GUI thread, and is collected."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from console.ui.collector import Collector, give_back


class Ring:
    """Keeps itself alive."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def collector(qapp: QApplication) -> Iterator[Collector]:
    """Takes over for one test."""
    parent = QObject()
    yield Collector(parent)
    parent.deleteLater()


def test_python_collects_no_more_by_itself_and_a_look_does(collector: Collector) -> None:
    assert not gc.isenabled()
    rings = [Ring() for _ in range(5)]
    alive = [weakref.ref(ring) for ring in rings]
    rings.clear()
    kept = [Ring() for _ in range(2 * gc.get_threshold()[0])]  # enough for a look to act
    collector.look()
    assert [ref() for ref in alive] == [None] * 5
    assert kept


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems' heaps give back")
def test_memory_that_is_free_within_the_heap_goes_back() -> None:
    pieces = [bytes(700) for _ in range(40_000)]
    kept = pieces[::200]  # so that the heap cannot just end earlier
    pieces.clear()
    before = _resident()
    give_back()
    assert before - _resident() > 10_000
    assert kept


def _resident() -> int:
    """KiB."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
