"""Names of files are a customer's choice; ours are safe."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.content import Kind
from console.domain.files import LONGEST_NAME, object_path, safe_name
from console.domain.ids import ConversationId, MessageId
from console.domain.samples import SAMPLES


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        ("Tagihan März.pdf", "Tagihan_Marz.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("con.txt", "_con.txt"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("發票.pdf", "file.pdf"),
        ("nul\x00.jpg", "_nul.jpg"),
        ("", "file"),
        (None, "file"),
        ("...", "file"),
    ],
)
def test_a_name_becomes_safe_and_keeps_its_extension(given_name: str | None, safe: str) -> None:
    assert safe_name(given_name) == safe


@given(st.text(max_size=400))
def test_every_name_becomes_short_plain_and_no_path(name: str) -> None:
    result = safe_name(name)
    assert re.fullmatch(r"[A-Za-z0-9._-]+", result)
    assert len(result) <= LONGEST_NAME + 1
    assert not result.startswith(".")


def test_a_path_begins_with_what_the_policies_read() -> None:
    path = object_path(ConversationId("c"), MessageId("m"), 2, "a b.pdf")
    assert path == "c/m/2/a_b.pdf"


def test_there_is_a_sample_of_every_kind() -> None:
    assert set(SAMPLES) == set(Kind)
    assert all(sample.kind is kind for kind, sample in SAMPLES.items())
