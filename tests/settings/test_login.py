"""Starting at login: what is written for each system."""

from __future__ import annotations

import plistlib
import shlex
import sys
from pathlib import Path

import pytest

from console.settings import login
from console.settings.login import autostart_entry, file_for, launch_agent, run_value, set_at_login


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="this desktop's own form")
def test_on_linux_the_entry_is_written_and_taken_away(tmp_path: Path) -> None:
    set_at_login(True, config=tmp_path)
    entry = tmp_path / "autostart" / "balas.desktop"
    lines = dict(line.split("=", 1) for line in entry.read_text().splitlines() if "=" in line)
    assert lines["Type"] == "Application"
    assert shlex.split(lines["Exec"]) == [sys.executable, "-m", "console"]
    set_at_login(False, config=tmp_path)
    assert not entry.exists()
    set_at_login(False, config=tmp_path)  # taken away already


def test_a_path_with_strange_signs_is_quoted_as_the_specification_wants() -> None:
    entry = autostart_entry(["/opt/My Apps/100% $ale/balas"])
    assert 'Exec="/opt/My Apps/100%% \\\\$ale/balas"' in entry


def test_on_macos_an_agent_is_written(tmp_path: Path) -> None:
    set_at_login(True, home=tmp_path, platform="darwin")
    path = file_for("darwin", tmp_path)
    assert path is not None
    assert path.parent == tmp_path / "Library" / "LaunchAgents"
    written = plistlib.loads(path.read_bytes())
    assert written["RunAtLoad"] is True
    assert written["Label"] == path.stem
    assert written["ProgramArguments"] == login.own_command()
    assert plistlib.loads(launch_agent(["/a b/balas"]))["ProgramArguments"] == ["/a b/balas"]


def test_on_windows_the_run_keys_value_is_one_quoted_command() -> None:
    assert file_for("win32", Path()) is None
    assert run_value([r"C:\Program Files\Balas\balas.exe"]) == r'"C:\Program Files\Balas\balas.exe"'
