"""One agent's desk while it is open: the store, its lock, and the line to the server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile

from console.store.store import Store
from console.ui.server import LateServer

if TYPE_CHECKING:
    from console.remote.client import Remote
    from console.sync.engine import Engine


@dataclass(slots=True)
class Desk:
    """What exists while somebody is signed in. `remote` and `engine` follow the first paint."""

    store: Store
    lock: QLockFile
    remote: Remote | None = None
    engine: Engine | None = None
    server: LateServer = field(default_factory=LateServer)

    def connect(self, remote: Remote) -> None:
        """From here on the window can ask the server."""
        self.remote = remote
        self.server.connect(remote)

    async def close(self) -> None:
        """Let go of the network, then of the file."""
        if self.remote is not None:
            await self.remote.close()
        await self.store.close()
        self.lock.unlock()
