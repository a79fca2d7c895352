"""Writes requirements.lock from pyproject.toml: `python3 dev.py lock`, --upgrade for new releases.

Standard library only; the resolver lives in an environment of its own that is thrown away.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """0 when the lock is written."""
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        steps = [
            [sys.executable, "-m", "venv", folder],
            [str(python), "-m", "pip", "install", "-q", "uv"],
            [
                str(python), "-m", "uv", "pip", "compile", "--quiet", "--universal",
                "--python-version=3.11", "--extra=dev", "--generate-hashes",
                "--no-emit-index-url", "--no-emit-find-links",
                "--custom-compile-command=python dev.py lock",
                "--output-file", str(ROOT / "requirements.lock"), *sys.argv[1:], "pyproject.toml",
            ],
        ]  # fmt: skip
        return next((code for step in steps if (code := _run(step))), 0)


def _run(command: list[str]) -> int:
    return subprocess.run(command, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
