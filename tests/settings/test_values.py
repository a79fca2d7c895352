"""Settings are kept privately and in one step, and never fall over what a file holds."""

from __future__ import annotations

import json
import logging
import stat
import sys
from pathlib import Path

import pytest

from console.settings.paths import Paths, store_name
from console.settings.project import FILE_NAME, find_project, keep_project
from console.settings.registry import REGISTRY
from console.settings.values import Values


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the settings go; nothing is there yet."""
    return tmp_path / "balas" / "settings.json"


def test_every_setting_accepts_its_own_default() -> None:
    assert all(setting.accepts(setting.default) for setting in REGISTRY.values())


def test_a_value_outlives_the_program(file: Path) -> None:
    Values(file).set("theme", "dark")
    assert Values(file).get("theme") == "dark"
    assert Values(file).get("enter_sends") is True


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_the_owner_reads_the_file(file: Path) -> None:
    Values(file).set("theme", "dark")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [entry.name for entry in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize(
    ("name", "value"), [("theme", "pink"), ("text_scale", True), ("enter_sends", "yes")]
)
def test_a_value_that_does_not_fit_is_refused(file: Path, name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        Values(file).set(name, value)


def test_a_name_without_an_entry_is_a_bug(file: Path) -> None:
    with pytest.raises(KeyError):
        Values(file).get("nonsense")


def test_what_does_not_fit_in_the_file_is_left_out(file: Path) -> None:
    file.parent.mkdir()
    file.write_text(json.dumps({"theme": 7, "from_the_future": 1, "text_scale": 125}))
    values = Values(file)
    assert values.get("theme") == "system"
    assert values.get("text_scale") == 125


def test_a_damaged_file_is_set_aside(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    file.parent.mkdir()
    file.write_text("{half")
    with caplog.at_level(logging.WARNING):
        assert Values(file).get("theme") == "system"
    assert "defaults" in caplog.text
    assert (file.parent / "settings.json.set-aside").read_text() == "{half"


def test_each_user_of_each_project_has_a_store_of_their_own(tmp_path: Path) -> None:
    paths = Paths.below(tmp_path)
    files = {
        paths.store_file(url, user)
        for url in ("https://a.supabase.co", "https://b.supabase.co")
        for user in ("1", "2")
    }
    assert len(files) == 4
    assert store_name("https://a.supabase.co/", "1") == store_name("https://A.supabase.co", "1")


def test_the_administrators_word_on_the_project_comes_first(file: Path, tmp_path: Path) -> None:
    values = Values(file)
    assert find_project(values, environment={}, program_folder=tmp_path) is None
    keep_project(values, "https://typed.supabase.co", "sb_publishable_1")
    typed = find_project(values, environment={}, program_folder=tmp_path)
    assert typed is not None
    assert (typed.url, typed.fixed) == ("https://typed.supabase.co", False)
    (tmp_path / FILE_NAME).write_text(
        json.dumps({"supabase_url": "https://file.supabase.co", "publishable_key": "k"})
    )
    beside = find_project(values, environment={}, program_folder=tmp_path)
    assert beside is not None
    assert (beside.url, beside.fixed) == ("https://file.supabase.co", True)
    environment = {
        "BALAS_SUPABASE_URL": "https://env.supabase.co",
        "BALAS_PUBLISHABLE_KEY": "k",
    }
    said = find_project(values, environment=environment, program_folder=tmp_path)
    assert said is not None
    assert said.url == "https://env.supabase.co"
