"""The keyring of a Linux desktop, over a real bus to a service that speaks as GNOME's does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.domain.errors import EnvironmentFaultError
from console.settings import secrets
from console.settings.secret_service import SecretService
from console.settings.secrets import PassphraseRequest, StoreKeys, system_keyring
from tests.on_bus import OnBus

NAME = "org.freedesktop.secrets"
DEFAULT = "/org/freedesktop/secrets/aliases/default"
NOTHING = "/"  # for a path that does not lead anywhere
ITEM = "org.freedesktop.Secret.Item"
NO_ENCRYPTION = "org.freedesktop.DBus.Error.NotSupported"  # of a session: then it is plain


class Service(OnBus):
    """One unlocked collection. `is_locked` locks it, and its owner then never opens it."""

    def __init__(self) -> None:
        super().__init__(NAME)
        self.is_locked = False
        self.items: list[tuple[dict[str, str], bytes]] = []

    def take(self, call: Any) -> None:
        from jeepney import (  # type: ignore[import-untyped]
            MessageType,
            new_error,
            new_method_return,
        )

        if call.header.message_type is not MessageType.method_call:
            return
        answer = self._answer(call.header.fields[1], call.header.fields[3], call.body)
        if answer is None:
            self._line.send(new_error(call, NO_ENCRYPTION))
        else:
            self._line.send(new_method_return(call, *answer))

    def _answer(self, path: str, member: str, body: Any) -> tuple[str, tuple[Any, ...]] | None:
        if member == "OpenSession":
            return ("vo", (("s", ""), "/session")) if body[0] == "plain" else None
        if member == "Get":
            value = ("b", self.is_locked) if body[1] == "Locked" else ("s", "any")
            return "v", (value,)
        if member == "Unlock":
            return "aoo", ([], NOTHING)
        if member == "SearchItems":
            found = [
                at for at, (names, _) in enumerate(self.items) if body[0].items() <= names.items()
            ]
            return "ao", ([f"/items/{at}" for at in found],)
        if member == "GetSecret":
            _, secret = self.items[int(path.rpartition("/")[2])]
            return "(oayays)", (("/session", b"", secret, "text/plain"),)
        assert member == "CreateItem", member
        names = dict(body[0][f"{ITEM}.Attributes"][1])
        self.items = [kept for kept in self.items if kept[0] != names]
        self.items.append((names, bytes(body[1][2])))
        return "oo", (f"/items/{len(self.items) - 1}", NOTHING)


@pytest.fixture
def service(bus: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(secrets, "_FURTHER", ())
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    made = Service()
    made.start()
    yield made
    made.end()


async def nobody(_request: PassphraseRequest) -> None:
    raise AssertionError("there is a keyring")


async def test_a_desktops_keyring_keeps_the_key(service: Service, tmp_path: Path) -> None:
    key = await StoreKeys(tmp_path, nobody, system_keyring).key_for("store")
    assert await StoreKeys(tmp_path, nobody, system_keyring).key_for("store") == key
    assert await StoreKeys(tmp_path, nobody, system_keyring).key_for("other") != key
    assert [kept for names, kept in service.items if names["username"] == "store"] == [
        key.hex().encode()
    ]


def test_it_and_the_keyring_library_know_each_others_entries(service: Service) -> None:
    from keyring.backends.SecretService import Keyring

    theirs, ours = Keyring(), SecretService()  # type: ignore[no-untyped-call]
    ours.set_password("balas", "one", "first")
    assert theirs.get_password("balas", "one") == "first"  # type: ignore[no-untyped-call]
    theirs.set_password("balas", "one", "second")  # type: ignore[no-untyped-call]
    assert ours.get_password("balas", "one") == "second"
    assert len(service.items) == 1
    assert ours.get_password("balas", "another") is None


async def test_one_that_its_owner_does_not_unlock_is_said(service: Service, tmp_path: Path) -> None:
    service.is_locked = True
    with pytest.raises(EnvironmentFaultError, match="keyring"):
        await StoreKeys(tmp_path, nobody, system_keyring).key_for("store")
    assert service.items == []


def test_a_bus_without_one_has_no_keyring(
    bus: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "_FURTHER", ())
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert system_keyring() is None


def test_what_the_library_was_told_to_use_is_still_obeyed(service: Service, tmp_path: Path) -> None:
    settings = tmp_path / "settings" / "python_keyring"
    settings.mkdir(parents=True)
    (settings / "keyringrc.cfg").write_text(
        "[backend]\ndefault-keyring=keyring.backends.null.Keyring\n"
    )
    assert system_keyring() is None


def test_it_is_asked_without_the_keyring_library(service: Service) -> None:
    script = (
        "import sys\nfrom console.settings import secrets\nsecrets._FURTHER = ()\n"
        "found = secrets.system_keyring()\n"
        "print(type(found).__name__, found.get_password('balas', 'one'))\n"
        "print(*(name for name in ('keyring', 'http.client') if name in sys.modules))\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ran.stdout.split("\n"), ran.stderr) == (["SecretService None", "", ""], "")
