"""Plain words for what went wrong: why a message failed or waits, and why a file is not taken.

Apart from the other words, because a list in which nothing failed needs none of Twilio's codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale

from console.domain.conversation import Channel
from console.domain.file_faults import FILE_FAULTS
from console.domain.media_rules import MB, Refusal
from console.domain.sending import SendingState
from console.domain.twilio_codes import CODES, in_language, words_for, words_of_failure
from console.ui.language import translate
from console.ui.times import clock, size
from console.ui.words import channel, file_name, fix_for, one_line, rule

if TYPE_CHECKING:
    from console.domain.message import Attempt, Message


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a message failed and the one thing to do."""

    text: str
    fix: str


def reason(message: Message) -> Reason:
    """The plain words for a failed message."""
    return reason_of(message.error_code, message.error_text, message.rule)


def reason_of(code: int | None, text: str | None, rule_name: str | None = None) -> Reason:
    """Words for Twilio's error `code` or for a rule of ours, which may also stand in `text`."""
    for name in (rule_name or "", (text or "").strip()) if code is None else ():
        if rule(name):
            return Reason(rule(name), fix_for(None, name))
    said = words_of_failure(code, one_line(text or "")).in_language(QLocale().name())
    return Reason(said, fix_for(code, ""))


def held(entry: Attempt) -> str:
    """Why a queued reply has not gone to Twilio yet: its last attempt came back."""
    if entry.error_code in CODES:
        why = CODES[entry.error_code].in_language(QLocale().name())
    else:
        # the technical detail in brackets is for the ledger
        said = one_line(entry.words or "").partition(" (")[0]
        why = in_language(said, QLocale().name())
    return translate("words", "Waiting: {why}").format(why=why)


def stopped(state: SendingState, *, is_admin: bool) -> str:
    """The strip while nothing is sent for anybody."""
    why = words_for(state.error_code, one_line(state.error_text or ""))
    parts = [
        translate("words", "Sending has stopped."),
        why.in_language(QLocale().name()),
        translate("words", "Replies wait here and leave by themselves."),
    ]
    if is_admin:
        parts.append(translate("words", "Begin again at once: balas queue resume."))
        if state.next_try_at is not None:
            parts.append(
                translate("words", "Next look at {time}.").format(time=clock(state.next_try_at))
            )
    return " ".join(parts)


def attempt(entry: Attempt) -> str:
    """One line of the ledger."""
    said = {
        "calling": translate("words", "Handed to Twilio, no answer yet"),
        "accepted": translate("words", "Taken by Twilio"),
        "refused": translate("words", "Refused by Twilio"),
        "retry": translate("words", "Twilio was busy or away; tried again later"),
        "uncertain": translate("words", "No clear answer from Twilio"),
        "settled": translate("words", "Settled"),
    }.get(entry.outcome, entry.outcome)
    if entry.error_code:
        said += f" · {entry.error_code}"
        if entry.error_code in CODES:
            return f"{said} {CODES[entry.error_code].in_language(QLocale().name())}"
    if not entry.words:
        return said
    return f"{said} · {in_language(one_line(entry.words), QLocale().name())}"


def file_fault(code: str | None) -> str:
    """Why a customer's file never came into our storage."""
    known = FILE_FAULTS.get(code or "")
    if known is None:
        return translate("timeline", "The file could not be fetched") + "."
    return known.in_language(QLocale().name())


def refusal(found: Refusal, name: str, to: Channel) -> str:
    """Why the composer does not take a file, with the limit in it."""
    shown, network = file_name(name), channel(to)
    if found.reason == "empty":
        return translate("words", "{name} is empty.").format(name=shown)
    if found.reason == "count":
        said = translate("words", "{network} takes at most {count} files in one reply.")
        return said.format(network=network, count=found.limit)
    most, documents = (16, "PDF, DOCX, XLSX, PPTX, DOC")
    if to is not Channel.WHATSAPP:
        most, documents = (5, "PDF, TXT")
    if found.reason == "size":
        return translate("words", "{name} is too large: {network} takes at most {limit}.").format(
            name=shown, network=network, limit=size(found.limit)
        )
    return translate(
        "words",
        "{name} is of a type that {network} does not take. It takes photos (JPEG, PNG), "
        "documents ({documents}), MP4 video and common audio, up to {limit}.",
    ).format(name=shown, network=network, documents=documents, limit=size(most * MB))
