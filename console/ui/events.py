"""What happened to a conversation, in a sentence for the thread."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from console.domain.content import Event
from console.ui.language import translate
from console.ui.snoozing import until_words
from console.ui.words import one_line


def sentence(event: Event, *, by_me: bool, now: datetime) -> str:
    """Who did what; a kind that this version does not know by its name, never an error."""
    who = translate("events", "You") if by_me else one_line(event.actor_name or "", 40)
    data = event.data
    match event.kind:
        case "assigned":
            whom = one_line(str(data.get("assignee_name") or ""), 40)
            if not who:
                return translate("events", "Assigned to {whom}").format(whom=whom)
            return translate("events", "{who} assigned it to {whom}").format(who=who, whom=whom)
        case "unassigned":
            return _by(who, "events_unassigned")
        case "snoozed":
            until = _moment(data)
            when = until_words(until, now) if until else ""
            return translate("events", "{who} snoozed it until {when}").format(who=who, when=when)
        case "resolved":
            return _by(who, "events_resolved")
        case "reopened":
            return _reopened(who, str(data.get("by") or ""))
        case "labelled" | "unlabelled":
            name = one_line(str(data.get("label_name") or ""), 40)
            on = event.kind == "labelled"
            text = (
                translate("events", "{who} added the label {name}")
                if on
                else translate("events", "{who} took the label {name} off")
            )
            return text.format(who=who, name=name)
        case "message_settled":
            sent = data.get("outcome") == "sent"
            text = (
                translate("events", "{who} said that the reply was sent")
                if sent
                else translate("events", "{who} said that the reply was not sent")
            )
            return text.format(who=who)
        case _:
            name = one_line(event.kind.replace("_", " "), 40)
            return f"{who} · {name}" if who else name


def _by(who: str, what: str) -> str:
    text = {
        "events_unassigned": translate("events", "{who} gave it back to the queue"),
        "events_resolved": translate("events", "{who} resolved it"),
    }[what]
    if who:
        return text.format(who=who)
    return {
        "events_unassigned": translate("events", "Given back to the queue"),
        "events_resolved": translate("events", "Resolved"),
    }[what]


def _reopened(who: str, by: str) -> str:
    if by == "customer":
        return translate("events", "Open again: the customer wrote")
    if by == "time":
        return translate("events", "Open again: the time to come back was reached")
    return translate("events", "{who} opened it again").format(who=who)


def _moment(data: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(data.get("until")))
    except ValueError:
        return None
