"""What happened to a conversation, in a sentence for the thread."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from console.domain.content import Event
from console.ui.isolates import apart
from console.ui.language import translate
from console.ui.snoozing import until_words
from console.ui.words import one_line


def sentence(event: Event, *, by_me: bool, now: datetime) -> str:
    """Who did what; a kind that this version does not know by its name, never an error."""
    who = translate("events", "You") if by_me else apart(one_line(event.actor_name or "", 40))
    data = event.data
    match event.kind:
        case "assigned":
            whom = apart(one_line(str(data.get("assignee_name") or ""), 40))
            if data.get("by") == "routing":
                return translate("events", "It was {whom}'s turn").format(whom=whom)
            if not who:
                return translate("events", "Assigned to {whom}").format(whom=whom)
            return translate("events", "{who} assigned it to {whom}").format(who=who, whom=whom)
        case "unassigned":
            if data.get("by") == "absence":
                return translate("events", "Back in the queue: nobody was there to answer")
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
            name = apart(one_line(str(data.get("label_name") or ""), 40))
            on = event.kind == "labelled"
            text = (
                translate("events", "{who} added the label {name}")
                if on
                else translate("events", "{who} took the label {name} off")
            )
            return text.format(who=who, name=name)
        case "window_closing":
            return translate("events", "The 24 hours end soon, and the customer still waits")
        case "response_overdue":
            return translate("events", "An answer is overdue, and the customer still waits")
        case "schedule_failed":
            return translate("events", "A reply for later could not be sent")
        case "opted_out":
            return translate("events", "The customer wants no more messages")
        case "opted_in":
            return translate("events", "The customer wants messages again")
        case "priority_changed" | "started" | "blocked" | "unblocked":
            return _by(who, f"events_{event.kind}")
        case "contact_edited" | "contact_merged" | "merge_undone":
            return _by(who, f"events_{event.kind}")
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
    """Done by somebody, or just done."""
    named, alone = {
        "events_unassigned": (
            translate("events", "{who} gave it back to the queue"),
            translate("events", "Given back to the queue"),
        ),
        "events_resolved": (
            translate("events", "{who} resolved it"),
            translate("events", "Resolved"),
        ),
        "events_priority_changed": (
            translate("events", "{who} changed the priority"),
            translate("events", "The priority was changed"),
        ),
        "events_started": (
            translate("events", "{who} began the conversation"),
            translate("events", "The conversation was begun"),
        ),
        "events_contact_edited": (
            translate("events", "{who} changed the contact"),
            translate("events", "The contact was changed"),
        ),
        "events_contact_merged": (
            translate("events", "{who} joined two contacts"),
            translate("events", "Two contacts were joined"),
        ),
        "events_merge_undone": (
            translate("events", "{who} took the contacts apart again"),
            translate("events", "The contacts were taken apart again"),
        ),
        "events_blocked": (
            translate("events", "{who} blocked the customer"),
            translate("events", "The customer was blocked"),
        ),
        "events_unblocked": (
            translate("events", "{who} lets the customer write again"),
            translate("events", "The customer may write again"),
        ),
    }[what]
    return named.format(who=who) if who else alone


def _reopened(who: str, by: str) -> str:
    if by == "customer":
        return translate("events", "Open again: the customer wrote")
    if by == "time":
        return translate("events", "Open again: the time to come back was reached")
    return translate("events", "{who} opened it again").format(who=who)


def _moment(data: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(data.get("until"))).astimezone()
    except (ValueError, OverflowError):
        return None
