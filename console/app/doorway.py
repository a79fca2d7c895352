"""One program for each user and project: a second start hands its link to the first and ends."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer, QLocalSocket

WITHIN = 2000  # ms for the running program to answer
_LONGEST = 2048  # bytes of one knock
_LONGEST_PATH = 100  # bytes; a socket's path may have 107
_HEARD = b"heard\n"


def door_name(folder: Path, project_url: str) -> str:
    """Where the running program listens: a socket in the user's own folder, or a pipe's name.

    Of a folder whose path is too long for a socket, it lies among the temporary files; never a
    bare name, which Qt would take for one in the folder that the program was started in.
    """
    sign = hashlib.sha256(f"{folder}\n{project_url}".encode()).hexdigest()[:16]
    if sys.platform == "win32":
        return f"balas-{sign}"
    path = str(folder / f"door-{sign}")
    if len(path.encode()) > _LONGEST_PATH:
        return str(Path(tempfile.gettempdir()) / f"balas-{sign}")
    return path


class Doorway(QObject):
    """`knocked` carries the link of a second start, or an empty text."""

    knocked = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._server: QLocalServer | None = None

    def hand_over(self, link: str) -> bool:
        """Give `link` to the program that runs already; False when none does.

        Waits at most two seconds, before there is a window.
        """
        if Path(self._name).is_absolute() and not Path(self._name).exists():
            return False  # and the network part of Qt need not be loaded to know it
        from PySide6.QtNetwork import QLocalSocket

        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(WITHIN):
            return False
        socket.write(json.dumps({"link": link}).encode() + b"\n")
        socket.flush()
        heard = socket.waitForReadyRead(WITHIN) and bytes(socket.readAll().data()) == _HEARD
        socket.disconnectFromServer()
        return heard

    def open(self) -> bool:
        """Listen, for this user only; what a program that died left behind is taken away."""
        from PySide6.QtNetwork import QLocalServer

        Path(self._name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        QLocalServer.removeServer(self._name)
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._on_knock)
        self._server = server
        return server.listen(self._name)

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def _on_knock(self) -> None:
        socket = self._server.nextPendingConnection() if self._server else None
        if socket is None:
            return
        socket.readyRead.connect(lambda: self._read(socket))
        socket.disconnected.connect(socket.deleteLater)
        if socket.bytesAvailable():
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > _LONGEST:
                socket.abort()
            return
        line = bytes(socket.readLine(_LONGEST).data())
        try:
            told = json.loads(line)
            link = str(told["link"])
        except (ValueError, KeyError, TypeError):
            socket.abort()
            return
        socket.write(_HEARD)
        socket.flush()
        self.knocked.emit(link)
