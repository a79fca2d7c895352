"""What is kept of a password tells the right one from others, and nothing else."""

from __future__ import annotations

import pytest

from console.domain.verifier import fits, verifier


def test_only_the_right_password_fits_and_no_two_kept_texts_are_alike() -> None:
    kept = verifier("Sandi rahasia 🙂")
    assert fits(kept, "Sandi rahasia 🙂")
    assert not fits(kept, "sandi rahasia 🙂")
    assert kept != verifier("Sandi rahasia 🙂")
    assert "rahasia" not in kept


@pytest.mark.parametrize(
    "kept", ["", "scrypt", "scrypt$99$00$00", "plain$1$00$00", "scrypt$x$y$z", "scrypt$15$00$0"]
)
def test_what_cannot_be_read_fits_nothing(kept: str) -> None:
    assert not fits(kept, "")
