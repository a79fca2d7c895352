"""What is asked of the server beside the feed: old messages by their words, and completeness."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from console.domain.finding import Completeness, Found


class Search(Protocol):
    """Both read only; errors as in `Server`."""

    async def messages(
        self, text: str, *, cursor: Mapping[str, Any] | None = None, page_size: int = 50
    ) -> Found:
        """Messages and notes of every inbox one sees with all words of `text`, newest first."""

    async def completeness(self) -> Completeness:
        """Up to when nothing is missing."""
