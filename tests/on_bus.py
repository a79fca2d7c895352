"""A stand-in for a service of the desktop, on a session bus of the tests' own."""

from __future__ import annotations

from threading import Event, Thread
from typing import Any


class OnBus(Thread):
    """Owns a name and answers the calls that come, until its `end`."""

    def __init__(self, name: str) -> None:
        from jeepney import message_bus  # type: ignore[import-untyped]
        from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]

        super().__init__(daemon=True)
        self._ended = Event()
        self._line = open_dbus_connection("SESSION")
        self._line.send_and_get_reply(message_bus.RequestName(name))

    def run(self) -> None:
        while not self._ended.is_set():
            try:
                call = self._line.receive(timeout=0.1)
            except TimeoutError:
                continue
            self.take(call)

    def take(self, call: Any) -> None:
        """Answer one, or leave it."""
        raise NotImplementedError

    def end(self) -> None:
        self._ended.set()
        self.join()
        self._line.close()
