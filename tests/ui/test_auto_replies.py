"""The form of an automatic reply: what the server has against its text stands at the text."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.domain.errors import RefusedError
from console.ui.screens.administration.auto_replies import AutoReplies, AutoReplyForm
from console.ui.screens.administration.screen import Screen
from console.ui.window import MainWindow
from tests.gallery.memory_administration import UNKNOWN_VARIABLE, MemoryAdministration
from tests.gallery.scenes_administration import administration, section
from tests.gallery.stage import Stage
from tests.waiting import eventually


async def opened(
    stage: Stage, made: MemoryAdministration
) -> tuple[MainWindow, Screen, AutoReplyForm]:
    window, screen = await administration(stage, made, "auto", 1000)
    fold = section(screen, AutoReplies).entries.folds["a1"]
    fold.open()
    assert isinstance(fold.inside, AutoReplyForm)
    return window, screen, fold.inside


@pytest.mark.parametrize(
    ("language", "begins"),
    [("en", "No such variable: {{nama}}. "), ("id", "Variabel ini tidak ada: {{nama}}. ")],
)
async def test_a_variable_that_does_not_exist_is_named_at_the_text_until_it_is_changed(
    stage: Stage, qtbot: QtBot, language: str, begins: str
) -> None:
    stage.set(language=language)
    made = MemoryAdministration()
    before = made.state.auto_replies
    window, _, form = await opened(stage, made)
    assert form.body.why.isHidden()
    form.body.text = "Halo {{nama}}"
    made.failure = UNKNOWN_VARIABLE
    qtbot.mouseClick(form.foot.save, Qt.MouseButton.LeftButton)
    await eventually(form.body.why.isVisible)
    why = form.body.why.text()
    assert why.startswith(begins)
    assert why.endswith("{{contact.name}}, {{inbox.name}}, {{hours.today}}, {{hours.opens}}.")
    assert form.body.edit.accessibleDescription() == why
    assert not window.toast.isVisible(), "it is said once"
    assert (form.body.text, made.state.auto_replies) == ("Halo {{nama}}", before)
    # Another refusal is told as ever, and the sentence goes with the text it is about.
    made.failure = RefusedError("not_allowed", "Not possible")
    qtbot.mouseClick(form.foot.save, Qt.MouseButton.LeftButton)
    await eventually(window.toast.isVisible)
    qtbot.keyClicks(form.body.edit, "!")
    assert form.body.why.isHidden()
    assert form.body.edit.accessibleDescription() == ""
    made.failure = None
    form.body.text = "Halo {{contact.name}}"
    qtbot.mouseClick(form.foot.save, Qt.MouseButton.LeftButton)
    await eventually(lambda: not form.is_changed)
    assert made.state.auto_replies[0].body == "Halo {{contact.name}}"


async def test_a_refusal_of_a_text_that_was_changed_meanwhile_is_told_beside_it(
    stage: Stage, qtbot: QtBot
) -> None:
    stage.set(language="en")
    made = MemoryAdministration()
    window, _, form = await opened(stage, made)
    form.body.text = "Halo {{nama}}"
    made.failure = UNKNOWN_VARIABLE
    qtbot.mouseClick(form.foot.save, Qt.MouseButton.LeftButton)
    form.body.text = "Halo"  # before the answer is here
    await eventually(window.toast.isVisible)
    assert "{{nama}}" in window.toast.text.text()
    assert form.body.why.isHidden()
