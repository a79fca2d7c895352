"""What the administration's screens say of roles, refusals, and what was done by whom."""

from __future__ import annotations

from console.domain.administration import DAYS, Administration, AuditEntry, Hours
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
    return _short(value)


def hours(value: Hours | None) -> str:
    """When an inbox is open, in a few words."""
    if value is None:
        return translate("administration", "always open")
    days = (
        f"{day(name)} {', '.join(f'{start}–{end}' for start, end in value.week[name])}"
        for name in DAYS
        if value.week.get(name)
    )
    return "; ".join((*days, *value.holidays, value.zone))


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
    }.get(code)
    return (title, said) if said else sentence(error)


def done(entry: AuditEntry) -> str:
    """What was done, in a few words; one that this version does not know by its own name."""
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
    }.get(entry.action, entry.action.replace("_", " "))


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


def details(entry: AuditEntry) -> str:
    """The values that say what it was about, in one line: before → after, or what was named."""
    data = entry.data
    before, after = data.get("before"), data.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        return ", ".join(
            f"{key}: {_short(before.get(key))} → {_short(value)}" for key, value in after.items()
        )
    shown = after if isinstance(after, dict) else before if isinstance(before, dict) else data
    left_out = {"id", "created_at", "updated_at", "inbox_id", "profile_id"}
    return ", ".join(
        f"{key}: {_short(value)}" for key, value in shown.items() if key not in left_out
    )


def _short(value: object) -> str:
    said = "–" if value is None else " ".join(str(value).split())
    return f"{said[:60]}…" if len(said) > 61 else said
