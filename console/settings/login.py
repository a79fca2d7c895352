"""Starting the program when its user logs in: what each system wants written, and where."""

from __future__ import annotations

import contextlib
import plistlib
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

NAME = "Balas"
_RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
_LABEL = "id.balas.desktop"


def own_command() -> list[str]:
    """How this very program is started."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-m", "console"]


def autostart_entry(command: Sequence[str]) -> str:
    """The desktop entry below ~/.config/autostart (freedesktop.org's Autostart)."""
    quoted = " ".join(_quoted(part) for part in command)
    lines = (
        "[Desktop Entry]",
        "Type=Application",
        f"Name={NAME}",
        f"Exec={quoted}",
        "Icon=balas",
        "Terminal=false",
        "X-GNOME-Autostart-enabled=true",
    )
    return "\n".join(lines) + "\n"


def _quoted(part: str) -> str:
    """One argument as the Desktop Entry Specification's Exec key wants it."""
    escaped = part.replace("%", "%%")
    if all(c.isalnum() or c in "-_./=:+,@%" for c in escaped):
        return escaped
    for sign in ("\\", '"', "`", "$"):
        escaped = escaped.replace(sign, f"\\{sign}")
    # Exec is a string value first: a backslash in it stands for itself only when doubled.
    return '"' + escaped.replace("\\", "\\\\") + '"'


def run_value(command: Sequence[str]) -> str:
    """The value of Windows' Run key."""
    return subprocess.list2cmdline(list(command))


def launch_agent(command: Sequence[str]) -> bytes:
    """The property list below ~/Library/LaunchAgents."""
    return plistlib.dumps(
        {
            "Label": _LABEL,
            "ProgramArguments": list(command),
            "RunAtLoad": True,
            "ProcessType": "Interactive",
        }
    )


def file_for(platform: str, home: Path, config: Path | None = None) -> Path | None:
    """The file that says so on this platform; None where it is a key of the registry."""
    if platform == "win32":
        return None
    if platform == "darwin":
        return home / "Library" / "LaunchAgents" / f"{_LABEL}.plist"
    return (config or home / ".config") / "autostart" / "balas.desktop"


def set_at_login(
    on: bool, *, home: Path | None = None, config: Path | None = None, platform: str = sys.platform
) -> None:
    """Write the entry, or take it away. Raises OSError where the system does not let us."""
    path = file_for(platform, home or Path.home(), config)
    if path is None:
        _set_run_key(on)
    elif on:
        command = own_command()
        agent = platform == "darwin"
        content = launch_agent(command) if agent else autostart_entry(command).encode()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    else:
        path.unlink(missing_ok=True)


def _set_run_key(on: bool) -> None:
    winreg: Any = import_module("winreg")  # which only Windows has
    with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _RUN_KEY, 0, winreg.KEY_SET_VALUE) as key:
        if on:
            winreg.SetValueEx(key, NAME, 0, winreg.REG_SZ, run_value(own_command()))
        else:
            with contextlib.suppress(FileNotFoundError):
                winreg.DeleteValue(key, NAME)
