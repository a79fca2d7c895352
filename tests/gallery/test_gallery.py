"""Every scene can be rendered, shows something, and makes Qt complain about nothing."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from console.ui.theme.theme import Scheme
from tests.gallery.book import SCENES
from tests.gallery.stage import Stage, grab, quiet


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
@pytest.mark.parametrize("name", sorted(SCENES))
async def test_a_scene_is_not_empty(stage: Stage, qtbot: QtBot, name: str, scheme: Scheme) -> None:
    stage.set(scheme, "id" if scheme is Scheme.LIGHT else "en")
    widget = await SCENES[name](stage)
    await quiet()
    image = grab(widget)
    step = max(1, image.width() // 120)
    colors = {
        image.pixel(x, y)
        for x in range(0, image.width(), step)
        for y in range(0, image.height(), step)
    }
    assert len(colors) > 4
    assert stage.told == [] or name == "error-told"
