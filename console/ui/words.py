"""Plain words for kinds, statuses, failures and refusals, in the window's language."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication

from console.domain.conversation import Channel, ConversationRow, ConversationStatus
from console.domain.delivery import Direction, Status
from console.domain.kind import Kind
from console.ui.isolates import apart, straight
from console.ui.language import translate

if TYPE_CHECKING:
    from console.domain.message import Message

# Marks that turn the reading direction inside a name: "gpj.exe" must not read as "exe.jpg".
_TRICKS = re.compile("[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
LONGEST_NAME = 80


def one_line(text: str, limit: int = 300) -> str:
    """`text` on one line, whatever it holds; for rows, titles and previews."""
    said = " ".join(text[: limit * 4].split())
    return said if len(said) <= limit else f"{said[: limit - 1].rstrip()}…"


def file_name(name: str | None, fallback: str = "") -> str:
    """A customer's file name, safe to show: no control or direction marks, the ending kept."""
    clean = _TRICKS.sub("", name or "").strip()
    if len(clean) > LONGEST_NAME:
        clean = f"{clean[: LONGEST_NAME - 12]}…{clean[-10:]}"
    return clean or fallback or translate("words", "File")


def phone(address: str) -> str:
    """An address to read: without its channel, a number in groups of up to four digits.

    A name stays as it is, so this is also for what is either of them.
    """
    bare = address.removeprefix("whatsapp:")
    if not re.fullmatch(r"\+\d{8,15}", bare):
        return bare
    shown = _grouped(bare)
    # Between words that run from right to left a number would be turned around its spaces.
    turned = QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft
    return f"\u2066{shown}\u2069" if turned else shown


def _grouped(bare: str) -> str:
    code = 3 if bare.startswith("+62") else (2 if bare.startswith(("+1", "+7")) else 3)
    rest = bare[code:]
    if len(rest) <= 7:
        return f"{bare[:code]} {rest}"
    return f"{bare[:code]} {rest[:3]}-{rest[3:7]}-{rest[7:]}".rstrip("-")


def tip(text: str) -> str:
    """What somebody typed, for a tooltip: Qt guesses whether it is HTML, and this never is."""
    return text.replace("<", "<\u200b").replace("&lt;", "&\u200blt;")


def title(row: ConversationRow) -> str:
    """Whom the conversation is with."""
    name = one_line(straight(row.name), 120)
    return name or phone(row.address)


def channel(value: Channel) -> str:
    return {Channel.WHATSAPP: "WhatsApp", Channel.SMS: "SMS"}[value]


def priorities() -> tuple[tuple[str, str, str], ...]:
    """Every value of `conversations.priority`, in words, and the token of its colour."""
    return (
        ("urgent", translate("words", "Urgent"), "danger"),
        ("high", translate("words", "High"), "warning"),
        ("normal", translate("words", "Normal"), "muted"),
        ("low", translate("words", "Low"), "faint"),
    )


def conversation_status(value: ConversationStatus) -> str:
    return {
        ConversationStatus.OPEN: translate("words", "Open"),
        ConversationStatus.SNOOZED: translate("words", "Snoozed"),
        ConversationStatus.RESOLVED: translate("words", "Resolved"),
    }[value]


def kind_named(value: str) -> Kind:
    """The kind of that name; one that this version does not know is UNSUPPORTED."""
    try:
        return Kind(value)
    except ValueError:
        return Kind.UNSUPPORTED


def kind(value: str) -> str:
    """What a message without text is called in a preview."""
    return {
        Kind.TEXT: translate("words", "Message"),
        Kind.IMAGE: translate("words", "Photo"),
        Kind.VIDEO: translate("words", "Video"),
        Kind.AUDIO: translate("words", "Voice message"),
        Kind.DOCUMENT: translate("words", "Document"),
        Kind.STICKER: translate("words", "Sticker"),
        Kind.LOCATION: translate("words", "Location"),
        Kind.CONTACT_CARD: translate("words", "Contact"),
        Kind.BUTTON: translate("words", "Button answer"),
        Kind.LIST: translate("words", "List answer"),
        Kind.TEMPLATE: translate("words", "Template"),
        Kind.UNSUPPORTED: translate("words", "Unsupported message"),
        Kind.NOTE: translate("timeline", "Internal note"),
        Kind.EVENT: translate("words", "Event"),
    }[kind_named(value)]


KIND_ICONS = {
    Kind.IMAGE: "camera",
    Kind.VIDEO: "video",
    Kind.AUDIO: "mic",
    Kind.DOCUMENT: "file-text",
    Kind.STICKER: "sticker",
    Kind.LOCATION: "map-pin",
    Kind.CONTACT_CARD: "contact",
    Kind.BUTTON: "mouse-pointer-click",
    Kind.LIST: "list-checks",
    Kind.TEMPLATE: "layout-template",
    Kind.UNSUPPORTED: "circle-help",
}


def status(value: Status | None) -> str:
    """A status in a word or two, as a tick's tooltip and for screen readers."""
    if value is None:
        return ""
    return {
        Status.RECEIVED: translate("words", "Received"),
        Status.SCHEDULED: translate("words", "Scheduled"),
        Status.QUEUED: translate("words", "Waiting to be sent"),
        Status.SENDING: translate("words", "Being sent"),
        Status.UNCERTAIN: translate("words", "Not known whether it was sent"),
        Status.ACCEPTED: translate("words", "Taken by Twilio"),
        Status.SENT: translate("words", "Sent"),
        Status.DELIVERED: translate("words", "Delivered"),
        Status.READ: translate("words", "Read"),
        Status.FAILED: translate("words", "Not sent"),
        Status.UNDELIVERED: translate("words", "Not delivered"),
        Status.CANCELED: translate("words", "Canceled"),
    }[value]


def waiting(key: str | None) -> str:
    """Why a reply has not left this machine yet."""
    return {
        "offline": translate("words", "Waiting for the network"),
    }.get(key or "", "")


def conflict(rule_name: str | None) -> str:
    """Why a reply written earlier asks once more before it leaves."""
    return {
        "customer_wrote": translate("words", "The customer has written since you wrote this."),
        "colleague_replied": translate("words", "A colleague has replied since you wrote this."),
        "window_closed": translate(
            "words", "The 24-hour window closed before this left: only a template can be sent."
        ),
    }.get(rule_name or "", translate("words", "Something changed since you wrote this."))


def conflict_in_brief(rule_name: str | None) -> str:
    """The same in two or three words, for a row of the list."""
    return {
        "customer_wrote": translate("words", "customer wrote"),
        "colleague_replied": translate("words", "colleague replied"),
        "window_closed": translate("words", "window closed"),
    }.get(rule_name or "", translate("words", "something changed"))


def undelivered_hours(message: Message, now: datetime) -> int:
    """Whole hours since a message that Twilio sent on has been under way to the phone."""
    if message.direction is not Direction.OUTBOUND or message.status is not Status.SENT:
        return 0
    return max(0, int((now - message.timestamp).total_seconds() // 3600))


def progress(message: Message, now: datetime) -> str:
    """How far an own message has come, and what it waits for; the tooltip of its tick."""
    if message.last_try is not None:
        from console.ui.failures import held

        return held(message.last_try)
    hours = undelivered_hours(message, now)
    if hours:
        return translate("words", "Sent, not delivered for {hours} h").format(hours=hours)
    return status(message.status)


def rule(code: str) -> str:
    """Why the server's own rules refused a reply; empty for a code we do not know."""
    return {
        "window_closed": translate("words", "More than 24 hours since the customer wrote."),
        "not_found": translate("words", "The conversation is no longer there."),
        "empty_message": translate("words", "The message was empty."),
        "too_long": translate("words", "The text is longer than 1600 characters."),
        "too_many_files": translate("words", "Too many files in one reply."),
        "opted_out": translate("words", "The customer opted out of messages."),
        "blocked": translate("words", "This contact is blocked."),
        "not_allowed": translate("words", "You no longer have access to this inbox."),
        "bad_media": translate("words", "A file did not arrive in the storage."),
        "bad_template": translate("words", "A value of the template is missing."),
        "template_not_approved": translate("words", "WhatsApp has not approved this template."),
    }.get(code, "")


def fix_for(code: int | None, rule_name: str) -> str:
    """The one thing an agent can do about a failure."""
    if rule_name == "window_closed" or code in (63016, 63051):
        return translate("words", "Send an approved template, or wait until the customer writes.")
    if rule_name == "opted_out" or code == 21610:
        return translate("words", "Only the customer can change that, by writing START.")
    if rule_name == "not_allowed" or code in (20003, 21408, 21703, 63007, 63020, 30002):
        return translate("words", "Tell the administrator; nothing is wrong with your text.")
    if code in (63003, 63024, 21211, 30005, 21614):
        return translate("words", "Reach the customer by SMS or phone, or ask for another number.")
    if code in (63019, 63034, 63037, 11751, 21620, 21623) or rule_name == "bad_media":
        return translate("words", "Send the file in another format, or smaller.")
    if code in (63005, 63013, 63021, 30007):
        return translate("words", "Change the text, or the file, and send it again.")
    if code == 63015:
        return translate("words", "Ask the customer to join the sandbox first.")
    return translate("words", "Try again; if it fails again, tell the administrator.")


def download_problem(problem: str) -> str:
    """Why a file of our storage could not be brought here; the floors below speak English."""
    said = QCoreApplication.translate("errors", problem).strip()
    return said if said.endswith((".", "?", "!")) else f"{said}."


def preview(row: ConversationRow) -> str:
    """The last message in one line; a message without text by its kind."""
    if row.preview is None:
        return ""
    text = one_line(row.preview.text)
    if not text:
        return kind(row.preview.kind)
    if row.preview.kind == Kind.LOCATION:
        return f"{kind(row.preview.kind)} · {apart(text)}"
    return text


def failure(row: ConversationRow, *, brief: bool = True) -> str:
    """The failed last reply in one line; `brief` where there is little room."""
    if row.asks:
        why = conflict_in_brief if brief else conflict
        return f"{translate('words', 'Waits for you')}: {why(row.failed_rule)}"
    said = translate("words", "Not sent")
    known = {status.value for status in Status}
    words_given = None if row.failed in known else row.failed
    if not (row.failed_code or row.failed_rule or words_given):
        return said
    from console.ui.failures import reason_of

    return f"{said}: {reason_of(row.failed_code, words_given, row.failed_rule).text}"


def row_spoken(row: ConversationRow) -> str:
    """A row of the inbox list for screen readers."""
    parts = [title(row)]
    if row.blocked:
        parts.append(translate("inbox", "blocked"))
    if row.priority in ("urgent", "high"):
        parts.append(next(text for key, text, _ in priorities() if key == row.priority))
    if row.unread:
        parts.append(translate("words", "%n unread", "", row.unread))
    if row.failed:
        parts.append(failure(row, brief=False))
    elif row.draft:
        parts.append(translate("words", "Draft: {text}").format(text=one_line(row.draft)))
    else:
        parts.append(preview(row))
        if row.preview is not None and row.preview.direction is Direction.OUTBOUND:
            parts.append(status(row.preview.status))  # only what is ours has one
    return ", ".join(part for part in parts if part)


def sender(message: Message) -> str:
    """Who wrote it."""
    if message.sender_name:
        return one_line(phone(straight(message.sender_name)), 60)
    if message.direction is Direction.OUTBOUND:
        return translate("words", "You")
    return translate("words", "Customer")


def kind_of_file(message: Message) -> str:
    """What stands for a message without text when it is copied: "[Photo]"; empty for a text."""
    return f"[{kind(message.content.kind)}]" if message.content.media else ""


def short_name(name: str) -> str:
    """A colleague's name where there is little room: "Dewi W."."""
    parts = one_line(name, 60).split()
    if len(parts) < 2:
        return one_line(name, 24)
    return f"{parts[0][:20]} {parts[-1][0]}."
