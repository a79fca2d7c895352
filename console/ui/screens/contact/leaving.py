"""Before the window goes: what stands in a contact's field alone is not lost unasked."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from console.ui import words
from console.ui.language import translate
from console.ui.screens.contact.fields import LineField, TextField
from console.ui.screens.question import Question

LONGEST = 160  # letters of what was written


def asks_first(window: QWidget, then: Callable[[], object], *, is_offline: bool) -> bool:
    """Whether the agent is asked; `then` is called when they let go of what they wrote.

    What was just written is saved while the window goes, unless the line is down.
    """
    if any(asked.isVisible() for asked in window.findChildren(Question)):
        return True
    fields = [*window.findChildren(LineField), *window.findChildren(TextField)]
    alone = [each for each in fields if each.is_unsaved or (is_offline and each.is_dirty)]
    if not alone:
        return False

    def let_go() -> None:
        for each in alone:
            each.restore()
        then()

    asked = Question(
        window,
        translate("leaving", "What you wrote about a contact is not saved"),
        "\n".join(f"“{words.one_line(each.text, LONGEST)}”" for each in alone),
    )
    asked.add(translate("leaving", "Close without it"), let_go, "danger")
    asked.add(translate("leaving", "Stay"), alone[0].setFocus, "primary")
    asked.open()
    return True
