"""The gallery's tests stand on the same stage as the window's."""

from __future__ import annotations

from tests.ui.conftest import in_jakarta, pytest_asyncio_loop_factories, stage

__all__ = ["in_jakarta", "pytest_asyncio_loop_factories", "stage"]
