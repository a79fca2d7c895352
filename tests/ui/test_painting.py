"""Painting on pictures: a fault on the way is told, and does not end the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from console.ui.alerts.tray import counted_icon
from console.ui.theme.theme import Theme

ROOT = Path(__file__).parents[2]


def test_what_is_painted_on_ends_after_its_painter() -> None:
    """Qt crashes where a painter is still at work on a picture that goes with a failed call."""
    open_ended = re.compile(r"= QPainter\((?!self\b)")
    found = [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for file in sorted((ROOT / "console").rglob("*.py"))
        for line in file.read_text("utf-8").splitlines()
        if open_ended.search(line)
    ]
    assert found == []


def test_a_picture_that_fails_half_painted_is_an_error_like_any_other(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_theme: Theme, name: str) -> None:
        raise KeyError(name)

    monkeypatch.setattr(Theme, "color", fail)
    with pytest.raises(KeyError, match="badge"):
        counted_icon(Theme.__new__(Theme), 3)
