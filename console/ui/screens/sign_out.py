"""The question before signing out: what becomes of replies that have not left yet."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from console.ui.language import translate
from console.ui.screens.question import Question
from console.ui.session import SignOutChoice


def ask_sign_out(
    parent: QWidget, waiting: int, answer: Callable[[SignOutChoice], object]
) -> Question:
    """Ask over `parent`; `answer` is called with the choice, or never."""
    if waiting:
        question = Question(
            parent,
            translate("sign_out", "%n reply(s) not sent yet", "", waiting),
            translate(
                "sign_out",
                "Send them first, keep them here until you sign in again, or throw them away?",
            ),
        )
        question.add(translate("sign_out", "Discard"), lambda: answer("discard"), "danger")
        question.add(translate("sign_out", "Keep"), lambda: answer("keep"))
        question.add(translate("sign_out", "Send and sign out"), lambda: answer("send"), "primary")
    else:
        question = Question(
            parent,
            translate("sign_out", "Sign out?"),
            translate("sign_out", "Your drafts stay on this machine, encrypted."),
        )
        question.add(translate("sign_out", "Cancel"), None)
        question.add(translate("sign_out", "Sign out"), lambda: answer("keep"), "primary")
    question.open()
    return question
