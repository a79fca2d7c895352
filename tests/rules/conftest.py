"""The rules read every source there is; nothing of a tree of syntax is a cycle to collect."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    """The collector would look through the trees again and again while they grow."""
    gc.disable()
    yield
    gc.enable()
