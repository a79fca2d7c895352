"""The window's measurements run on Qt's loop, with the story's world."""

from tests.story.conftest import pytest_asyncio_loop_factories, world

__all__ = ["pytest_asyncio_loop_factories", "world"]
