"""Search in the inbox list: the rows whose names and numbers hold what was typed, in order.

What many rows have is found soon by walking the list in its order; what few rows have is found by
the index of names and sorted. Neither looks at more than some thousand rows, however many there
are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from console.domain.conversation import Sort
from console.store.database import Reading
from console.store.places import Stretch

NEAR, FAR = 1_000, 20_000  # rows walked: at first, and then where many have what is wanted
MANY = 250  # rows; to look up and sort more takes longer than to walk until enough are found
TRIPLE = 3  # letters; what is shorter is not in the index of names
_LAST = "\U0010ffff"
_KEYS = {Sort.NEWEST: "n.newest", Sort.WAITING: "n.waiting", Sort.WINDOW: "n.closing"}


class _Among(NamedTuple):
    """A selection of row numbers."""

    sql: str
    values: tuple[str, ...]


def found(
    reading: Reading, sort: Sort, stretches: Sequence[Stretch], wanted: str, limit: int
) -> list[int]:
    """The numbers of the next rows that hold what is wanted, in order."""
    rows, rest = _walked(reading, sort, stretches, wanted, limit, NEAR)
    if not rest:
        return rows
    among = _holders(reading, wanted)
    if any(_are_many(reading, each) for each in among):
        more, rest = _walked(reading, sort, rest, wanted, limit - len(rows), FAR)
        rows += more
    return rows + _sorted(reading, among, sort, rest, wanted, limit - len(rows)) if rest else rows


def next_sql(sort: Sort, stretch: Stretch, what: str) -> str:
    """Some rows of a stretch in order, out of an index that has all that is asked of them."""
    key = (_KEYS[sort], "n.row")
    return (
        f"select {what} from needles n where {stretch.beyond(*key)}"  # noqa: S608 - our own words
        f" order by {stretch.order(*key)} limit ?"
    )


def _walked(
    reading: Reading,
    sort: Sort,
    stretches: Sequence[Stretch],
    wanted: str,
    limit: int,
    most: int,
) -> tuple[list[int], Sequence[Stretch]]:
    """What of the next `most` rows holds it, and what to look at then if that is not enough."""
    rows: list[int] = []
    for number, stretch in enumerate(stretches):
        at = (stretch.key, stretch.row)
        here = next_sql(sort, stretch, "n.row, n.needle")
        rows += _numbers(
            reading,
            f"select row from ({here}) where instr(needle, ?) limit ?",  # noqa: S608
            *at,
            most,
            wanted,
            limit - len(rows),
        )
        if len(rows) == limit:
            return rows, ()
        last = reading.one(
            f"{next_sql(sort, stretch, f'{_KEYS[sort]}, n.row')} offset ?", *at, 1, most - 1
        )
        if last is not None:
            below = replace(stretch, key=int(last[0]), row=int(last[1]))
            return rows, (below, *stretches[number + 1 :])
        count = f"select count(*) from ({next_sql(sort, stretch, '1')})"  # noqa: S608
        most -= int(reading.value(count, *at, most))
    return rows, ()


def _holders(reading: Reading, wanted: str) -> list[_Among]:
    """All rows that hold what is wanted, and few others, in no order."""
    match = "select rowid from names where names match ?"
    if len(wanted) >= TRIPLE:
        return [_Among(match, (all_of(triples_of(wanted)),))]
    begins = (wanted, wanted + _LAST)
    triples = beginning(reading, "triples", wanted) or {"": 0}  # which matches nothing
    among = [
        _Among(match, (any_of(triples),)),
        _Among(
            "select row from needles where substr(needle, -2) >= ? and substr(needle, -2) < ?",
            begins,
        ),
    ]
    if len(wanted) == 1:
        among.append(_Among("select row from needles where substr(needle, -1) = ?", (wanted,)))
    return among


def triples_of(wanted: str) -> set[str]:
    """The triples that whoever has `wanted` has: so few that every letter is in one."""
    last = len(wanted) - TRIPLE
    return {wanted[at : at + TRIPLE] for at in (*range(0, last, TRIPLE), last)}


def beginning(reading: Reading, vocabulary: str, wanted: str) -> dict[str, int]:
    """The triples there are that begin with one or two letters, and how many have each."""
    sql = f"select term, doc from {vocabulary} where term >= ? and term < ?"  # noqa: S608
    return dict(reading.each(sql, wanted, wanted + _LAST))


def all_of(triples: Iterable[str]) -> str:
    """What to ask an index of triples for, each of which is a list to read."""
    return " AND ".join(map(_quoted, sorted(triples)))


def any_of(triples: Iterable[str]) -> str:
    """The same for those who have one of them."""
    return " OR ".join(map(_quoted, sorted(triples)))


def _quoted(triple: str) -> str:
    return '"' + triple.replace('"', '""') + '"'


def _are_many(reading: Reading, among: _Among) -> bool:
    """Counting costs little: it reads the index only."""
    count = f"select count(*) from ({among.sql} limit {MANY + 1})"  # noqa: S608
    return int(reading.value(count, *among.values)) > MANY


def _sorted(
    reading: Reading,
    among: Sequence[_Among],
    sort: Sort,
    stretches: Sequence[Stretch],
    wanted: str,
    limit: int,
) -> list[int]:
    rows: list[int] = []
    union = " union all ".join(each.sql for each in among)
    for stretch in stretches:
        key = (_KEYS[sort], "n.row")
        rows += _numbers(
            reading,
            f"select n.row from needles n where n.row in ({union}) and instr(n.needle, ?)"  # noqa: S608
            f" and {stretch.beyond(*key)} order by {stretch.order(*key)} limit ?",
            *(value for each in among for value in each.values),
            wanted,
            stretch.key,
            stretch.row,
            limit - len(rows),
        )
    return rows


def _numbers(reading: Reading, sql: str, *values: object) -> list[int]:
    return [row[0] for row in reading.each(sql, *values)]
