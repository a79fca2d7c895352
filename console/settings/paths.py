"""Where things lie on this machine."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import platformdirs

_NAME = "balas"


@dataclass(frozen=True, slots=True)
class Paths:
    """Folders of this program, made when first written to."""

    settings_folder: Path
    data_folder: Path
    log_folder: Path

    @classmethod
    def of_this_user(cls) -> Self:
        """As the system wants it."""
        return cls(
            settings_folder=Path(platformdirs.user_config_dir(_NAME, appauthor=False)),
            data_folder=Path(platformdirs.user_data_dir(_NAME, appauthor=False)),
            log_folder=Path(platformdirs.user_log_dir(_NAME, appauthor=False)),
        )

    @classmethod
    def below(cls, root: Path) -> Self:
        """Everything in one folder: for the demo and for tests."""
        return cls(root / "settings", root / "data", root / "logs")

    @property
    def settings_file(self) -> Path:
        """The values of settings."""
        return self.settings_folder / "settings.json"

    def store_file(self, project_url: str, user_id: str) -> Path:
        """The local store: one per project and user, so that nobody opens another's."""
        return self.data_folder / "stores" / f"{store_name(project_url, user_id)}.db"


def store_name(project_url: str, user_id: str) -> str:
    """A short name for one user of one project; says nothing about either."""
    whole = f"{project_url.strip().rstrip('/').lower()}\n{user_id}"
    return hashlib.sha256(whole.encode()).hexdigest()[:24]
