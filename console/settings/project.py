"""Which Supabase project this desktop belongs to, and who said so."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from console.settings.values import Values

log = logging.getLogger(__name__)

# Beside the installed program, so that an administrator can hand out a ready build.
FILE_NAME = "balas-project.json"


@dataclass(frozen=True, slots=True)
class ProjectAddress:
    """URL and publishable key. `fixed` when not for the person at the desk to change."""

    url: str
    key: str
    fixed: bool


def find_project(
    values: Values,
    *,
    environment: Mapping[str, str] = os.environ,
    program_folder: Path | None = None,
) -> ProjectAddress | None:
    """The environment's word first, then the file beside the program, then what was typed once."""
    url = environment.get("BALAS_SUPABASE_URL", "").strip()
    key = environment.get("BALAS_PUBLISHABLE_KEY", "").strip()
    if url and key:
        return ProjectAddress(url, key, fixed=True)
    found = _from_file(project_file(program_folder))
    if found is not None:
        return found
    url, key = values.text("project_url"), values.text("publishable_key")
    return ProjectAddress(url, key, fixed=False) if url and key else None


def project_file(program_folder: Path | None = None) -> Path:
    """Where an administrator's file lies: beside the program.

    In a bundle of macOS the program's folder holds signed code only; there it is in Resources.
    """
    folder = program_folder or Path(sys.executable).resolve().parent
    if folder.name == "MacOS" and folder.parent.name == "Contents":
        folder = folder.parent / "Resources"
    return folder / FILE_NAME


def _from_file(path: Path) -> ProjectAddress | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        url, key = str(data["supabase_url"]).strip(), str(data["publishable_key"]).strip()
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        log.warning("the project file beside the program cannot be read and is ignored")
        return None
    return ProjectAddress(url, key, fixed=True) if url and key else None


def keep_project(values: Values, url: str, key: str) -> None:
    """Remember what the person typed."""
    values.set("project_url", url)
    values.set("publishable_key", key)
