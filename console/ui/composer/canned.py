"""Canned replies: which fit what is typed, and their text for this customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from console.domain.conversation import ConversationRow
from console.domain.desk import CannedReply
from console.domain.placeholders import Filled, fill
from console.domain.profile import Profile
from console.ui import words
from console.ui.composer.suggestions import Suggestion
from console.ui.language import translate


def values(row: ConversationRow, me: Profile | None) -> Mapping[str, str]:
    """What the variables of a canned reply stand for in this conversation."""
    name = words.one_line(row.name, 120)
    mine = me.name if me else ""
    return {
        "name": name,
        "first_name": name.split()[0] if name else "",
        "phone": words.phone(row.address),
        "agent": mine,
        "agent_first_name": mine.split()[0] if mine else "",
        "inbox": row.inbox_name,
    }


def filled(reply: CannedReply, row: ConversationRow, me: Profile | None) -> Filled:
    """The reply's text for this customer; what nobody knows stays to be filled in by hand."""
    return fill(reply.body, values(row, me))


def matching(
    replies: Sequence[CannedReply], typed: str, row: ConversationRow, me: Profile | None
) -> list[Suggestion]:
    """Those that fit, best first: shortcuts that begin so, then those that hold the words."""
    wanted = typed.casefold()
    ranked = []
    for reply in replies:
        shortcut = reply.shortcut.casefold()
        if shortcut.startswith(wanted):
            ranked.append((0, reply))
        elif wanted in shortcut:
            ranked.append((1, reply))
        elif wanted in reply.body.casefold():
            ranked.append((2, reply))
    ranked.sort(key=lambda entry: entry[0])
    return [
        Suggestion(
            reply.id,
            f"/{reply.shortcut}",
            words.one_line(filled(reply, row, me).text),
            translate("composer", "%n file(s)", "", len(reply.files)) if reply.files else "",
        )
        for _, reply in ranked
    ]
