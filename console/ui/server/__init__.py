"""What screens ask of the server while they are open, without knowing the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from console.domain.errors import OfflineError
from console.ui.server.presence import LatePresence, Presence

if TYPE_CHECKING:  # the start pays for none of what is asked later
    from console.ui.server.administration import Administration
    from console.ui.server.contacts import Contacts
    from console.ui.server.reports import Reports
    from console.ui.server.search import Search
    from console.ui.server.shift import Shift


class Server(Protocol):
    """Groups of calls, each a protocol of its own beside this file.

    What must outlive a lost line is an intent of the store's outbox instead. Every call raises
    RefusedError (our rules), SignedOutError, or EnvironmentFaultError; what it changed reaches
    the store through the change feed, on this desktop as on every other.
    """

    @property
    def administration(self) -> Administration: ...

    @property
    def contacts(self) -> Contacts: ...

    @property
    def presence(self) -> Presence: ...

    @property
    def reports(self) -> Reports: ...

    @property
    def search(self) -> Search: ...

    @property
    def shift(self) -> Shift: ...


class LateServer:
    """The server as soon as there is a line to it; until then every call says there is none.

    The window is on screen before the program has looked for a network.
    """

    def __init__(self) -> None:
        self._server: Server | None = None
        self._presence = LatePresence()

    def connect(self, server: Server) -> None:
        self._server = server
        self._presence.connect(server.presence)

    @property
    def administration(self) -> Administration:
        return self._there.administration

    @property
    def contacts(self) -> Contacts:
        return self._there.contacts

    @property
    def presence(self) -> Presence:
        return self._presence

    @property
    def reports(self) -> Reports:
        return self._there.reports

    @property
    def search(self) -> Search:
        return self._there.search

    @property
    def shift(self) -> Shift:
        return self._there.shift

    @property
    def _there(self) -> Server:
        if self._server is None:
            raise OfflineError(
                "No connection to the server",
                "The program is still connecting.",
            )
        return self._server
