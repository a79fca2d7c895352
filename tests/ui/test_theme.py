"""The look's numbers: contrast, fonts, icons."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontDatabase, QFontInfo

from console.ui.theme import icons
from console.ui.theme.theme import Scheme
from console.ui.theme.tokens import AVATARS, DARK, LIGHT, PAIRS, Tokens, contrast
from console.ui.theme.type import FAMILY, Role
from tests.gallery.stage import Stage


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS, ids=lambda value: str(value))
def test_text_can_be_read_on_what_lies_behind_it(tokens: Tokens, ink: str, ground: str) -> None:
    assert contrast(getattr(tokens, ink), getattr(tokens, ground)) >= 4.5


@pytest.mark.parametrize("ground", AVATARS)
def test_initials_can_be_read_on_every_avatar(ground: str) -> None:
    assert contrast("#FFFFFF", ground) >= 4.5


async def test_the_shipped_font_is_the_one_in_use(stage: Stage) -> None:
    assert FAMILY in QFontDatabase.families()
    assert QFontInfo(stage.theme.font(Role.BASE)).family() == FAMILY
    assert QFontInfo(stage.theme.font(Role.TITLE)).weight() == 700


async def test_text_grows_with_the_scale_within_its_bounds(stage: Stage) -> None:
    at_first = stage.theme.font(Role.BASE).pointSizeF()
    stage.theme.choose(scale=125)
    assert stage.theme.font(Role.BASE).pointSizeF() == pytest.approx(at_first * 1.25)
    stage.theme.choose(scale=900)
    assert stage.theme.scale == 150


async def test_every_icon_is_drawn_in_the_colour_asked_for(stage: Stage) -> None:
    for name in icons.names():
        image = icons.pixmap(name, "#ff0000", 24, 2.0).toImage()
        inked = {
            image.pixelColor(x, y).name()
            for x in range(image.width())
            for y in range(image.height())
            if image.pixelColor(x, y).alpha() == 255
        }
        assert inked <= {"#ff0000"}, name
        assert inked, name


async def test_the_dark_theme_reaches_the_palette(stage: Stage) -> None:
    stage.theme.choose(Scheme.DARK)
    assert stage.application.palette().window().color().name().upper() == DARK.surface
    stage.theme.choose(Scheme.LIGHT)
    assert stage.application.palette().window().color().name().upper() == LIGHT.surface
