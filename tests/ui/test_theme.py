"""The look's numbers: contrast, fonts, icons."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QFontDatabase, QFontInfo

from console.ui.theme import icons, style
from console.ui.theme.theme import Scheme
from console.ui.theme.tokens import AVATARS, DARK, LIGHT, PAIRS, SHAPES, Tokens, contrast
from console.ui.theme.type import FAMILY, Role
from tests.gallery.stage import Stage


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS, ids=lambda value: str(value))
def test_text_can_be_read_on_what_lies_behind_it(tokens: Tokens, ink: str, ground: str) -> None:
    assert contrast(getattr(tokens, ink), getattr(tokens, ground)) >= 4.5


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_what_is_no_text_can_be_told_from_what_lies_behind_it(tokens: Tokens) -> None:
    faint = [
        (ink, ground)
        for ink, ground in SHAPES
        if contrast(getattr(tokens, ink), getattr(tokens, ground)) < 3
    ]
    assert faint == []


def test_every_colour_of_a_chart_is_tried(repository: Path) -> None:
    inks = {
        ink
        for path in (repository / "console/ui").rglob("*.py")
        for ink in re.findall(r"\bSeries\([^,]+,\s*\"(\w+)\"", path.read_text(encoding="utf-8"))
    }
    assert inks
    assert {(ink, "surface") for ink in inks} <= set(SHAPES)


def test_every_pair_of_the_style_sheet_is_tried() -> None:
    untried = []
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", style.SHEET):
        ground = re.search(r"background: %(\w+)%", body)
        inks = re.findall(r"(?:(?<![\w-])|placeholder-text-)color: %(\w+)%", body)
        if ground is not None:
            pairs = [(ink, ground[1]) for ink in inks]
            untried += [(selector.strip(), pair) for pair in pairs if pair not in PAIRS]
    assert untried == []


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
