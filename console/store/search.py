"""Search in messages and notes: their words, found newest first, as the agent types."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.domain.ids import ConversationId, MessageId
from console.store.database import Database, Reading, Row, Writing
from console.store.times import moment_of

if TYPE_CHECKING:
    from console.domain.desk import SearchHit

# A message's number in the index is its rowid: its time in microseconds, and room for others of
# the same microsecond. So numbers grow with time, and the newest need no sorting.
_ROOM = 2048
_LATEST = (1 << 63) // _ROOM - 1  # the year 2115
# Numbers below are counted by SQLite in a store of an older version: not in the index yet.
FIRST = 1 << 40

# Before a conversation's id in the index. It is of a private use in Unicode: a letter for the
# index, and nothing that anyone types.
_THREAD = "\ue000"
_LONGEST = 20_000  # characters of one message that are searched for the place to show
_BEFORE, _SNIPPET = 24, 120  # characters
BEGINNING = 3  # letters; longer beginnings of words are not in the index (0003_desk.sql)
_MOST_WORDS = 32  # of a search
_GLANCE = 250  # messages


def number_for(writing: Writing, timestamp: int) -> int:
    """A rowid that no message has, by its time in microseconds."""
    base = min(max(timestamp, FIRST), _LATEST) * _ROOM
    number, spread = base, _ROOM
    while writing.value("select 1 from messages where rowid = ?", number) is not None:
        # Imported rows may all have one time: the more there are, the further they spread.
        number = base + random.randrange(spread)  # noqa: S311 - guards nothing
        spread *= 2
    return number


def searchable(content: str | None, media: Sequence[object]) -> str:
    """The text of a message that search looks at: what was written, and the files' names."""
    names = (item.get("name") for item in media if isinstance(item, dict))
    return "\n".join(part for part in (content, *names) if part)


def index(writing: Writing, number: int, conversation_id: str, text: str) -> None:
    """Have a message found by its words. Not for one that is in the index already."""
    if text:
        writing.indexed += 1
        writing.run(
            "insert into texts (rowid, content) values (?, ?)",
            number,
            f"{text.replace(_THREAD, ' ')} {_thread(conversation_id)}",
        )


def unindex(writing: Writing, number: int) -> None:
    """Have a message found no more."""
    if number >= FIRST:
        writing.run("delete from texts where rowid = ?", number)


def _thread(conversation_id: str) -> str:
    return _THREAD + "".join(c for c in conversation_id if c.isalnum())


class Search:
    """What the search screen reads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._all: _All | None = None

    async def messages(
        self,
        text: str,
        *,
        conversation_id: ConversationId | None = None,
        before: SearchHit | None = None,
        limit: int = 50,
    ) -> list[SearchHit]:
        """Messages and notes with every word of `text`, newest first, below `before`.

        The last word may be unfinished. Case and accents do not matter, and no sign has a meaning.
        """
        writes = self._database.writes

        def work(reading: Reading) -> list[SearchHit]:
            typed = [word for _, _, word in _tokens(reading, text.replace(_THREAD, " "))]
            if not typed:
                return []
            # Each word costs a look into the index: a page of text that was pasted, said twice or
            # not, is found by its first words and the one being typed.
            words = [*list(dict.fromkeys(typed[:-1]))[:_MOST_WORDS], typed[-1]]
            start = _LATEST * _ROOM
            if before is not None:
                start = (
                    reading.value("select rowid from messages where id = ?", before.message_id)
                    or start
                )
            wanted = _Wanted(words, text[-1:].isspace(), conversation_id)
            known = self._all
            if known is not None and known.writes == writes and known.hold(wanted, start):
                rows = [row for row in known.rows if wanted.is_met(reading, row)][:limit]
            else:
                rows = _found(reading, wanted, start, limit)
            if before is None and len(rows) < limit:
                self._all = _All(wanted, rows, writes)
            return [_hit(reading, row, wanted) for row in rows]

        return await self._database.read(work)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The words, folded; the last may be unfinished unless `whole`."""

    words: Sequence[str]
    whole: bool
    conversation_id: ConversationId | None

    def match(self, longest: int | None = None) -> str:
        """The query; of an unfinished word only so many letters, if given."""
        *finished, last = self.words
        parts = [f'"{word}"' for word in finished]
        parts.append(f'"{last}"' if self.whole else f'"{last[:longest]}"*')
        if self.conversation_id is not None:
            parts.append(f'"{_thread(self.conversation_id)}"')
        return " ".join(parts)

    def narrows(self, other: _Wanted) -> bool:
        """Whether nothing can be found by this that `other` does not find."""
        mine = self.words if self.whole else self.words[:-1]
        theirs = other.words if other.whole else other.words[:-1]
        begun = other.whole or any(word.startswith(other.words[-1]) for word in self.words)
        return self.conversation_id == other.conversation_id and begun and set(theirs) <= set(mine)

    def is_met(self, reading: Reading, row: Row) -> bool:
        """Whether a row, which is of the right conversation, has all words."""
        text = searchable(row[4], json.loads(row[5])).replace(_THREAD, " ")
        words = {word for _, _, word in _tokens(reading, text)}
        return words.issuperset(self.words[:-1]) and any(map(self.is_last, words))

    def holds(self, word: str) -> bool:
        return word in self.words[:-1] or self.is_last(word)

    def is_last(self, word: str) -> bool:
        return word == self.words[-1] if self.whole else word.startswith(self.words[-1])


@dataclass(frozen=True, slots=True)
class _All:
    """Everything that a search found: what narrows it is found in there, without the index.

    Two words that many messages have, and none has both, take the index some ten milliseconds to
    be sure of; whoever types the second to its end would wait for that with each letter.
    """

    wanted: _Wanted
    rows: Sequence[Row]
    writes: int

    def hold(self, wanted: _Wanted, start: int) -> bool:
        """Whether all that is wanted from `start` downwards is in here."""
        return start == _LATEST * _ROOM and wanted.narrows(self.wanted)


SQL = (
    "select m.id, m.conversation_id, m.timestamp,"
    " case when l.name <> '' then l.name else coalesce(l.address, '') end, m.content, m.media,"
    " coalesce(l.status, 'open')"
    " from texts t join messages m on m.rowid = t.rowid"
    " left join listing l on l.conversation_id = m.conversation_id"
    " where t.texts match ? and t.rowid < ? order by t.rowid desc limit ?"
)


def _found(reading: Reading, wanted: _Wanted, start: int, limit: int) -> list[Row]:
    """The next rows below `start`.

    For an unfinished word longer than the index of beginnings knows, the index would first gather
    every message with such a word. So what begins alike is looked at first, one by one: a common
    word is found among it soon, and of a rare one there is little to gather.
    """
    if wanted.whole or len(wanted.words[-1]) <= BEGINNING:
        return reading.all(SQL, wanted.match(), start, limit)
    found: list[Row] = []
    seen = 0
    for row in reading.each(SQL, wanted.match(BEGINNING), start, _GLANCE):
        seen += 1
        text = searchable(row[4], json.loads(row[5]))[:_LONGEST]
        if any(wanted.is_last(word) for _, _, word in _tokens(reading, text)):
            found.append(row)
        if len(found) == limit:
            return found
    return found if seen < _GLANCE else reading.all(SQL, wanted.match(), start, limit)


def _hit(reading: Reading, row: Row, wanted: _Wanted) -> SearchHit:
    """A row with the line around the first word found, and where in it the words stand."""
    line = " ".join(searchable(row[4], json.loads(row[5]))[:_LONGEST].split())
    found = [(start, end) for start, end, word in _tokens(reading, line) if wanted.holds(word)]
    first = found[0][0] if found else 0
    start = 0
    if first > _BEFORE and len(line) > _SNIPPET:
        start = line.find(" ", first - _BEFORE, first) + 1 or first - _BEFORE
    end = min(len(line), start + _SNIPPET)
    opening = "…" if start else ""
    from console.domain.conversation import ConversationStatus
    from console.domain.desk import SearchHit  # once something was found

    return SearchHit(
        message_id=MessageId(row[0]),
        conversation_id=ConversationId(row[1]),
        timestamp=moment_of(row[2]),
        name=row[3],
        snippet=opening + line[start:end] + ("…" if end < len(line) else ""),
        spans=tuple(
            (at - start + len(opening), min(until, end) - at)
            for at, until in found
            if start <= at < end
        ),
        status=ConversationStatus(row[6]),
    )


def _tokens(reading: Reading, text: str) -> list[tuple[int, int, str]]:
    """Every word: from which character to which, and folded."""
    raw = text.encode("utf-8", "replace")
    tokens = reading.tokens(raw)
    if len(raw) == len(text):
        return tokens
    found = []
    at = read = 0  # the same place, in characters and in bytes
    for start, end, word in tokens:
        first = at + len(raw[read:start].decode())
        at, read = first + len(raw[start:end].decode()), end
        found.append((first, at, word))
    return found
