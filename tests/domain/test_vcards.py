"""Contact cards: what phones write, and what strangers may."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.domain.vcards import Card, Number, cards_from

WHATSAPP = b"""BEGIN:VCARD\r
VERSION:3.0\r
N:Santoso;Budi;;;\r
FN:Budi Santoso\r
ORG:Toko Makmur;Gudang\r
item1.TEL;waid=6281234567890:+62 812-3456-7890\r
item1.X-ABLabel:Ponsel\r
TEL;type=WORK:021 555 0101\r
EMAIL;TYPE=INTERNET:budi@toko.example\r
PHOTO;BASE64:/9j/4AAQSkZJRgABAQAAAQABAAD\r
 /2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgK\r
END:VCARD\r
"""


def test_a_card_as_whatsapp_sends_it() -> None:
    assert cards_from(WHATSAPP) == (
        Card(
            "Budi Santoso",
            "Toko Makmur, Gudang",
            (
                Number("+62 812-3456-7890", "", "6281234567890"),
                Number("021 555 0101", "work"),
            ),
            ("budi@toko.example",),
        ),
    )
    assert cards_from(WHATSAPP)[0].numbers[0].dialled == "+6281234567890"


def test_an_old_phones_quoted_printable() -> None:
    data = (
        b"BEGIN:VCARD\nVERSION:2.1\n"
        b"N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;=42=75=64=69=20=F0=9F=99=8F=\n=20Kecil;;;\n"
        b"TEL;CELL:0812\nEND:VCARD"
    )
    (card,) = cards_from(data)
    assert card.name == "Budi 🙏 Kecil"
    assert card.numbers == (Number("0812", "cell"),)


def test_several_cards_and_escapes() -> None:
    data = b"BEGIN:VCARD\nFN:Toko\\, Makmur\\nBaru\nEND:VCARD\n" * 2
    assert [card.name for card in cards_from(data)] == ["Toko, Makmur Baru"] * 2


def test_marks_that_turn_the_direction_are_taken_out() -> None:
    data = "BEGIN:VCARD\nFN:ani\u202efdp\nTEL:08\u200e12\nEND:VCARD".encode()
    (card,) = cards_from(data)
    assert card.name == "anifdp"
    assert card.numbers[0].text == "0812"


def test_a_flood_is_cut() -> None:
    one = b"BEGIN:VCARD\nFN:x\n" + b"TEL:1\n" * 1000 + b"END:VCARD\n"
    cards = cards_from(one * 500)
    assert len(cards) <= 20
    assert all(len(card.numbers) == 12 for card in cards)


def test_what_is_no_card_gives_none() -> None:
    assert cards_from(b"") == ()
    assert cards_from(b"MZ\x90\x00") == ()
    assert cards_from(b"BEGIN:VCARD\nEND:VCARD") == ()


@given(st.binary(max_size=400))
def test_no_bytes_raise(data: bytes) -> None:
    cards_from(b"BEGIN:VCARD\nFN:x\n" + data + b"\nEND:VCARD\n")
