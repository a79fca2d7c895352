"""The contact panel in all the sizes that texts can have."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel

from console.ui.screens.contact.panel import ContactPanel
from tests.gallery.scenes_contacts import known, panel_of
from tests.gallery.stage import Stage, quiet
from tests.ui import access
from tests.waiting import eventually


def fits(panel: ContactPanel) -> bool:
    inside = panel.widget()
    return inside is not None and inside.width() == panel.viewport().width()


@pytest.mark.parametrize(("code", "scale"), list(product(("id", "en"), (100, 125, 150))))
async def test_the_panel_shows_its_values_whole_whatever_the_texts_size(
    stage: Stage, code: str, scale: int
) -> None:
    stage.set(language=code, scale=scale)
    window = await panel_of(stage, known(), height=900)
    window.resize(1180, 900)
    panel = window.inbox.contact
    await eventually(lambda: window.width() == 1180 and panel.isVisible())
    await eventually(lambda: fits(panel))
    for _, value in panel.facts._rows.values():
        if isinstance(value, QLabel) and value.isVisible():
            tall = value.heightForWidth(value.width())
            assert value.height() >= tall, value.text()
            longest = max(value.text().split(" "), key=len)
            assert value.fontMetrics().horizontalAdvance(longest) <= value.contentsRect().width()
    language = panel.facts.language
    assert language.width() >= language.sizeHint().width()


async def test_a_word_longer_than_the_panel_pushes_nothing_out_and_is_told_whole(
    stage: Stage,
) -> None:
    stage.set(scale=150)
    store, name = known(), "A" + "z" * 30
    rows = store.conversations.rows
    rows[0] = replace(rows[0], assignee_name=name)
    panel = (await panel_of(stage, store)).inbox.contact
    value = panel.facts._rows["assigned"][1]
    await eventually(lambda: panel.facts.value("assigned") == name)
    await eventually(lambda: fits(panel))
    assert value.toolTip() == name


async def test_names_stand_above_their_values_from_a_size_on_and_beside_them_again(
    stage: Stage,
) -> None:
    panel = (await panel_of(stage, known())).inbox.contact
    facts, field = panel.facts._rows["status"], panel.attributes._fields["kota"]
    assert facts[0].y() == facts[1].y()
    stage.set(scale=150)
    await eventually(lambda: facts[1].y() > facts[0].y())
    await eventually(lambda: field.x() == 0 and facts[0].x() == facts[1].x())
    stage.set(scale=100)
    await eventually(lambda: facts[0].y() == facts[1].y() and facts[0].x() < facts[1].x())
    await eventually(lambda: field.x() > 100)
    assert field.text == "Bekasi"


async def test_tab_goes_down_the_panel_also_to_what_was_made_for_this_contact(
    stage: Stage,
) -> None:
    stage.set(language="en")
    panel = (await panel_of(stage, known())).inbox.contact
    await eventually(lambda: panel.attributes._fields and panel.others.lines)
    await quiet()
    inside = panel.widget()
    assert inside is not None
    places = [stop.mapTo(inside, QPoint()) for stop in access.stops(inside)]
    reached = [(place.y(), place.x()) for place in places]
    assert reached == sorted(reached)
    assert len(reached) > 10


async def test_each_number_is_removed_by_a_button_that_says_which(stage: Stage) -> None:
    stage.set(language="en")
    panel = (await panel_of(stage, known())).inbox.contact
    await eventually(lambda: panel.addresses._shown)
    heard = map(QAccessible.queryAccessibleInterface, access.stops(panel))
    names = [each.text(QAccessible.Text.Name) for each in heard]
    wanted = [name for name in names if name.startswith("Remove the number +62 ")]
    assert len(wanted) == 1
