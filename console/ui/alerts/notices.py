"""Notices of the system: what one is, what the system can do with it, and who shows it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from console.domain.alerts import What
from console.domain.conversation import ConversationRow
from console.domain.ids import ConversationId
from console.domain.message import Message
from console.domain.window import WINDOW
from console.ui import words
from console.ui.isolates import apart
from console.ui.language import translate
from console.ui.times import clock

LONGEST = 160  # characters


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice about a conversation; a later one takes its place."""

    conversation_id: ConversationId
    title: str
    text: str
    urgent: bool = False
    can_be_answered: bool = False


class Notices(QObject):
    """Shows notices. `chosen` follows a click, `answered` carries a reply written in place."""

    chosen = Signal(object)
    answered = Signal(object, str)

    def show_notice(self, notice: Notice) -> None:
        """Show it now, in place of an older one of the same conversation."""
        raise NotImplementedError

    def take_away(self, conversation_id: ConversationId) -> None:
        """The agent has seen it."""

    def abilities(self) -> str:
        """What these notices can do, in a sentence."""
        raise NotImplementedError

    def close(self) -> None:
        """No more of them."""


def notice_for(what: What, row: ConversationRow, cause: Message | None, *, content: bool) -> Notice:
    """The words of an alert; without `content` neither who nor what."""
    urgent = what is not What.MESSAGE
    if not content:
        text = {
            What.MESSAGE: translate("alerts", "A customer wrote"),
            What.ASSIGNED: translate("alerts", "A conversation was assigned to you"),
            What.MENTIONED: translate("alerts", "A colleague mentions you"),
            What.CLOSING: translate("alerts", "A 24-hour window closes soon"),
        }[what]
        return Notice(row.id, "Balas", text, urgent)
    name = words.title(row)
    who = words.one_line(cause.sender_name or "", 40) if cause is not None else ""
    if what is What.ASSIGNED:
        title = translate("alerts", "{name} is yours now").format(name=apart(name))
        text = translate("alerts", "{who} assigned it to you").format(who=apart(who)) if who else ""
        return Notice(row.id, title, text or words.preview(row)[:LONGEST], urgent)
    if what is What.MENTIONED:
        whom = who or translate("alerts", "A colleague")
        title = translate("alerts", "{who} mentions you · {name}").format(
            who=apart(whom), name=apart(name)
        )
        text = words.one_line(cause.content.text, LONGEST) if cause is not None else ""
        return Notice(row.id, title, text, urgent)
    if what is What.CLOSING:
        title = translate("alerts", "{name} still waits").format(name=apart(name))
        end = clock(row.last_inbound_at + WINDOW) if row.last_inbound_at else ""
        text = translate("alerts", "The 24-hour window closes at {time}").format(time=end)
        return Notice(row.id, title, text, urgent)
    return Notice(row.id, name, words.preview(row)[:LONGEST], urgent, can_be_answered=True)
