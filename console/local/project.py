"""What stays the same over restarts of a local stack: its keys, ports, numbers and people."""

from __future__ import annotations

import json
import os
import secrets
import socket
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, Self

from console.local.cluster import HOST, free_port
from console.local.gateway.config import ProjectKeys

BUSINESS: Final = "Toko Makmur"
WHATSAPP_ADDRESS: Final = "whatsapp:+622150001000"
SMS_ADDRESS: Final = "+622150002000"
PORTS: Final = ("postgres", "gateway", "webhook", "twilio", "media")


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who can sign in. `inboxes` are names of inboxes."""

    email: str
    role: str
    name: str
    password: str
    inboxes: tuple[str, ...] = ()


@dataclass(slots=True)
class Project:
    """The lasting facts of one stack; `stack.json` of its folder, readable by its owner only."""

    keys: ProjectKeys
    twilio_account_sid: str
    twilio_auth_token: str
    metrics_token: str
    passwords: dict[str, str]
    ports: dict[str, int] = field(default_factory=dict)

    @classmethod
    def generate(cls) -> Self:
        """A fresh project."""
        return cls(
            keys=ProjectKeys.generate(),
            twilio_account_sid=f"AC{secrets.token_hex(16)}",
            twilio_auth_token=secrets.token_hex(16),
            metrics_token=secrets.token_urlsafe(18),
            passwords={who: secrets.token_urlsafe(12) for who in _PEOPLE},
        )

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The project of a folder, made when there is none; its ports are free at this moment.

        A port that something else holds by now is exchanged for another.
        """
        file = folder / "stack.json"
        if file.exists():
            raw = json.loads(file.read_text(encoding="utf-8"))
            project = cls(**raw | {"keys": ProjectKeys(**raw["keys"])})
        else:
            project = cls.generate()
        for who in _PEOPLE.keys() - project.passwords.keys():  # of a folder older than they are
            project.passwords[who] = secrets.token_urlsafe(12)
        taken: set[int] = set()
        for name in PORTS:
            port = project.ports.get(name, 0)
            while port in taken or not port or not _is_free(port):
                port = free_port()
            project.ports[name] = port
            taken.add(port)
        project._save(file)
        return project

    def people(self) -> dict[str, Login]:
        """Everybody, by the name of the role they play in the demo."""
        return {
            who: Login(email, role, name, self.passwords[who], inboxes)
            for who, (email, role, name, inboxes) in _PEOPLE.items()
        }

    def url(self, part: str) -> str:
        """Origin of a part that speaks HTTP."""
        return f"http://{HOST}:{self.ports[part]}"

    def _save(self, file: Path) -> None:
        fresh = file.with_name(f"{file.name}.new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(asdict(self), stream, indent=1)
        fresh.replace(file)


INBOXES: Final = (
    ("WhatsApp", "whatsapp", WHATSAPP_ADDRESS),
    ("SMS", "sms", SMS_ADDRESS),
)
_BOTH: Final = ("WhatsApp", "SMS")
_PEOPLE: Final[dict[str, tuple[str, str, str, tuple[str, ...]]]] = {
    "agent": ("ayu@tokomakmur.example", "agent", "Ayu Lestari", _BOTH),
    "colleague": ("rizky@tokomakmur.example", "agent", "Rizky Maulana", _BOTH),
    "outsider": ("dimas@tokomakmur.example", "agent", "Dimas Pratama", ()),
    "supervisor": ("siti@tokomakmur.example", "supervisor", "Siti Rahma", _BOTH),
    "admin": ("bayu@tokomakmur.example", "admin", "Bayu Nugroho", ()),
}


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers themselves do: a port in TIME_WAIT of our last run is ours again.
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
