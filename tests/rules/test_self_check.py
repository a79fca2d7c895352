"""The build's own check: whole here, and a part that is gone is named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def checked(*before: str) -> subprocess.CompletedProcess[str]:
    program = ";".join(
        [*before, "import sys", "from console.cli import main", "sys.exit(main(['--self-check']))"]
    )
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_every_part_works_from_the_checkout() -> None:
    done = checked()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAILED" not in done.stdout
    assert done.stdout.splitlines()[-1].startswith("All ")


def test_a_part_that_is_missing_is_named() -> None:
    done = checked(
        "from pathlib import Path",
        "import console.resources",
        "console.resources.RESOURCES = Path('nowhere')",
    )
    assert done.returncode == 1
    assert "FAILED  fonts" in done.stdout
    assert "fonts" in done.stdout.splitlines()[-1]
