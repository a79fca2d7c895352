"""What stands in a row of the inbox list beside its conversation, and the whole row in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from console.domain.conversation import ConversationRow, ConversationStatus
from console.domain.ids import ConversationId, ProfileId
from console.domain.window import window_of
from console.ui import words
from console.ui.language import translate
from console.ui.snoozing import until_words
from console.ui.times import left, list_time


@dataclass(slots=True)
class Marks:
    """Follows who is at a conversation and what this agent has muted; the list's to change."""

    # The conversations that a colleague is at: the name, and whether they write there.
    company: dict[ConversationId, tuple[str, bool]] = field(default_factory=dict)
    muted: frozenset[ConversationId] = frozenset()
    mixed: bool = False  # a search: open, snoozed and resolved ones stand beside each other


def window_words(row: ConversationRow, now: datetime, *, always: bool = False) -> tuple[str, str]:
    """What is to be said of the row's 24 hours, and how loudly; mostly nothing, unless `always`."""
    window = window_of(row.channel, row.last_inbound_at, now)
    if not window.is_open:
        return translate("inbox", "window closed"), "danger"
    if window.left is not None and (always or window.is_closing):
        said = translate("inbox", "{time} left").format(time=left(window.left))
        return said, "warning" if window.is_closing else ""
    return "", ""


def set_aside(status: ConversationStatus) -> str:
    """Where a conversation is, unless among the open ones."""
    if status is ConversationStatus.RESOLVED:
        return translate("inbox", "resolved")
    return translate("inbox", "snoozed") if status is ConversationStatus.SNOOZED else ""


def spoken(row: ConversationRow, marks: Marks, now: datetime, me: ProfileId | None) -> str:
    """All that the row shows, for screen readers: what matters most comes first."""
    parts = [words.row_spoken(row)]
    at = marks.company.get(row.id)
    if at is not None:
        writes, looks = (
            translate("company", "{name} is typing…"),
            translate("company", "{name} is viewing"),
        )
        said = writes if at[1] else looks
        parts.append(said.format(name=words.one_line(at[0], 60)))
    if row.waiting_since is not None:
        parts.append(translate("inbox", "waits {time}").format(time=left(now - row.waiting_since)))
    if marks.mixed:
        parts.append(set_aside(row.status))
    if row.snoozed_until is not None and row.status is ConversationStatus.SNOOZED:
        parts.append(until_words(row.snoozed_until, now))
    elif not row.blocked and not (marks.mixed and row.status is ConversationStatus.RESOLVED):
        parts.append(window_words(row, now)[0])
    if row.assignee_name and row.assignee_id != me:
        parts.append(words.one_line(row.assignee_name, 60))
    parts += [label.name for label in row.labels]
    if row.id in marks.muted:
        parts.append(translate("inbox", "muted"))
    parts.append(list_time(row.last_message_at, now))
    return ", ".join(part for part in parts if part)
