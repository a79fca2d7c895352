"""The key of the local store: in the system's keyring, or from a passphrase, never in plain."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
import os
import secrets
import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from console.domain.errors import EnvironmentFaultError, ExpectedError
from console.settings.secret_service import SecretService, SecretServiceError, is_reachable
from console.settings.values import write_private

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

log = logging.getLogger(__name__)
T = TypeVar("T")

SERVICE = "balas"
KEY_BYTES = 32
# A locked keyring asks the person; they may be slow, but a hung one must not hang the program.
KEYRING_TIMEOUT = 120.0  # seconds
SHORTEST_PASSPHRASE = 10  # characters

# The operating systems' own. Any other back end may keep its secrets in a plain file, as
# keyrings.alt does, or nowhere at all.
_BACKENDS = "keyring.backends."
_OWN = {"darwin": ("macOS.Keyring",), "win32": ("Windows.WinVaultKeyring",)}
_ELSEWHERE = ("SecretService.Keyring", "libsecret.Keyring", "kwallet.DBusKeyring")
# Whose libraries not every machine has: where none is, the Secret Service is all that there is.
_FURTHER = ("gi", "dbus")

# scrypt, RFC 7914: 64 MiB and about a fifth of a second for each guess.
_COST = (2**16, 8, 1)  # n, r, p
_MEMORY = 160 * 1024 * 1024  # bytes; what OpenSSL may use for it


@dataclass(frozen=True, slots=True)
class PassphraseRequest:
    """What to ask the person: a first passphrase (`new`), or the one they chose.

    `problem` says why the last answer was not taken; empty at the first time.
    """

    new: bool
    problem: str = ""


AskPassphrase = Callable[[PassphraseRequest], Awaitable[str | None]]
"""Asks the person; None when they gave up."""


class KeySource(Protocol):
    """Gives the store's key."""

    async def key_for(self, name: str) -> bytes:
        """The 32 bytes for the store of that name, made at the first time."""


class ThrowAwayKeys:
    """Keys that live as long as the program: for the demo, whose data are nobody's."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}

    async def key_for(self, name: str) -> bytes:
        return self._keys.setdefault(name, secrets.token_bytes(KEY_BYTES))


class Keyring(Protocol):
    """What keeps secrets under the names of a service and a user."""

    def get_password(self, service: str, username: str, /) -> str | None: ...

    def set_password(self, service: str, username: str, password: str, /) -> None: ...


def system_keyring() -> Keyring | None:
    """The operating system's keyring, or None where there is none that keeps secrets.

    Only these are loaded, when they are needed: looking through every installed package for more,
    as the library does, takes longer than opening the window. Its own setting still chooses.
    """
    if not _needs_library():
        return SecretService() if is_reachable() else None
    from keyring import core

    own = [_BACKENDS + name for name in _OWN.get(sys.platform, _ELSEWHERE)]
    chosen = core.load_env() or core.load_config()
    if chosen is not None:
        is_own = any(type(chosen).__module__ == name.rpartition(".")[0] for name in own)
        return chosen if is_own else None
    found: list[KeyringBackend] = []
    for name in own:
        with contextlib.suppress(Exception):  # of many libraries: what does not load is not there
            found.append(core.load_keyring(name))  # type: ignore[no-untyped-call,unused-ignore]
    return max(found, key=lambda backend: float(backend.priority), default=None)


def _needs_library() -> bool:
    """Whether there is anything to ask or to obey but the Secret Service."""
    if sys.platform in _OWN or "PYTHON_KEYRING_BACKEND" in os.environ:
        return True
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    if (settings / "python_keyring" / "keyringrc.cfg").exists():
        return True
    return any(find_spec(name) for name in _FURTHER)


def _failures() -> tuple[type[Exception], ...]:
    """What a keyring raises when it does not open; the library's only where it is loaded."""
    library = sys.modules.get("keyring.errors")
    return (SecretServiceError, *([library.KeyringError] if library else []))


async def _aside(work: Callable[..., T], *arguments: object) -> T:
    """What `work` returns, on a thread that the end of the program does not wait for.

    A keyring may never answer, also long after nobody waits for it any more.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def tell(found: T | None, error: BaseException | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(cast("T", found))

    def run() -> None:
        found: T | None = None
        problem: BaseException | None = None
        try:
            found = work(*arguments)
        except Exception as error:
            problem = error
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(tell, found, problem)

    threading.Thread(target=run, name="balas-keyring", daemon=True).start()
    return await answer


class StoreKeys:
    """Keys from the keyring; without one, from a passphrase that the window asks for."""

    def __init__(
        self,
        folder: Path,
        ask: AskPassphrase,
        backend: Keyring | Callable[[], Keyring | None] | None = None,
    ) -> None:
        """`folder` holds the salts; `backend` finds the keyring, such as `system_keyring`."""
        self._folder = folder
        self._ask = ask
        self._backend = backend

    async def key_for(self, name: str) -> bytes:
        """The key of one store, made at the first time.

        Raises EnvironmentFaultError when the keyring that has the key does not open, ExpectedError
        when the person gives no passphrase.
        """
        salt_file = self._folder / f"{name}.key.json"
        if salt_file.exists():
            return await self._from_passphrase(salt_file)
        backend = self._backend
        if callable(backend):
            backend = await _aside(backend)
        if backend is not None:
            try:
                return await self._from_keyring(backend, name)
            except _failures() as error:
                raise EnvironmentFaultError(
                    "The system's keyring does not open",
                    "The key of the local store lies in it.",
                    fix="Unlock the keyring and start again.",
                ) from error
            except TimeoutError as error:
                raise EnvironmentFaultError(
                    "The system's keyring does not answer", fix="Unlock it and start again."
                ) from error
        return await self._new_passphrase(salt_file)

    async def _from_keyring(self, backend: Keyring, name: str) -> bytes:
        async with asyncio.timeout(KEYRING_TIMEOUT):
            found = await _aside(backend.get_password, SERVICE, name)
            key = _decoded(found)
            if key is not None:
                return key
            if found is not None:
                log.warning("the keyring's entry is not a key of ours and is replaced")
            key = secrets.token_bytes(KEY_BYTES)
            await _aside(backend.set_password, SERVICE, name, key.hex())
            # Some back ends take a secret and forget it: better to know before writing anything.
            kept = await _aside(backend.get_password, SERVICE, name)
        if _decoded(kept) != key:
            raise SecretServiceError("the keyring did not keep the key")
        return key

    async def _new_passphrase(self, salt_file: Path) -> bytes:
        problem = ""
        while True:
            passphrase = await self._ask(PassphraseRequest(new=True, problem=problem))
            if passphrase is None:
                raise _gave_up()
            if len(passphrase) >= SHORTEST_PASSPHRASE:
                break
            problem = "The passphrase is too short."
        salt = secrets.token_bytes(16)
        key, check = await asyncio.to_thread(_derive, passphrase, salt, _COST)
        write_private(
            salt_file,
            json.dumps(
                {
                    "kdf": "scrypt",
                    "n": _COST[0],
                    "r": _COST[1],
                    "p": _COST[2],
                    "salt": salt.hex(),
                    "check": check.hex(),
                }
            ),
        )
        return key

    async def _from_passphrase(self, salt_file: Path) -> bytes:
        salt, check, cost = _read_salt(salt_file)
        problem = ""
        while True:
            passphrase = await self._ask(PassphraseRequest(new=False, problem=problem))
            if passphrase is None:
                raise _gave_up()
            key, found = await asyncio.to_thread(_derive, passphrase, salt, cost)
            if hmac.compare_digest(found, check):
                return key
            problem = "That is not the passphrase."


def _read_salt(path: Path) -> tuple[bytes, bytes, tuple[int, int, int]]:
    """Salt, check and cost as they were when the passphrase was chosen."""
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        cost = int(data["n"]), int(data["r"]), int(data["p"])
        return bytes.fromhex(data["salt"]), bytes.fromhex(data["check"]), cost
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EnvironmentFaultError(
            "The passphrase's file is damaged",
            f"{path.name} cannot be read, and the local store cannot be opened without.",
            fix="Restore the file from a backup, or delete it to begin a new store.",
        ) from error


def _gave_up() -> ExpectedError:
    return ExpectedError(
        "The local store stays locked",
        "This system has no keyring, so a passphrase protects what is kept on this machine.",
        fix="Start again and give the passphrase.",
    )


def _decoded(text: str | None) -> bytes | None:
    try:
        key = bytes.fromhex(text or "")
    except ValueError:
        return None
    return key if len(key) == KEY_BYTES else None


def _derive(passphrase: str, salt: bytes, cost: tuple[int, int, int]) -> tuple[bytes, bytes]:
    """The key, and what proves the passphrase without saying anything about the key."""
    n, r, p = cost
    whole = hashlib.scrypt(
        passphrase.encode(), salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=2 * KEY_BYTES
    )
    return whole[:KEY_BYTES], hashlib.sha256(whole[KEY_BYTES:]).digest()
