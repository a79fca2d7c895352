"""Contacts from a CSV file and into one: `balas contacts import` and `balas contacts export`."""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import psycopg
from psycopg.types.json import Jsonb

from console.domain.conversation import Channel
from console.domain.errors import EnvironmentFaultError, ExpectedError
from console.domain.phone import WHATSAPP_PREFIX, channel_of, dialled
from console.service.config import Config, Needs, load

# So many in one transaction: customers who write meanwhile wait for it.
BATCH = 200
_MOST_REASONS = 20

_NAMES = {
    "name": ("name", "nama"),
    "phone": ("phone", "number", "nomor", "telepon", "hp", "no_hp", "mobile"),
    "whatsapp": ("whatsapp", "wa"),
    "sms": ("sms",),
    "locale": ("locale", "language", "bahasa"),
    "notes": ("notes", "note", "catatan"),
    "blocked": ("blocked", "diblokir"),
    "opted_out": ("opted_out",),
    "created_at": ("created_at",),
}
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names}
_ATTRIBUTE = "attributes."
_YES = frozenset({"1", "yes", "y", "true", "ya", "x"})
_USER_ID = re.compile(r"[A-Z]{2}\.[0-9A-Za-z]{4,128}")
_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}")
# A program that opens the file would take such a cell for a formula.
_FORMULA = re.compile(r"['=+\-@\t\r]")

_IMPORT = "select private.import_contacts(%s, %s)"
_AUDIT = "select private.audit(%s, 'contacts', null, %s)"
_KEYS = """
    select distinct k from public.contacts p, jsonb_object_keys(p.attributes) k
     where p.merged_into is null order by k
"""


class _LineError(Exception):
    """Why one line cannot be taken, in a sentence."""


def import_file(
    path: Path,
    *,
    channel: str = Channel.WHATSAPP,
    country: str | None = None,
    overwrite: bool = False,
    dry_run: bool = False,
    config: Config | None = None,
) -> int:
    """Take in a file, 200 lines a transaction; prints how many were added, changed, refused, why.

    A number in a column `phone` is an address of `channel`; one without a country code is read as
    of `country` (two letters). Exit status 1 when lines were refused; the others are taken all the
    same, and taking the file in again changes nothing. Raises ExpectedError for what is no file of
    contacts.
    """
    counts: Counter[str] = Counter()
    reasons: list[str] = []
    with _source(path) as source, _database(config) as connection:
        lines = _lines(source)
        while block := list(islice(lines, BATCH)):
            ready, refused = [], []
            for number, line in block:
                try:
                    ready.append({"line": number, **_contact(line, channel, country)})
                except _LineError as error:
                    refused.append({"line": number, "outcome": "refused", "words": str(error)})
            with connection.transaction(force_rollback=dry_run):
                row = connection.execute(_IMPORT, (Jsonb(ready), overwrite)).fetchone()
            assert row is not None  # noqa: S101  a function answers with one row
            for answer in sorted([*row[0], *refused], key=lambda one: int(one["line"])):
                counts[answer["outcome"]] += 1
                if answer["outcome"] == "refused":
                    reasons.append(f"Line {answer['line']}: {answer['words']}")
        if not dry_run:
            connection.execute(_AUDIT, ("contacts_imported", Jsonb(dict(counts))))
    told = f"{counts['added']} added, {counts['changed']} changed, {counts['same']} as they were"
    print(f"{told}, {counts['refused']} refused.")  # noqa: T201  the command's output
    for reason in reasons[:_MOST_REASONS]:
        print(reason)  # noqa: T201  the command's output
    if len(reasons) > _MOST_REASONS:
        print(f"… and {len(reasons) - _MOST_REASONS} more.")  # noqa: T201  output
    if dry_run:
        print("Nothing was changed.")  # noqa: T201  the command's output
    return 1 if reasons else 0


def export_file(path: Path, *, inbox: str | None = None, config: Config | None = None) -> int:
    """Write every contact, or those of an inbox, to a new file that only its owner may read.

    `import_file` takes it in again. Raises ExpectedError when the file is there already.
    """
    with _database(config) as connection, connection.transaction():
        # All of it as it stood at one moment.
        connection.execute("set transaction isolation level repeatable read")
        inbox_id = _inbox(connection, inbox) if inbox else None
        keys = [row[0] for row in connection.execute(_KEYS)]
        with _target(path) as target, connection.cursor(name="contacts") as found:
            found.execute("select private.exported_contacts(%s)", (inbox_id,))
            writer = csv.writer(target, lineterminator="\r\n")
            writer.writerow([*_NAMES, *(_cell(_ATTRIBUTE + key) for key in keys)])
            count = 0
            for (contact,) in found:
                writer.writerow(_row(contact, keys))
                count += 1
            connection.execute(_AUDIT, ("contacts_exported", Jsonb({"contacts": count})))
    print(f"{count} contacts in {path}")  # noqa: T201  the command's output
    return 0


def _contact(line: Mapping[str, str], channel: str, country: str | None) -> dict[str, Any]:
    """One line as `private.import_contacts` takes it. `line` has no empty cells."""
    phone = line.get("phone")
    number = _number(phone, country) if phone else None
    addresses = [
        *(_address(one, Channel.WHATSAPP, country) for one in _several(line.get("whatsapp"))),
        *(_address(one, Channel.SMS, country) for one in _several(line.get("sms"))),
    ]
    if number and not addresses:
        addresses = [_address(number, Channel(channel), country)]
    addresses = list(dict.fromkeys(addresses))
    if not addresses:
        raise _LineError("There is no number.")
    attributes = {
        key.removeprefix(_ATTRIBUTE): value for key, value in line.items() if key not in _NAMES
    }
    locale = line.get("locale")
    if locale and not _LOCALE.fullmatch(locale):
        raise _LineError("This is no language; for example id or en.")
    if len(line.get("name", "")) > 200 or len(line.get("notes", "")) > 10_000:
        raise _LineError("The name or the notes are too long.")
    return {
        "name": " ".join(line["name"].split()) if "name" in line else None,
        "phone": number,
        "locale": locale,
        "notes": line.get("notes"),
        "blocked": line.get("blocked", "").casefold() in _YES,
        "attributes": attributes,
        "addresses": addresses,
        "opted_out": _opted_out(line.get("opted_out", ""), addresses),
    }


def _opted_out(cell: str, addresses: Sequence[str]) -> list[str]:
    """`yes` means all of them; else those that are named."""
    if cell.casefold() in _YES:
        return list(addresses)
    named = set(cell.split())
    return [address for address in addresses if address in named]


def _several(cell: str | None) -> list[str]:
    """The numbers of a cell: between them stands a comma, a semicolon, a slash or a line break."""
    return [one.strip() for one in re.split(r"[,;/|\n]", cell or "") if one.strip()]


def _address(text: str, channel: Channel, country: str | None) -> str:
    plain = text.removeprefix(WHATSAPP_PREFIX)
    if channel is Channel.WHATSAPP:
        return WHATSAPP_PREFIX + (plain if _USER_ID.fullmatch(plain) else _number(plain, country))
    return _number(plain, country)


def _number(text: str, country: str | None) -> str:
    number = dialled(text, country)
    if number is None:
        hint = "" if country else " Write it with its country code, or name a --country."
        raise _LineError(f"This is no number that can be written to.{hint}")
    return number


def _lines(source: TextIO) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line's number and its cells by field; empty cells and empty lines are left out."""
    try:
        first = source.readline()
        separator = max(",;\t", key=first.count)
        header = [_field(name) for name in next(csv.reader([first], delimiter=separator), [])]
        if not {"phone", "whatsapp", "sms"} & set(header):
            raise ExpectedError(
                "The file has no column of numbers.",
                "Its first line must name the columns.",
                fix="Name one of them phone, whatsapp or sms.",
            )
        if len(set(header)) < len(header):
            raise ExpectedError("Two columns of the file have the same meaning.", ", ".join(header))
        reader = csv.reader(source, delimiter=separator)
        for cells in reader:
            line = {
                field: text
                for field, cell in zip(header, cells, strict=False)
                if field and (text := _text(cell))
            }
            if line:
                yield reader.line_num + 1, line
    except UnicodeDecodeError as error:
        raise ExpectedError(
            "The file is not UTF-8.", fix="Save it as CSV UTF-8 and try again."
        ) from error
    except csv.Error as error:
        raise ExpectedError("The file is no CSV.", str(error)) from error


def _field(name: str) -> str:
    plain = name.strip().removeprefix("'")
    return _FIELD_OF.get(plain.casefold().replace(" ", "_"), plain)


def _text(cell: str) -> str:
    text = cell.replace("\0", "").strip()
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def _cell(text: object) -> str:
    """Text of a customer as a cell that no program takes for a formula."""
    plain = "" if text is None else str(text)
    return f"'{plain}" if _FORMULA.match(plain) else plain


def _row(contact: Mapping[str, Any], keys: Iterable[str]) -> list[str]:
    by_channel: dict[Channel, list[str]] = {Channel.WHATSAPP: [], Channel.SMS: []}
    for address in contact["addresses"]:
        by_channel[channel_of(address)].append(address.removeprefix(WHATSAPP_PREFIX))
    attributes = contact["attributes"]
    return [
        _cell(contact["name"]),
        contact["phone"] or "",
        ", ".join(by_channel[Channel.WHATSAPP]),
        ", ".join(by_channel[Channel.SMS]),
        contact["locale"] or "",
        _cell(contact["notes"]),
        "yes" if contact["blocked"] else "",
        " ".join(contact["opted_out"]),
        contact["created_at"],
        *(_cell(attributes.get(key)) for key in keys),
    ]


@contextmanager
def _source(path: Path) -> Iterator[TextIO]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as source:
            yield source
    except OSError as error:
        raise ExpectedError("The file cannot be read.", f"{path}: {error.strerror}") from error


@contextmanager
def _target(path: Path) -> Iterator[TextIO]:
    """A new private file; gone again when writing it fails."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise ExpectedError(
            "This file is there already.", str(path), fix="Name another one."
        ) from error
    except OSError as error:
        raise ExpectedError("The file cannot be written.", f"{path}: {error.strerror}") from error
    try:
        # the mark by which spreadsheets know UTF-8
        with open(handle, "w", encoding="utf-8-sig", newline="") as target:
            yield target
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise EnvironmentFaultError(
                "The file cannot be written.", f"{path}: {error.strerror}"
            ) from error
        raise


def _inbox(connection: psycopg.Connection[Any], name: str) -> Any:
    rows = connection.execute(
        "select id from public.inboxes where (name = %s or address = %s) and not hidden",
        (name, name),
    ).fetchall()
    if len(rows) != 1:
        raise ExpectedError(
            "Several inboxes have this name." if rows else "There is no such inbox.", name
        )
    return rows[0][0]


@contextmanager
def _database(config: Config | None) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    chosen = config or load(os.environ, Needs.DATABASE)
    try:
        with psycopg.connect(
            chosen.database_url, connect_timeout=10, autocommit=True, prepare_threshold=None
        ) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise EnvironmentFaultError(
            "The database does not answer.", fix="Check SUPABASE_DB_URL."
        ) from error
    except psycopg.ProgrammingError as error:
        raise EnvironmentFaultError(
            "The database is not ready.", str(error.sqlstate), fix="Run balas migrate."
        ) from error
