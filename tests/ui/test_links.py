"""Only http and https, and the host as a browser would contact it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QUrl

from console.ui.timeline.links import address_of, host_of, is_deceptive, links_in, written_host


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("lihat https://a.example/x?y=1, ya", ["https://a.example/x?y=1"]),
        ("(http://a.example).", ["http://a.example"]),
        ("javascript:alert(1) file:///etc/passwd smb://x/y ftp://a.b", []),
        ("https:// kosong", []),
        ("dua https://a.example dan https://b.example", ["https://a.example", "https://b.example"]),
        ("https://a.example\u202egnp.exe", ["https://a.example"]),
        ("http://bank.example\\@evil.example/x", ["http://bank.example"]),
        ("cari https://a.example/x|y?q={1}&z=50% dulu", ["https://a.example/x|y?q={1}&z=50%"]),
        ("https://a.example/" + "x" * 3000, []),
    ],
)
def test_links_of_a_text(text: str, urls: list[str]) -> None:
    found = links_in(text)
    assert [link.url for link in found] == urls
    assert [text[link.start : link.start + link.length] for link in found] == urls


def test_an_address_without_its_scheme_leads_to_https() -> None:
    text = "Cek www.toko.example/promo?x=1, bukan www. atau x@www.toko.example dan ftp.www.a.b"
    (link,) = links_in(text)
    assert (link.url, link.host) == ("https://www.toko.example/promo?x=1", "www.toko.example")
    assert text[link.start : link.start + link.length] == "www.toko.example/promo?x=1"


@pytest.mark.parametrize(
    "url",
    [
        "https://аррӏе.com",
        "https://xn--80ak6aa92e.com",
        "https://bank.example@evil.example/",
        "https://bank.example:80@evil.example",
        "https://ban\u00adk.example/",
        "https://ba\u200bnk.example/",
        "https://evil。example/",
        "https://faß.example/",
        "http://2130706433/",
        "http://192.168.1.1/",
        "http://[::1]/",
    ],
)
def test_a_host_that_pretends_is_asked_about(url: str) -> None:
    assert is_deceptive(url)


def test_an_honest_host_is_not() -> None:
    assert not is_deceptive("https://toko-makmur.example/a@b")
    assert host_of("HTTPS://Toko.example:8443/x") == "toko.example"


def test_what_is_shown_is_what_is_opened() -> None:
    made = address_of("https://FAß.example/jalan|1?q=50%")
    assert made is not None
    assert made.toEncoded().data() == b"https://xn--fa-hia.example/jalan%7C1?q=50%25"
    assert host_of("https://FAß.example/jalan|1?q=50%") == made.host(
        QUrl.ComponentFormattingOption.FullyEncoded
    )


def test_a_foreign_name_is_shown_beside_the_real_one() -> None:
    assert written_host("https://xn--80ak6aa92e.com") == "аррӏе.com"
    assert written_host("https://ba\u200bnk.example/") == ""
    assert written_host("https://toko.example/") == ""


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "smb://server/share",
        "data:text/html,x",
        "vbscript:x",
        "ms-msdt:/id",
        "https://[",
        "",
        "http:\\\\evil.example",
        "http://bank.example\\@evil.example",
        "https://bank.example%00.evil.example/",
        "https://google.example／path.evil.example",
        "http://foo@evil.example:80@bank.example/",
        "https:evil.example",
    ],
)
def test_anything_else_has_no_host(url: str) -> None:
    assert host_of(url) is None
