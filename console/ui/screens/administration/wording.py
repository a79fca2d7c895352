"""What the administration's screens say of roles, days, values, and refusals."""

from __future__ import annotations

import re

from PySide6.QtCore import QLocale

from console.domain.administration import DAYS, Hours
from console.domain.errors import RefusedError
from console.domain.profile import Role
from console.ui.errors import sentence
from console.ui.language import translate


def role(value: Role) -> str:
    return {
        Role.AGENT: translate("administration", "Agent"),
        Role.SUPERVISOR: translate("administration", "Supervisor"),
        Role.ADMIN: translate("administration", "Administrator"),
    }[value]


def kind_of_reply(value: str) -> str:
    return {
        "greeting": translate("administration", "Greeting"),
        "away": translate("administration", "Away"),
        "keyword": translate("administration", "Keyword"),
    }.get(value, value)


def day(value: str) -> str:
    return {
        "mon": translate("administration", "Monday"),
        "tue": translate("administration", "Tuesday"),
        "wed": translate("administration", "Wednesday"),
        "thu": translate("administration", "Thursday"),
        "fri": translate("administration", "Friday"),
        "sat": translate("administration", "Saturday"),
        "sun": translate("administration", "Sunday"),
    }[value]


def spoken(value: object) -> str:
    """A value as a person says it."""
    if isinstance(value, bool):
        return translate("administration", "On") if value else translate("administration", "Off")
    if isinstance(value, Role) or (isinstance(value, str) and value in frozenset(Role)):
        return role(Role(value))
    return short(value)


def hours(value: Hours | None) -> str:
    """When an inbox is open, in a few words."""
    if value is None:
        return translate("administration", "always open")
    mark = clock_mark()
    days = (
        f"{day(name)} "
        + ", ".join(f"{start}–{end}".replace(":", mark) for start, end in value.week[name])
        for name in DAYS
        if value.week.get(name)
    )
    return "; ".join((*days, *value.holidays, value.zone))


def clock_mark() -> str:
    """What divides hours and minutes in the window's language."""
    return "." if "." in QLocale().timeFormat(QLocale.FormatType.ShortFormat) else ":"


def unknown_variables(error: BaseException) -> str:
    """Which variables of a text do not exist, and which do; empty for another refusal."""
    if not isinstance(error, RefusedError) or error.code != "unknown_variable":
        return ""
    # The server alone knows both, and names them in its two sentences.
    said = translate("administration", "No such variable: {names}. A text may hold {known}.")
    return said.format(names=_in_braces(error.text), known=_in_braces(error.fix))


def _in_braces(text: str) -> str:
    return ", ".join(re.findall(r"\{\{[^{}]*\}\}", text))


def refusal(error: BaseException) -> tuple[str, str]:
    """A title and what to do; the server's own rules in the window's language."""
    title = translate("administration", "Not saved")
    code = error.code if isinstance(error, RefusedError) else ""
    said = {
        "last_admin": translate(
            "administration", "Nobody else is an administrator. Make somebody else one first."
        ),
        "changed_since": translate(
            "administration", "Somebody else changed this meanwhile; theirs is shown now."
        ),
        "taken": translate("administration", "There is one of this name already."),
        "bad_name": translate("administration", "The name is missing, too long, or not one word."),
        "bad_hours": translate("administration", "These hours cannot be read. Look at the times."),
        "bad_days": translate("administration", "So few days cannot be chosen for this kind."),
        "bad_request": translate("administration", "A value is out of its range."),
        "empty_message": translate("administration", "There is nothing to send: write something."),
        "too_long": translate("administration", "The text is longer than 1,600 characters."),
        "not_allowed": translate("administration", "Your role may not change this."),
        "not_found": translate("administration", "It is no longer there: somebody removed it."),
        "bad_media": translate("administration", "A file lies elsewhere: remove it."),
    }.get(code) or unknown_variables(error)
    return (title, said) if said else sentence(error)


def short(value: object) -> str:
    """A value that is text anyway, cut where it is long."""
    said = "–" if value is None else " ".join(str(value).split())
    return f"{said[:60]}…" if len(said) > 61 else said
