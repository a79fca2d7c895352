"""What every screen works with: the store, the server, and the window's own parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from console.domain.ids import ConversationId
from console.ui.bridge import Bridge
from console.ui.errors import Errors
from console.ui.language import Language
from console.ui.preferences import Chosen
from console.ui.server import Server
from console.ui.session import SessionActions
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme

if TYPE_CHECKING:
    from console.store.store import Store


@dataclass(frozen=True, slots=True)
class Workplace:
    """One for each window.

    `writes` outlives a screen: what an agent has asked for is finished even when they leave.
    `tell` shows a title and a sentence in passing, `offer` with one thing to do about it. `go`
    opens a page by its name, `open_conversation` a thread.
    """

    store: Store
    server: Server
    session: SessionActions
    theme: Theme
    language: Language
    bridge: Bridge
    errors: Errors
    writes: TaskScope
    chosen: Chosen
    now: Callable[[], datetime]
    tell: Callable[[str, str], None]
    go: Callable[[str], None]
    offer: Callable[[str, str, str, Callable[[], object]], None]
    open_conversation: Callable[[ConversationId], None]
