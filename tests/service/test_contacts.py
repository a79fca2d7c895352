"""Contacts from a file and into one: safe to repeat, private, harmless in a spreadsheet."""

from __future__ import annotations

import csv
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console import cli
from console.domain.errors import ExpectedError
from console.domain.phone import dialled
from console.service import contacts
from console.service.config import Config
from tests.conftest import Database as Clone
from tests.service.conftest import Rows, config_of

SITI = "whatsapp:+6281234567890"


@pytest.fixture
def config(database: Clone) -> Config:
    return config_of(database.dsn)


@pytest.fixture
def take(config: Config, tmp_path: Path) -> Callable[..., int]:
    """Takes in a file of this text."""

    def act(text: str | bytes, **options: Any) -> int:
        path = tmp_path / "contacts.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return contacts.import_file(path, config=config, **options)

    return act


def people(rows: Rows) -> list[dict[str, Any]]:
    return rows.all(
        "select name, phone, locale, notes, blocked, attributes, (select array_agg(address order by"
        " address) from public.contact_addresses a where a.contact_id = c.id) as addresses"
        " from public.contacts c order by name"
    )


FILE = """Nama;No HP;SMS;Bahasa;Catatan;Kota
Siti;+62 812-3456-7890;;id;"Langganan
lama";Bogor
Tono;;0812 9999 9999;;;

"""


def test_a_file_of_a_spreadsheet_is_taken_in_and_once_only(
    rows: Rows, take: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert take(b"\xef\xbb\xbf" + FILE.encode(), country="ID") == 0
    before = people(rows)
    assert before == [
        {
            "name": "Siti",
            "phone": "+6281234567890",
            "locale": "id",
            "notes": "Langganan\nlama",
            "blocked": False,
            "attributes": {"Kota": "Bogor"},
            "addresses": [SITI],
        },
        {
            "name": "Tono",
            "phone": None,
            "locale": None,
            "notes": None,
            "blocked": False,
            "attributes": {},
            "addresses": ["+6281299999999"],
        },
    ]
    assert take(FILE, country="ID") == 0
    assert people(rows) == before
    assert capsys.readouterr().out.splitlines() == [
        "2 added, 0 changed, 0 as they were, 0 refused.",
        "0 added, 0 changed, 2 as they were, 0 refused.",
    ]
    noted = rows.all("select action, data, actor_id from public.audit_log order by id")
    assert noted[-1] == {"action": "contacts_imported", "data": {"same": 2}, "actor_id": None}


def test_what_we_know_stays_unless_the_file_knows_better(
    rows: Rows, take: Callable[..., int]
) -> None:
    take("name,whatsapp,kota\nSiti,+6281234567890,Bogor\n")
    more = (
        "name,whatsapp,sms,notes,kota,usia\nIbu Siti,+6281234567890,+6281234567890,x,Jakarta,50\n"
    )
    take(more)
    (row,) = people(rows)
    assert (row["name"], row["notes"]) == ("Siti", "x")
    assert row["attributes"] == {"kota": "Bogor", "usia": "50"}
    assert row["addresses"] == ["+6281234567890", SITI]
    take(more, overwrite=True)
    take("name,whatsapp,kota\n,+6281234567890,\n", overwrite=True)
    (row,) = people(rows)
    assert (row["name"], row["attributes"]["kota"]) == ("Ibu Siti", "Jakarta")


def test_a_file_blocks_and_silences_and_never_the_other_way_round(
    rows: Rows, take: Callable[..., int]
) -> None:
    take("whatsapp,sms,blocked,opted_out\n+6281234567890,+6281234567890,ya,+6281234567890\n")
    silent = "select address from public.contact_addresses where opted_out_at is not null"
    assert [row["address"] for row in rows.all(silent)] == ["+6281234567890"]
    take("whatsapp,sms,blocked,opted_out\n+6281234567890,+6281234567890,no,\n", overwrite=True)
    assert [row["address"] for row in rows.all(silent)] == ["+6281234567890"]
    assert people(rows)[0]["blocked"] is True


def test_lines_that_are_no_contacts_are_named_and_the_others_taken(
    rows: Rows, take: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    rows.do(
        "insert into public.inboxes (name, channel, address)"
        " values ('Toko', 'whatsapp', 'whatsapp:+628110000001')"
    )
    take("name,whatsapp\nSiti,+6281234567890\nTono,+6281299999999\n")
    capsys.readouterr()
    text = (
        "name,whatsapp,locale,{x}\n"
        "a,0812,,\n"
        "b,,,\n"
        "c,+628110000001,,\n"
        'd,"+6281234567890, +6281299999999",,\n'
        "e,+6285550000001,Bahasa Indonesia,\n"
        "f,+6285550000001,,y\n"
        f"{'g' * 201},+6285550000001,,\n"
        "h,+6285550000002,,\n"
    )
    assert take(text) == 1
    assert capsys.readouterr().out.splitlines() == [
        "1 added, 0 changed, 0 as they were, 7 refused.",
        "Line 2: This is no number that can be written to."
        " Write it with its country code, or name a --country.",
        "Line 3: There is no number.",
        "Line 4: This is our own number.",
        "Line 5: These numbers belong to several contacts.",
        "Line 6: This is no language; for example id or en.",
        "Line 7: An attribute is a name of at most 60 characters and a value of at most 1,000.",
        "Line 8: The name or the notes are too long.",
    ]
    assert [row["name"] for row in people(rows)] == ["Siti", "Tono", "h"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no column of numbers"),
        ("name,city\na,b\n", "no column of numbers"),
        ("hp,phone\n+6281,+6281\n", "same meaning"),
        (b"name,phone\n\xff\xfe,+6281\n", "UTF-8"),
        ("name,phone\n" + "x" * 200_000 + ",+6281\n", "no CSV"),
    ],
)
def test_what_is_no_file_of_contacts_is_refused(
    rows: Rows, take: Callable[..., int], text: str | bytes, words: str
) -> None:
    with pytest.raises(ExpectedError, match=words):
        take(text)
    assert people(rows) == []


def test_a_trial_changes_nothing(
    rows: Rows, take: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert take(FILE, country="ID", dry_run=True) == 0
    assert capsys.readouterr().out.startswith("2 added")
    assert people(rows) == []


def test_the_same_file_taken_in_by_two_at_once_is_taken_in_once(
    rows: Rows, config: Config, tmp_path: Path
) -> None:
    path = tmp_path / "contacts.csv"
    lines = [f"P{n},+62812{n:08d}" for n in range(450)]
    path.write_text("\n".join(["name,whatsapp", *lines]))
    backwards = tmp_path / "backwards.csv"
    backwards.write_text("\n".join(["name,whatsapp", *reversed(lines)]))
    started = [
        threading.Thread(target=contacts.import_file, args=(one,), kwargs={"config": config})
        for one in (path, backwards)
    ]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    assert rows.value("select count(*) from public.contacts") == 450
    assert rows.value("select count(*) from public.contact_addresses") == 450


# Export -------------------------------------------------------------------------------------------


def test_what_is_exported_is_private_and_comes_in_again_as_it_was(
    rows: Rows,
    take: Callable[..., int],
    config: Config,
    tmp_path: Path,
    new_database: Callable[[str], Clone],
    migrated_template: Clone,
) -> None:
    take(FILE, country="ID")
    take(
        "name,whatsapp,attributes.nama\n"
        "'=1+1,ID.4566546130240823,\"'-x\"\n"
        "'+62 Budi,+6285550000001,\n"
    )
    rows.do("update public.contacts set blocked = true where name = 'Tono'")
    rows.do("update public.contact_addresses set opted_out_at = now() where address = %s", SITI)
    target = tmp_path / "out.csv"
    assert contacts.export_file(target, config=config) == 0
    assert target.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ExpectedError, match="there already"):
        contacts.export_file(target, config=config)

    other = new_database(migrated_template.name)
    contacts.import_file(target, config=config_of(other.dsn))
    with other.connect() as connection:
        assert people(Rows(connection)) == people(rows)
        silent = connection.execute(
            "select address from public.contact_addresses where opted_out_at is not null"
        ).fetchall()
    assert silent == [(SITI,)]
    assert rows.value("select data from public.audit_log where action = 'contacts_exported'") == {
        "contacts": 4
    }


def test_no_cell_is_a_formula(rows: Rows, config: Config, tmp_path: Path) -> None:
    evil = ["=cmd|' /C calc'!A0", "@SUM(A1)", "-1+1", "\t=1", "+1;2", "'=1", 'a,"b"\n=c']
    for number, name in enumerate(evil):
        rows.do(
            "with p as (insert into public.contacts (name, notes, attributes)"
            " values (%s, %s, jsonb_build_object('=x', %s::text)) returning id)"
            " insert into public.contact_addresses (contact_id, address, channel)"
            " select id, %s, 'sms' from p",
            name,
            name,
            name,
            f"+62812000000{number}",
        )
    target = tmp_path / "out.csv"
    contacts.export_file(target, config=config)
    with target.open(encoding="utf-8-sig", newline="") as source:
        header, *lines = csv.reader(source)
    assert len(lines) == len(evil)
    texts = [place for place, name in enumerate(header) if name in ("name", "notes")]
    for line in lines:
        for place in (*texts, -1):
            assert line[place][0] not in "=+-@\t\r", line
    names = {contacts._text(line[header.index("name")]) for line in lines}
    assert names == set(evil)


def test_contacts_of_one_inbox_and_none_that_were_merged_away(
    rows: Rows, take: Callable[..., int], config: Config, tmp_path: Path
) -> None:
    take("name,whatsapp\nSiti,+6281234567890\nTono,+6281299999999\nBudi,+6285550000001\n")
    rows.do("insert into public.inboxes (name, channel) values ('Toko', 'whatsapp')")
    rows.do(
        "select private.conversation_for(i.id, c.id) from public.inboxes i, public.contacts c"
        " where c.name <> 'Budi'"
    )
    rows.do(
        "update public.contacts set merged_into ="
        " (select id from public.contacts where name = 'Siti') where name = 'Tono'"
    )
    for inbox, names in (("Toko", ["Siti"]), (None, ["Budi", "Siti"])):
        target = tmp_path / f"{inbox}.csv"
        contacts.export_file(target, inbox=inbox, config=config)
        with target.open(encoding="utf-8-sig") as source:
            assert [line["name"] for line in csv.DictReader(source)] == names
    with pytest.raises(ExpectedError, match="no such inbox"):
        contacts.export_file(tmp_path / "x.csv", inbox="Tidak ada", config=config)
    assert not (tmp_path / "x.csv").exists()


# Words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        ("+62 812-3456-7890", None, "+6281234567890"),
        ("0062 812 3456 7890", None, "+6281234567890"),
        ("0812 3456 7890", "ID", "+6281234567890"),
        ("6281234567890", "ID", "+6281234567890"),
        ("0812 3456 7890", None, None),
        ("0812", "XX", None),
        ("+62", None, None),
        ("Siti", "ID", None),
    ],
)
def test_a_number_is_read_as_people_write_it(
    typed: str, country: str | None, number: str | None
) -> None:
    assert dialled(typed, country) == number


def test_the_command_names_what_it_wants(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    called: list[Any] = []

    def note(*arguments: object, **options: object) -> int:
        called.append((arguments, options))
        return 0

    monkeypatch.setattr(contacts, "import_file", note)
    monkeypatch.setattr(contacts, "export_file", note)
    path = str(tmp_path / "a.csv")
    assert cli.main(["contacts", "import", path, "--country", "id", "--dry-run"]) == 0
    assert cli.main(["contacts", "export", path, "--inbox", "Toko"]) == 0
    assert called == [
        (
            (Path(path),),
            {"channel": "whatsapp", "country": "ID", "overwrite": False, "dry_run": True},
        ),
        ((Path(path),), {"inbox": "Toko"}),
    ]
