"""The rail's icons can be seen beside their counters."""

from __future__ import annotations

import pytest

from console.ui.navigation import RailButton
from tests.gallery.stage import Stage, grab


@pytest.mark.parametrize("scale", [100, 125, 150])
def test_a_counter_leaves_most_of_the_icon_to_be_seen(stage: Stage, scale: int) -> None:
    stage.set(scale=scale)
    made = RailButton(stage.theme, "message-square", "Kotak masuk")
    stage.show(made, 40, 40)
    ink = stage.theme.color("rail_icon")

    def seen() -> int:
        image = grab(made)
        spots = ((x, y) for x in range(40) for y in range(40))
        near = (image.pixelColor(x, y) for x, y in spots)
        return sum(
            abs(c.red() - ink.red()) + abs(c.green() - ink.green()) + abs(c.blue() - ink.blue())
            < 60
            for c in near
        )

    whole = seen()
    assert whole > 20
    made.show_count(2)
    assert seen() > 0.7 * whole
