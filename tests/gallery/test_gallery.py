"""Every scene is there whole, in small text and in large; its controls have names, in order."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from console.ui.theme.theme import Scheme
from tests.gallery.book import SCENES
from tests.gallery.stage import Stage, grab, quiet
from tests.ui import access


@pytest.mark.parametrize("name", sorted(SCENES))
# Scene after scene in one dress: Qt styles everything anew with each other one.
@pytest.mark.parametrize(
    ("scheme", "language", "scale"), [(Scheme.LIGHT, "id", 90), (Scheme.DARK, "en", 150)]
)
async def test_a_scene_is_whole_and_can_be_heard(
    stage: Stage, qtbot: QtBot, name: str, scheme: Scheme, language: str, scale: int
) -> None:
    stage.set(scheme, language, scale)
    widget = await SCENES[name](stage)
    await quiet()
    sample = grab(widget).scaledToWidth(120).convertToFormat(QImage.Format.Format_RGB32)
    assert len(set(memoryview(sample.constBits()).cast("I"))) > 4
    assert stage.told == [] or name == "error-told"
    assert access.unnamed(widget) == []
    assert access.backwards(widget) == []
    assert access.cut(widget) == []
    assert access.overlapping(widget) == []
