"""Who is on the contacts page, in its order, and who is found there by what was typed.

What many have is found soon by walking the page in its order, the rest by an index of triples of
letters, of whose people those come first whose names begin first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from console.domain.ids import ContactId
from console.store import seeking
from console.store.database import Reading, Writing

Place = tuple[str, str]  # the name as search compares it, and the id

NEAR = 2_000  # people walked first
FAR = 10_000  # people walked then where more than a few have what is wanted, here and there
FEW = 250
MANY = 10_000  # people; to look so many up takes longer than to walk until enough are found
ROWS = 100  # brought into the index in one piece
RANGES = 32  # of the page read at first for those looked up, and then twice as many
NAMELESS = "\ue000"  # before the number of somebody without a name: comes after every letter
_HEAD = 8  # letters
_LAST = "\U0010ffff"
_TRIPLES = "people_triples"
_END = "\x01\x01"  # behind every needle: its last letters begin a triple, too
_BELOW = "(sort, contact_id) > (?, ?)"
_ORDER = "order by sort, contact_id limit ?"


def put(writing: Writing, contact_id: ContactId, sort: str, needle: str) -> None:
    """Have somebody stand at `sort` and be found by `needle`."""
    known = writing.one("select row, sort, needle from people where contact_id = ?", contact_id)
    if known is None:
        number = int(writing.value("select coalesce(max(row), 0) + 1 from people"))
        writing.run("insert into people values (?, ?, ?, ?)", sort, contact_id, needle, number)
        _index(writing, number, sort, needle)
        return
    writing.run(
        "update people set sort = ?, needle = ? where contact_id = ?", sort, needle, contact_id
    )
    if known[0] is not None and known[1:] != (sort, needle):
        _unindex(writing, known[0])
        _index(writing, known[0], sort, needle)


def drop(writing: Writing, contact_ids: Iterable[str]) -> None:
    """These are on the page no more."""
    for contact_id in contact_ids:
        number = writing.value("select row from people where contact_id = ?", contact_id)
        writing.run("delete from people where contact_id = ?", contact_id)
        if number is not None:
            _unindex(writing, number)


def drop_all(writing: Writing) -> None:
    """Nobody is."""
    writing.run("delete from people")
    writing.run("delete from people_heads")
    writing.run("insert into people_names (people_names) values ('delete-all')")


def forget(writing: Writing) -> None:
    """Letters that only somebody erased had leave the index's own pages."""
    writing.run("insert into people_names (people_names) values ('optimize')")


def number(writing: Writing) -> bool:
    """Some of an older version's people into the index; whether there are more."""
    rows = writing.all(
        "select contact_id, sort, needle from people where row is null limit ?", ROWS
    )
    first = int(writing.value("select coalesce(max(row), 0) + 1 from people"))
    for place, (contact_id, sort, needle) in enumerate(rows, first):
        writing.run("update people set row = ? where contact_id = ?", place, contact_id)
        _index(writing, place, sort, needle)
    return len(rows) == ROWS


def has_unnumbered(reading: Reading) -> bool:
    """Whether somebody is not in the index yet."""
    return reading.value("select 1 from people where row is null limit 1") is not None


def found(reading: Reading, wanted: Sequence[str], after: Place, limit: int) -> list[str]:
    """The ids of the next ones below `after` who have all that is wanted, in order."""
    ids, last = _walked(reading, wanted, after, limit, NEAR)
    if last is None:
        return ids
    letters, holders = "", MANY + 1
    if not has_unnumbered(reading):
        letters, holders = _letters(reading, wanted)
    if FEW < holders <= MANY and not _begins(reading, wanted):
        more, last = _walked(reading, wanted, last, limit - len(ids), FAR)
        ids += more
    if last is None or not holders:
        return ids
    if holders <= MANY:
        return ids + _looked_up(reading, letters, wanted, last, limit - len(ids))
    return ids + _walked(reading, wanted, last, limit - len(ids), -1)[0]


def _index(writing: Writing, number: int, sort: str, needle: str) -> None:
    writing.run("insert into people_names (rowid, needle) values (?, ?)", number, needle + _END)
    writing.run("insert into people_heads values (?, ?)", number, sort[:_HEAD])


def _unindex(writing: Writing, number: int) -> None:
    writing.run("delete from people_names where rowid = ?", number)
    writing.run("delete from people_heads where row = ?", number)


def _holds(wanted: Sequence[str]) -> str:
    return " and ".join("instr(needle, ?)" for _ in wanted)


def _walked(
    reading: Reading, wanted: Sequence[str], after: Sequence[str], limit: int, most: int
) -> tuple[list[str], Sequence[str] | None]:
    """Those of the next `most` people, of all for -1, and where to go on if that is not enough."""
    here = f"select contact_id, needle from people where {_BELOW} {_ORDER}"  # noqa: S608
    sql = f"select contact_id from ({here}) where {_holds(wanted)} limit ?"  # noqa: S608
    ids = [row[0] for row in reading.each(sql, *after, most, *wanted, limit)]
    if len(ids) == limit or most < 0:
        return ids, None
    last = f"select sort, contact_id from people where {_BELOW} {_ORDER} offset ?"  # noqa: S608
    return ids, reading.one(last, *after, 1, most - 1)


def _begins(reading: Reading, wanted: Sequence[str]) -> bool:
    """Whether names begin with what is wanted: then those who have it stand together."""
    sql = "select 1 from people where sort >= ? and sort < ? limit 1"
    return any(reading.value(sql, part, part + _LAST) is not None for part in wanted)


def _letters(reading: Reading, wanted: Sequence[str]) -> tuple[str, int]:
    """What to ask the index of triples for, and how many have it at most."""
    long = {part for part in wanted if len(part) >= seeking.TRIPLE}
    if long:
        triples = sorted({triple for part in long for triple in seeking.triples_of(part)})
        marks = ", ".join("?" * len(triples))
        found = reading.all(f"select doc from {_TRIPLES} where term in ({marks})", *triples)  # noqa: S608
        least = min(row[0] for row in found) if len(found) == len(triples) else 0
        return seeking.all_of(triples), least
    beginning = [seeking.beginning(reading, _TRIPLES, part) for part in set(wanted)]
    letters = " AND ".join(f"({seeking.any_of(terms)})" for terms in beginning)
    return letters, min(sum(terms.values()) for terms in beginning)


def _looked_up(
    reading: Reading, letters: str, wanted: Sequence[str], after: Sequence[str], limit: int
) -> list[str]:
    """The next ones of those whom the index of triples knows.

    Only the parts of the page are read where names begin as theirs do. Each of their rows by itself
    would lie anywhere, and be read, deciphered and thrown away for itself.
    """
    heads = [
        row[0]
        for row in reading.each(
            "select distinct head from people_heads where row in"
            " (select rowid from people_names where people_names match ?)"
            " and head >= ? order by head",
            letters,
            after[0][:_HEAD],
        )
    ]
    sql = (
        "select contact_id from json_each(?) j cross join people"  # noqa: S608 - our own words only
        " where sort between j.value ->> 0 and j.value ->> 1"
        f" and (+sort, contact_id) > (?, ?) and {_holds(wanted)}"
        " order by j.key, sort, contact_id limit ?"
    )
    ids: list[str] = []
    first, count = 0, RANGES
    while first < len(heads) and len(ids) < limit:
        ranges = [(head, _end(head)) for head in heads[first : first + count]]
        left = limit - len(ids)
        ids += [row[0] for row in reading.each(sql, json.dumps(ranges), *after, *wanted, left)]
        first, count = first + count, 2 * count
    return ids


def _end(head: str) -> str:
    """Behind the last name that begins so; what is shorter than a head is a whole name."""
    return head if len(head) < _HEAD else head + _LAST
