"""Search in messages and notes: their words, found newest first, as the agent types."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence

from console.domain.desk import SearchHit
from console.domain.ids import ConversationId, MessageId
from console.store.database import Database, Reading, Writing
from console.store.times import moment_of

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

        def work(reading: Reading) -> list[SearchHit]:
            words = [word for _, _, word in _tokens(reading, text.replace(_THREAD, " "))]
            if not words:
                return []
            match = " ".join(f'"{word}"' for word in words)
            whole = text[-1:].isspace()
            if not whole:
                match += "*"
            if conversation_id is not None:
                match += f' "{_thread(conversation_id)}"'
            start = _LATEST * _ROOM
            if before is not None:
                start = (
                    reading.value("select rowid from messages where id = ?", before.message_id)
                    or start
                )
            rows = reading.all(SQL, match, start, limit)
            return [
                SearchHit(
                    message_id=MessageId(row[0]),
                    conversation_id=ConversationId(row[1]),
                    timestamp=moment_of(row[2]),
                    name=row[3],
                    **_shown(reading, searchable(row[4], json.loads(row[5])), words, whole),  # type: ignore[arg-type]
                )
                for row in rows
            ]

        return await self._database.read(work)


SQL = (
    "select m.id, m.conversation_id, m.timestamp,"
    " case when l.name <> '' then l.name else coalesce(l.address, '') end, m.content, m.media"
    " from texts t join messages m on m.rowid = t.rowid"
    " left join listing l on l.conversation_id = m.conversation_id"
    " where t.texts match ? and t.rowid < ? order by t.rowid desc limit ?"
)


def _tokens(reading: Reading, text: str) -> list[tuple[int, int, str]]:
    """Every word: from which character to which, and folded."""
    raw = text.encode("utf-8", "replace")
    if len(raw) == len(text):
        return reading.tokens(raw)
    places = [
        place
        for place, character in enumerate(text)
        for _ in range(len(character.encode("utf-8", "replace")))
    ]
    places.append(len(text))
    return [(places[start], places[end], word) for start, end, word in reading.tokens(raw)]


def _shown(reading: Reading, text: str, words: Sequence[str], whole: bool) -> dict[str, object]:
    """The line around the first word found, and where in it the words stand."""
    line = " ".join(text[:_LONGEST].split())
    exact = set(words if whole else words[:-1])
    found = [
        (start, end)
        for start, end, token in _tokens(reading, line)
        if token in exact or (not whole and token.startswith(words[-1]))
    ]
    first = found[0][0] if found else 0
    start = 0
    if first > _BEFORE and len(line) > _SNIPPET:
        start = line.find(" ", first - _BEFORE, first) + 1 or first - _BEFORE
    shift = 0
    snippet = line[start : start + _SNIPPET]
    if start:
        snippet, shift = "…" + snippet, 1
    end_of_snippet = min(len(line), start + _SNIPPET)
    if end_of_snippet < len(line):
        snippet += "…"
    spans = tuple(
        (at - start + shift, min(end, end_of_snippet) - at)
        for at, end in found
        if start <= at < end_of_snippet
    )
    return {"snippet": snippet, "spans": spans}
