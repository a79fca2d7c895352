"""The built wheel carries what it needs: `balas migrate` from it brings a new project up."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest

from console.resources import RESOURCES

ROOT = Path(__file__).parents[2]


class Project(Protocol):
    """A database of tests/conftest.py."""

    @property
    def dsn(self) -> str: ...
    def connect(self) -> psycopg.Connection[Any]: ...


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("balas-*.whl")
    return built


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as pip lays it out, without scripts."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_every_shipped_file_is_in_the_wheel(unpacked: Path) -> None:
    missing = [
        path.relative_to(RESOURCES).as_posix()
        for path in RESOURCES.rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and not (unpacked / "console/_resources").joinpath(path.relative_to(RESOURCES)).is_file()
    ]
    assert not missing
    sources = [path for path in (ROOT / "console").rglob("*.py") if "_cache" not in str(path)]
    assert all((unpacked / path.relative_to(ROOT)).is_file() for path in sources)


def test_balas_migrate_runs_from_the_wheel(
    unpacked: Path, tmp_path: Path, empty_project: Project
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "console", "migrate"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(unpacked), "SUPABASE_DB_URL": empty_project.dsn},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    files = (unpacked / "console/_resources/supabase/migrations").glob("*.sql")
    with empty_project.connect() as connection:
        query = "select version from supabase_migrations.schema_migrations"
        recorded = {row[0] for row in connection.execute(query)}
    assert {file.name.partition("_")[0] for file in files} <= recorded
