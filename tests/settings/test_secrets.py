"""The store's key lies in a real keyring or behind a passphrase, and nowhere in plain."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import KeyringLocked

from console.domain.errors import EnvironmentFaultError, ExpectedError
from console.settings import secrets
from console.settings.secrets import (
    AskPassphrase,
    PassphraseRequest,
    StoreKeys,
    ThrowAwayKeys,
    system_keyring,
)


class InMemory(KeyringBackend):
    """A keyring as the operating system's, without one."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False
        self.forgets = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked("locked")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if not self.forgets:
            self.kept[service, username] = password


@pytest.fixture
def chosen_keyring(monkeypatch: pytest.MonkeyPatch) -> Callable[[type[KeyringBackend]], None]:
    """Makes a back end the choice of whoever set up this machine."""

    def choose(backend: type[KeyringBackend]) -> None:
        name = f"{backend.__module__}.{backend.__qualname__}"
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)

    return choose


def files_in(folder: Path) -> list[Path]:
    """What lies there now."""
    return sorted(folder.iterdir())


class Person:
    """Answers the window's questions in order."""

    def __init__(self, *answers: str | None) -> None:
        self.answers = list(answers)
        self.asked: list[PassphraseRequest] = []

    async def __call__(self, request: PassphraseRequest) -> str | None:
        self.asked.append(request)
        return self.answers.pop(0)


async def test_the_keyring_gives_the_same_key_again(tmp_path: Path) -> None:
    backend, nobody = InMemory(), Person()
    key = await StoreKeys(tmp_path, nobody, backend).key_for("store")
    assert len(key) == 32
    assert await StoreKeys(tmp_path, nobody, backend).key_for("store") == key
    assert await StoreKeys(tmp_path, nobody, backend).key_for("other") != key
    assert backend.kept["balas", "store"] == key.hex()
    assert files_in(tmp_path) == []


async def test_a_locked_keyring_is_said_and_nothing_replaces_the_key(tmp_path: Path) -> None:
    backend = InMemory()
    backend.locked = True
    with pytest.raises(EnvironmentFaultError, match="keyring"):
        await StoreKeys(tmp_path, Person(), backend).key_for("store")
    assert backend.kept == {}


async def test_a_keyring_that_forgets_is_not_trusted(tmp_path: Path) -> None:
    backend = InMemory()
    backend.forgets = True
    with pytest.raises(EnvironmentFaultError):
        await StoreKeys(tmp_path, Person(), backend).key_for("store")


def test_a_keyring_that_never_answers_is_said_and_the_program_can_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "KEYRING_TIMEOUT", 0.05)
    answers = threading.Event()

    class Silent(InMemory):
        def get_password(self, service: str, username: str) -> str | None:
            answers.wait(60)
            return None

    with pytest.raises(EnvironmentFaultError, match="does not answer"):
        asyncio.run(StoreKeys(tmp_path, Person(), Silent()).key_for("store"))
    (waiting,) = [one for one in threading.enumerate() if one.name == "balas-keyring"]
    answers.set()
    waiting.join()


async def test_a_foreign_entry_in_the_keyring_is_replaced(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    backend = InMemory()
    backend.kept["balas", "store"] = "not a key"
    with caplog.at_level(logging.WARNING):
        key = await StoreKeys(tmp_path, Person(), backend).key_for("store")
    assert "not a key of ours" in caplog.text
    assert backend.kept["balas", "store"] == key.hex()


async def test_without_a_keyring_a_passphrase_gives_the_key(tmp_path: Path) -> None:
    person = Person("short", "kuda berlari di pantai")
    key = await StoreKeys(tmp_path, person).key_for("store")
    assert [request.new for request in person.asked] == [True, True]
    assert person.asked[1].problem
    again = Person("salah semua ini", "kuda berlari di pantai")
    assert await StoreKeys(tmp_path, again).key_for("store") == key
    assert [bool(request.problem) for request in again.asked] == [False, True]
    [file] = files_in(tmp_path)
    text = file.read_text()
    assert "kuda" not in text
    assert key.hex() not in text


async def test_a_store_under_a_passphrase_stays_there_when_a_keyring_appears(
    tmp_path: Path,
) -> None:
    key = await StoreKeys(tmp_path, Person("kuda berlari di pantai")).key_for("store")
    later = StoreKeys(tmp_path, Person("kuda berlari di pantai"), InMemory())
    assert await later.key_for("store") == key


async def test_giving_up_leaves_the_store_locked(tmp_path: Path) -> None:
    ask: AskPassphrase = Person(None)
    with pytest.raises(ExpectedError):
        await StoreKeys(tmp_path, ask).key_for("store")
    assert files_in(tmp_path) == []


class Plaintext(InMemory):
    """Keeps secrets in a readable file, as keyrings.alt does."""


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring, Plaintext])
def test_a_back_end_that_keeps_nothing_or_in_plain_is_no_keyring(
    backend: type[KeyringBackend], chosen_keyring: Callable[[type[KeyringBackend]], None]
) -> None:
    chosen_keyring(backend)
    assert system_keyring() is None


async def test_the_demos_key_is_kept_nowhere() -> None:
    keys = ThrowAwayKeys()
    key = await keys.key_for("store")
    assert await keys.key_for("store") == key
    assert await ThrowAwayKeys().key_for("store") != key
