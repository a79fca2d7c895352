"""What other programs were given to open goes with this program, or at the latest with the next."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from console.ui import copies

ANOTHER = """
import sys
from console.ui import copies
place = copies.new_place()
(place / "Kontrak.pdf").write_bytes(b"%PDF")
print(place, flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's programs put their copies."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(copies, "_ours", None)
    return tmp_path


def test_copies_go_with_the_program(temporary: Path) -> None:
    first, second = copies.new_place(), copies.new_place()
    assert first != second
    (first / "Kontrak.pdf").write_bytes(b"%PDF")
    copies.remove()
    assert list(temporary.iterdir()) == []
    assert copies.new_place().is_dir()  # whoever signs in next
    copies.remove()


def test_copies_of_a_killed_program_go_with_the_next_and_those_of_a_living_one_stay(
    temporary: Path,
) -> None:
    mine = copies.new_place()
    with subprocess.Popen(
        [sys.executable, "-c", ANOTHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as another:
        assert another.stdout is not None
        theirs = Path(another.stdout.readline().strip()) / "Kontrak.pdf"
        copies.remove_left()
        assert theirs.exists()
        another.kill()
    assert theirs.exists()
    copies.remove_left()
    assert not theirs.parent.parent.exists()
    assert mine.is_dir()
    copies.remove()
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="links are for administrators there")
def test_a_link_that_only_looks_like_copies_is_not_followed(temporary: Path) -> None:
    (kept := temporary / "letters").mkdir()
    (temporary / "balas-open-x").symlink_to(kept)
    (temporary / "balas-open-y").write_text("a file", encoding="utf-8")
    copies.remove_left()
    assert kept.is_dir()
    assert (temporary / "balas-open-y").exists()
