"""The Secret Service of a Linux desktop, such as GNOME's keyring, asked by SecretStorage alone.

The keyring library asks in the same way, for the same entries; but with it come an HTTP client, an
archiver and whatever else its helpers need, and that is a sixteenth of the program's start.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from secretstorage import Collection

APPLICATION = "Python keyring library"  # in whose name that library makes its entries


class SecretServiceError(Exception):
    """It does not open, or its owner does not open it."""


class SecretService:
    """Each call has a line to the service of its own, and may last until somebody unlocks it."""

    def get_password(self, service: str, username: str) -> str | None:
        """What is kept under these names, or None."""
        with _collection() as collection:
            for item in collection.search_items({"service": service, "username": username}):
                if item.is_locked():
                    item.unlock()
                return item.get_secret().decode()
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it under these names, in place of what was there."""
        names = {"service": service, "username": username, "application": APPLICATION}
        label = f"Password for '{username}' on '{service}'"
        with _collection() as collection:
            collection.create_item(label, names, password.encode(), replace=True)


def is_reachable() -> bool:
    """Whether a service runs, or would be started for us."""
    try:
        import secretstorage

        with _told(), closing(secretstorage.dbus_init()) as line:
            return secretstorage.check_service_availability(line)
    except (ImportError, SecretServiceError):
        return False


@contextmanager
def _collection() -> Iterator[Collection]:
    """The owner's, unlocked; they are asked where it is not."""
    import secretstorage

    with _told(), closing(secretstorage.dbus_init()) as line:
        found = secretstorage.get_default_collection(line)
        if found.is_locked():
            found.unlock()
        if found.is_locked():
            raise SecretServiceError("nobody unlocked it")
        yield found


@contextmanager
def _told() -> Iterator[None]:
    """The library's errors, and those of the bus below it, as one of ours."""
    from jeepney import DBusErrorResponse  # type: ignore[import-untyped]
    from secretstorage import SecretStorageException

    try:
        yield
    except (SecretStorageException, DBusErrorResponse, OSError) as error:
        raise SecretServiceError(type(error).__name__) from error
