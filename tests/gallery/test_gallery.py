"""Every scene is there whole, in small text and in large; its controls have names, in order."""

from __future__ import annotations

import os

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from console.ui.theme.theme import Scheme
from tests.gallery.book import SCENES
from tests.gallery.stage import Stage, grab, quiet
from tests.ui import access

NAMES = sorted(SCENES)
# The longer language in large text is what cuts and covers. With BALAS_GALLERY=whole every scene
# is in every dress; else every other one is in the other scheme, and a third in the other language.
WHOLE = os.environ.get("BALAS_GALLERY") == "whole"
DRESSES = (
    (Scheme.LIGHT, "id", 150, NAMES if WHOLE else NAMES[::2]),
    (Scheme.DARK, "id", 150, NAMES if WHOLE else NAMES[1::2]),
    (Scheme.DARK, "en", 150, NAMES if WHOLE else []),
    (Scheme.LIGHT, "en", 90, NAMES if WHOLE else NAMES[::3]),
)
# Scene after scene in one dress: Qt styles everything anew with each other one.
ALL = [(*dress, name) for *dress, names in DRESSES for name in names]


@pytest.mark.parametrize(("scheme", "language", "scale", "name"), ALL)
async def test_a_scene_is_whole_and_can_be_heard(
    stage: Stage, qtbot: QtBot, scheme: Scheme, language: str, scale: int, name: str
) -> None:
    stage.set(scheme, language, scale)
    widget = await SCENES[name](stage)
    await quiet()
    sample = grab(widget).scaledToWidth(120).convertToFormat(QImage.Format.Format_RGB32)
    assert len(set(memoryview(sample.constBits()).cast("I"))) > 4
    assert stage.told == [] or name == "error-told"
    assert await access.restless(widget) == []
    assert access.unnamed(widget) == []
    assert access.backwards(widget) == []
    assert access.cut(widget) == []
    assert access.overlapping(widget) == []
