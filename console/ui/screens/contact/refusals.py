"""Why the server refuses something about a contact, and the one thing to do, in plain words."""

from __future__ import annotations

from console.domain.errors import BalasError, RefusedError
from console.ui.errors import in_one
from console.ui.language import translate


def refused(error: BaseException) -> str:
    """What went wrong in one or two sentences, in the window's language."""
    if isinstance(error, RefusedError):
        said = _words(error.code)
        if said:
            return said
    if isinstance(error, BalasError):
        return in_one(error)
    raise error


def _words(code: str) -> str:
    return {
        "bad_address": translate(
            "contact",
            "This is no number that can be written to. Write it with its country code, for example"
            " +62 812 3456 7890.",
        ),
        "taken": translate(
            "contact", "This number belongs to another contact. Merge the two instead."
        ),
        "no_address": translate(
            "contact", "This contact has no number on this channel. Add one first."
        ),
        "bad_attribute": translate(
            "contact",
            "A name has at most 60 characters and a value 1,000; a contact has at most 50"
            " attributes.",
        ),
        "bad_name": translate("contact", "The name is longer than 200 characters."),
        "bad_locale": translate("contact", "This is no language."),
        "too_long": translate("contact", "The text is too long. Shorten it."),
        "changed_since": translate(
            "contact", "Somebody else changed this meanwhile; theirs is shown now."
        ),
        "busy": translate("contact", "Somebody else is changing this contact. Try again."),
        "not_allowed": translate(
            "contact", "Your role or your inboxes do not allow this. Ask a supervisor."
        ),
        "not_found": translate(
            "contact", "This contact is not there any more, or not in your inboxes."
        ),
        "merged": translate(
            "contact", "This contact was merged into another one. Look for that one."
        ),
        "merged_since": translate(
            "contact", "A later merge of this contact stands. Undo that one first."
        ),
    }.get(code, "")
