"""The values of settings in one small file that only its owner can read."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from pathlib import Path

from console.domain.errors import EnvironmentFaultError
from console.settings.registry import REGISTRY, Value

log = logging.getLogger(__name__)


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner alone; a crash leaves the old or the new.

    Raises EnvironmentFaultError when the disk refuses.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise EnvironmentFaultError(
            "The settings could not be saved", str(error), fix="Check the disk and its rights."
        ) from error


class Values:
    """Settings by their names in the registry. Reading costs nothing, writing is for good."""

    def __init__(self, path: Path) -> None:
        """Read the file; one that cannot be read is set aside and the defaults hold."""
        self._path = path
        self._values: dict[str, Value] = {}
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return
        except (OSError, ValueError):
            log.warning("the settings could not be read; the defaults hold")
            self._set_aside()
            return
        if isinstance(found, dict):
            # Of a newer version, or edited by hand: what does not fit is left out.
            self._values = {
                key: value
                for key, value in found.items()
                if key in REGISTRY and REGISTRY[key].accepts(value)
            }

    def _set_aside(self) -> None:
        try:
            self._path.replace(self._path.with_name(self._path.name + ".set-aside"))
        except OSError:
            log.warning("the unreadable settings could not be set aside")

    def get(self, name: str) -> Value:
        """The value, or the setting's default. Raises KeyError for a name without an entry."""
        return self._values.get(name, REGISTRY[name].default)

    def set(self, name: str, value: object) -> None:
        """Keep a value; the file is written when this returns.

        Raises KeyError for a name without an entry, ValueError for a value that does not fit.
        """
        setting = REGISTRY[name]
        if not isinstance(value, str | bool | int) or not setting.accepts(value):
            raise ValueError(f"{name} cannot be {value!r}")
        if self.get(name) == value:
            return
        values = {**self._values, name: value}
        write_private(self._path, json.dumps(values, indent=2, sort_keys=True) + "\n")
        self._values = values

    def text(self, name: str) -> str:
        """A value that is text."""
        return str(self.get(name))

    def number(self, name: str) -> int:
        """A value that is a whole number."""
        return int(self.get(name))
