"""What the audit log says: who did what to whom, and which values went where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from console.domain.administration import DAYS, Administration, AuditEntry, Hours
from console.ui.language import translate
from console.ui.screens.administration.wording import hours, kind_of_reply, short, spoken

# What says nothing to a person: keys, and moments that the line itself has.
_LEFT_OUT = frozenset({"id", "created_at", "updated_at", "inbox_id", "profile_id", "absent_since"})


def done(entry: AuditEntry) -> str:
    """What was done, in a few words; one that this version does not know by its own name."""
    return acts().get(entry.action, entry.action.replace("_", " "))


def acts() -> dict[str, str]:
    """Each act that is written into the log, after the name of who did it."""
    return {
        "profiles_added": translate("administration", "added a person"),
        "profiles_changed": translate("administration", "changed a person's role or access"),
        "profiles_removed": translate("administration", "removed a person"),
        "profile_saved": translate("administration", "changed a person"),
        "availability_changed": translate("administration", "said who is there"),
        "capacity_set": translate("administration", "set how many conversations somebody gets"),
        "inbox_members_added": translate("administration", "put somebody into an inbox"),
        "inbox_members_removed": translate("administration", "took somebody out of an inbox"),
        "inboxes_added": translate("administration", "added an inbox"),
        "inboxes_changed": translate("administration", "changed an inbox"),
        "inboxes_removed": translate("administration", "removed an inbox"),
        "inbox_saved": translate("administration", "changed an inbox"),
        "inbox_rules_set": translate("administration", "changed the rules of an inbox"),
        "auto_replies_added": translate("administration", "added an automatic reply"),
        "auto_replies_changed": translate("administration", "changed an automatic reply"),
        "auto_replies_removed": translate("administration", "removed an automatic reply"),
        "auto_reply_saved": translate("administration", "saved an automatic reply"),
        "auto_reply_deleted": translate("administration", "deleted an automatic reply"),
        "canned_reply_saved": translate("administration", "saved a canned reply"),
        "canned_reply_deleted": translate("administration", "deleted a canned reply"),
        "label_saved": translate("administration", "saved a label"),
        "label_deleted": translate("administration", "deleted a label"),
        "settings_added": translate("administration", "set a setting of the team"),
        "settings_changed": translate("administration", "changed a setting of the team"),
        "retention_applied": translate("administration", "deleted what was past its time"),
        "contact_erasure_requested": translate("administration", "had a contact erased"),
        "contacts_merged": translate("administration", "merged two contacts"),
        "merge_undone": translate("administration", "undid a merge"),
        "handed_over": translate("administration", "handed conversations over"),
        "inbox_members_changed": translate("administration", "moved somebody between inboxes"),
        "settings_removed": translate("administration", "took away a setting of the team"),
        "contact_blocked": translate("administration", "blocked a contact"),
        "contact_unblocked": translate("administration", "unblocked a contact"),
        "contact_erased": translate("administration", "erased a contact everywhere"),
        "contact_erasure_incomplete": translate(
            "administration", "erased a contact, but something is left"
        ),
        "contact_erasure_replayed": translate(
            "administration", "erased a contact again after a restore"
        ),
        "contacts_imported": translate("administration", "read in contacts from a file"),
        "contacts_exported": translate("administration", "wrote contacts to a file"),
        "case_file_exported": translate("administration", "wrote a conversation's case file"),
    }


def subject(entry: AuditEntry, state: Administration) -> str:
    """Whom or which inbox it was about, by name; empty where the name is not known."""
    people = {str(person.id): person.name for person in state.people}
    inboxes = {str(inbox.id): inbox.name for inbox in state.inboxes}
    if entry.subject_type == "profiles":
        return people.get(entry.subject_id, "")
    if entry.subject_type == "inboxes":
        return inboxes.get(entry.subject_id, "")
    if entry.subject_type == "inbox_members":
        inbox, _, person = entry.subject_id.partition(":")
        return ", ".join(name for name in (people.get(person), inboxes.get(inbox)) if name)
    return ""


def details(entry: AuditEntry, state: Administration) -> str:
    """The values that say what it was about, in one line: before → after, or what was named."""
    people = {str(person.id): person.name for person in state.people}
    data = entry.data
    before, after = data.get("before"), data.get("after")
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        named = fields()
        return ", ".join(
            f"{named.get(key, _plain(key))}: {_said(key, before.get(key))} → {_said(key, value)}"
            for key, value in after.items()
        )
    shown = after if isinstance(after, Mapping) else before if isinstance(before, Mapping) else data
    return ", ".join(_parts(shown, people))


def fields() -> dict[str, str]:
    """What the values are called."""
    return {
        "role": translate("administration", "Role"),
        "active": translate("administration", "Has access"),
        "available": translate("administration", "Available"),
        "capacity": translate("administration", "Conversations at once"),
        "display_name": translate("administration", "Name"),
        "locale": translate("administration", "Language"),
        "name": translate("administration", "Name"),
        "color": translate("administration", "Colour"),
        "channel": translate("administration", "Channel"),
        "address": translate("administration", "Number"),
        "messaging_service_sid": translate("administration", "Messaging service"),
        "hours": translate("administration", "Hours"),
        "greeting": translate("administration", "Greeting"),
        "flagged": translate("administration", "Needs a look"),
        "routing": translate("administration", "Give waiting customers to people"),
        "auto_replies_per_hour": translate("administration", "Automatic replies in an hour"),
        "take_back_minutes": translate("administration", "Take back from who is away"),
        "first_response_minutes": translate("administration", "First answer"),
        "next_response_minutes": translate("administration", "Every further answer"),
        "reminder_minutes": translate("administration", "Remind before the window closes"),
        "messages_per_second": translate("administration", "Messages in a second"),
        "replies_per_half_minute": translate(
            "administration", "Messages to one customer in half a minute"
        ),
        "kind": translate("administration", "Kind"),
        "keyword": translate("administration", "Keyword"),
        "body": translate("administration", "Text"),
        "enabled": translate("administration", "Switched on"),
        "shortcut": translate("administration", "Shortcut"),
        "attachments": translate("administration", "Files"),
        "messages": translate("administration", "Messages"),
        "media": translate("administration", "Files"),
        "files": translate("administration", "Files"),
        "requests": translate("administration", "Raw requests of Twilio"),
        "audit": translate("administration", "Audit log"),
        "notes": translate("administration", "Notes"),
        "contacts": translate("administration", "Contacts"),
        "conversations": translate("administration", "Conversations"),
        "assignee_id": translate("administration", "To"),
        "added": translate("administration", "Added"),
        "changed": translate("administration", "Changed"),
        "same": translate("administration", "Unchanged"),
        "refused": translate("administration", "Refused"),
    }


def _parts(values: Mapping[str, Any], people: Mapping[str, str]) -> Iterator[str]:
    named = fields()
    for key, value in values.items():
        if key == "assignee_id":
            value = people.get(str(value), "")
        if key in _LEFT_OUT or (key.endswith("_id") and key != "assignee_id") or value in ("", []):
            continue
        if isinstance(value, Mapping) and key not in named:  # counts, or a setting's values
            yield from _parts(value, people)
        else:
            yield f"{named.get(key, _plain(key))}: {_said(key, value)}"


def _said(key: str, value: object) -> str:
    if key == "role" or isinstance(value, bool):
        return spoken(value)
    if key == "kind":
        return kind_of_reply(str(value))
    if key == "hours" and (value is None or isinstance(value, Mapping)):
        return short(hours(_hours(value)))
    if isinstance(value, list):
        return str(len(value))
    return short(value)


def _hours(value: Mapping[str, Any] | None) -> Hours | None:
    """Hours as the log has them; what cannot be read is left out."""
    if value is None:
        return None
    week = value.get("week")
    return Hours(
        str(value.get("zone") or ""),
        {
            day: tuple(
                (str(span[0]), str(span[1]))
                for span in week[day]
                if isinstance(span, list) and len(span) == 2
            )
            for day in DAYS
            if isinstance(week, Mapping) and isinstance(week.get(day), list)
        },
        tuple(str(day) for day in value.get("holidays") or ()),
    )


def _plain(key: str) -> str:
    return key.replace("_", " ")
