"""Only http and https, and the host as a browser would contact it."""

from __future__ import annotations

import pytest

from console.ui.timeline.links import host_of, is_deceptive, links_in


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("lihat https://a.example/x?y=1, ya", ["https://a.example/x?y=1"]),
        ("(http://a.example).", ["http://a.example"]),
        ("javascript:alert(1) file:///etc/passwd smb://x/y ftp://a.b", []),
        ("https:// kosong", []),
        ("dua https://a.example dan https://b.example", ["https://a.example", "https://b.example"]),
        ("https://a.example\u202egnp.exe", ["https://a.example"]),
    ],
)
def test_links_of_a_text(text: str, urls: list[str]) -> None:
    found = links_in(text)
    assert [link.url for link in found] == urls
    assert [text[link.start : link.start + link.length] for link in found] == urls


@pytest.mark.parametrize(
    "url",
    ["https://аррӏе.com", "https://xn--80ak6aa92e.com", "https://bank.example@evil.example/"],
)
def test_a_host_that_pretends_is_asked_about(url: str) -> None:
    assert is_deceptive(url)


def test_an_honest_host_is_not() -> None:
    assert not is_deceptive("https://toko-makmur.example/a@b")
    assert host_of("HTTPS://Toko.example:8443/x") == "toko.example"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "https://[", ""])
def test_anything_else_has_no_host(url: str) -> None:
    assert host_of(url) is None
