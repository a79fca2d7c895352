"""The palette's lines, and how they are put together from what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from console.domain.contact import FoundContacts
from console.domain.conversation import ConversationRow, ConversationStatus
from console.domain.desk import SearchHit
from console.domain.feed import ConversationFacts
from console.domain.finding import folded
from console.ui import words
from console.ui.language import translate
from console.ui.models.marks import set_aside

FIRST_HITS = 5  # messages above the actions; the others come below them
MOST_PEOPLE = 4
MOST_ACTIONS = 6


class Kind(Enum):
    """What a line is; titles and remarks cannot be chosen."""

    TITLE = auto()
    ACTION = auto()
    PERSON = auto()
    MESSAGE = auto()
    REMARK = auto()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `key` is its own: what is found twice has it twice."""

    kind: Kind
    key: str
    words: str
    note: str = ""
    state: str = ""  # where the conversation is, unless among the open ones
    keys: str = ""
    moment: datetime | None = None
    spans: tuple[tuple[int, int], ...] = ()
    hit: SearchHit | None = None
    row: ConversationRow | None = None
    found: FoundContacts | None = None  # somebody whom only the server knew

    @property
    def can_be_chosen(self) -> bool:
        return self.kind not in (Kind.TITLE, Kind.REMARK)

    @property
    def spoken(self) -> str:
        """The line for screen readers."""
        parts = (self.words, self.state, self.note, self.keys)
        return ", ".join(part for part in parts if part)


def title(key: str, text: str) -> Entry:
    """The heading of a section."""
    return Entry(Kind.TITLE, f"title:{key}", text)


def person(row: ConversationRow) -> Entry:
    """Somebody one can write to: their conversation."""
    number = words.phone(row.address)
    name = words.title(row)
    note = " · ".join(part for part in (number if number != name else "", row.inbox_name) if part)
    state = set_aside(row.status)
    return Entry(
        Kind.PERSON, f"person:{row.id}", name, note, state, row=row, moment=row.last_message_at
    )


def stranger(facts: ConversationFacts, found: FoundContacts) -> Entry:
    """Somebody of the server's, by their conversation there."""
    line = found.lines[0]
    number = words.phone(line.address)
    name = words.one_line(line.name, 60) or number
    note = number if number != name else ""
    return Entry(
        Kind.PERSON,
        f"person:{facts.id}",
        name,
        note,
        set_aside(ConversationStatus(facts.status)),
        moment=facts.last_message_at,
        found=found,
    )


def strangers(found: FoundContacts) -> list[Entry]:
    """Those of them whose conversation can be opened, best first."""
    return [
        stranger(facts, found.of(line.id))
        for line in found.lines
        for facts in found.conversations
        if facts.contact_id == line.id
    ]


def message(hit: SearchHit) -> Entry:
    """A message that was found."""
    name = words.one_line(words.phone(hit.name), 60) or translate("palette", "Unknown")
    return Entry(
        Kind.MESSAGE,
        f"message:{hit.message_id}",
        name,
        hit.snippet,
        set_aside(hit.status),
        moment=hit.timestamp,
        spans=hit.spans,
        hit=hit,
    )


def remark(text: str) -> Entry:
    """What is going on, at the very end."""
    return Entry(Kind.REMARK, "remark", text)


def matching(actions: Sequence[Entry], typed: str) -> list[Entry]:
    """The actions with a word beginning like each one typed, those that begin so first."""
    wanted = folded(typed).split()
    if not wanted:
        return list(actions)
    found = [entry for entry in actions if _begins(entry.words, wanted)]
    found.sort(key=lambda entry: not folded(entry.words).startswith(wanted[0]))
    return found


def _begins(text: str, wanted: Sequence[str]) -> bool:
    parts = folded(text).split()
    return all(any(part.startswith(word) for part in parts) for word in wanted)


def empty_palette(recent: Sequence[ConversationRow], actions: Sequence[Entry]) -> list[Entry]:
    """Before anything is typed: who was here last, and all there is to do."""
    made: list[Entry] = []
    if recent:
        made.append(title("recent", translate("palette", "Recent conversations")))
        made += [person(row) for row in recent[:MOST_PEOPLE]]
    made.append(title("actions", translate("palette", "Actions")))
    return made + list(actions)


def found_palette(
    people: Sequence[ConversationRow], hits: Sequence[SearchHit], actions: Sequence[Entry]
) -> list[Entry]:
    """What this machine knows: people, the newest messages, actions, then the other messages."""
    made: list[Entry] = []
    if people:
        made.append(title("people", translate("palette", "Contacts")))
        made += [person(row) for row in people[:MOST_PEOPLE]]
    if hits:
        made.append(title("messages", translate("palette", "Messages")))
        made += [message(hit) for hit in hits[:FIRST_HITS]]
    if actions:
        made.append(title("actions", translate("palette", "Actions")))
        made += actions[:MOST_ACTIONS]
    if hits[FIRST_HITS:]:
        made.append(older_title())
        made += [message(hit) for hit in hits[FIRST_HITS:]]
    return made


def older_title() -> Entry:
    """The heading of all other messages, this machine's and the server's."""
    return title("older", translate("palette", "More messages"))


def place_for_people(
    shown: Sequence[Entry], people: Sequence[Entry], chosen: int
) -> tuple[int, list[Entry]]:
    """Where people that came later belong, with their heading: above the other messages, but below
    what is chosen. Nothing where all of them stand there already."""
    known = {entry.key for entry in shown}
    fresh = [entry for entry in people if entry.key not in known][:MOST_PEOPLE]
    end = len(shown)
    while end and shown[end - 1].kind is Kind.REMARK:
        end -= 1
    older = next((i for i, entry in enumerate(shown) if entry.key == "title:older"), end)
    heading = title("strangers", translate("palette", "More contacts"))
    return (older if older > chosen else end), [heading, *fresh] if fresh else []


def places_for(
    shown: Sequence[Entry], more: Sequence[SearchHit], chosen: int
) -> Mapping[int, list[Entry]]:
    """Where hits that came later belong: row → entries before it, counted in `shown`.

    Newest first within the last section, and never above `chosen`: what one is about to take must
    not move under one's hand. What is shown already stays as it is.
    """
    known = {entry.key for entry in shown}
    fresh = [message(hit) for hit in more]
    fresh = [entry for entry in fresh if entry.key not in known]
    end = len(shown)
    while end and shown[end - 1].kind is Kind.REMARK:
        end -= 1
    start = next((i + 1 for i, entry in enumerate(shown) if entry.key == "title:older"), None)
    made: dict[int, list[Entry]] = {}
    if not fresh:
        return made
    if start is None:
        return {end: [older_title(), *fresh]}
    place = max(start, chosen + 1)
    for entry in fresh:
        while place < end and _is_newer(shown[place], entry):
            place += 1
        made.setdefault(place, []).append(entry)
    return made


def _is_newer(first: Entry, second: Entry) -> bool:
    return (first.moment is not None and second.moment is not None) and (
        first.moment >= second.moment
    )
