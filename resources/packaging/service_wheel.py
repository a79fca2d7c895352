"""Builds the wheel and tries the service from it, in an environment of its own, without Qt.

`python3 dev.py package --service`. Needs a package index for what the service stands on; the
versions are the lock's.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import frozen

ROOT = frozen.ROOT
# Each ends with 1 and a sentence: nothing is set up there, but every import has been made.
COMMANDS = ("webhook", "worker", "serve", "migrate", "doctor")


def constraints(lock: str) -> str:
    """The lock's versions without its hashes, for pip's --constraint."""
    return "".join(f"{pin}\n" for pin in re.findall(r"^([A-Za-z0-9._-]+==[^ ]+)", lock, flags=re.M))


def make_and_try() -> int:
    """0 when the wheel lies in dist and every command of the service runs from it."""
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", frozen.DIST)
    wheel = max(frozen.DIST.glob("balas-*.whl"), key=lambda path: path.stat().st_mtime)
    with tempfile.TemporaryDirectory(prefix="balas-service-") as scratch:
        pins = Path(scratch) / "constraints.txt"
        lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
        pins.write_text(constraints(lock), encoding="utf-8")
        venv = Path(scratch) / "venv"
        _run(sys.executable, "-m", "venv", venv)
        python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        _run(python, "-m", "pip", "install", "-q", "--constraint", pins, f"{wheel}[service]")
        listed = _said(0, python, "-m", "pip", "list").lower()
        for name in ("pyside6", "shiboken6", "qasync", "supabase", "embedded"):
            if re.search(rf"^{name}", listed, flags=re.M):
                raise SystemExit(f"the service brought {name} along")
        _said(0, python, "-m", "console", "--version", where=scratch)
        for command in COMMANDS:
            said = _said(1, python, "-m", "console", command, where=scratch)
            if "SUPABASE_DB_URL" not in said or "Traceback" in said:
                raise SystemExit(f"balas {command} did not say what it misses:\n{said}")
    frozen.say(f"{wheel.name}: the service runs from it, without Qt")
    return 0


def _said(status: int, *command: str | Path, where: str | None = None) -> str:
    """What a command prints, with nothing of ours in its environment; it must end with `status`."""
    env = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    done = subprocess.run(
        [str(part) for part in command], cwd=where, env=env, capture_output=True, text=True
    )
    if done.returncode != status:
        raise SystemExit(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def _run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], cwd=ROOT, check=True, stdout=sys.stderr)
