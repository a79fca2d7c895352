"""Twilio's codes in plain words: complete, in both languages."""

from __future__ import annotations

import re

import pytest

from console.domain.twilio_codes import (
    CODES,
    NOT_REACHED,
    Action,
    in_language,
    words_for,
    words_of_failure,
)
from console.resources import RESOURCES

IN_THE_TABLE = [
    *(20003, 20429, 20500, 20503, 21211, 21408, 21606, 21612, 21614, 21635, 30006, 21608, 21610),
    *(21611, 30001, 21617, 21620, 21623, 63019, 63034, 63037, 11751, 21655, 21656, 63027, 63028),
    *(63029, 63030, 21703, 21704, 21705, 63007, 63020, 30002, 63051, 30003, 30004, 63014, 63033),
    *(30005, 30007, 30008, 30410, 63003, 63024, 63005, 63013, 63021, 63015, 63016, 63017, 63018),
    *(63038, 14107, 63032, 63040, 63041, 63042, 63049),
]


@pytest.mark.parametrize("code", IN_THE_TABLE)
def test_every_code_of_the_table_has_words_in_both_languages(code: int) -> None:
    words = CODES[code]
    assert words.english
    assert words.indonesian
    assert words.english != words.indonesian
    assert words.in_language("id_ID") == words.indonesian
    assert words.in_language("fr") == words.english


def test_there_are_no_other_codes() -> None:
    assert set(CODES) == set(IN_THE_TABLE)


def test_any_other_code_is_twilios_text_and_the_code() -> None:
    assert words_for(99999, "Something odd").english == "Something odd (99999)"
    assert "99999" in words_for(99999).indonesian
    assert words_for(None, "Bad gateway").english == "Bad gateway"


def test_what_stops_the_queue_and_what_is_waited_out() -> None:
    assert {code for code in CODES if CODES[code].action is Action.QUEUE_STOPS} == {
        20003,
        30002,
        63051,
    }
    assert CODES[20429].action is Action.RETRY
    assert CODES[20500].action is Action.UNCERTAIN


@pytest.mark.parametrize("code", [63017, 63018, 63038, 14107])
def test_a_limit_is_waited_out_before_a_message_is_taken_and_its_end_afterwards(code: int) -> None:
    assert "Waiting" in words_for(code).english
    assert words_for(code).action is Action.RETRY
    failed = words_of_failure(code)
    assert "Send it again later" in failed.english
    assert "Kirim lagi" in failed.indonesian
    assert in_language(failed.english, "id") == failed.indonesian


def test_what_the_database_writes_beside_an_attempt_is_known_in_both_languages() -> None:
    """Sentences in the migrations: words of attempts and texts of messages."""
    written = [
        sentence
        for path in sorted((RESOURCES / "supabase" / "migrations").glob("*.sql"))
        for sentence in re.findall(
            r"(?:words|error_text)\s*(?:=|,|:=)\s*(?:coalesce\(\w+\.\w+,\s*)?'([A-Z][^']+\.)'",
            path.read_text(encoding="utf-8"),
        )
    ]
    assert len(written) >= 3
    for sentence in written:
        assert in_language(sentence, "id") != sentence, sentence
        assert in_language(sentence, "en") == sentence


def test_a_detail_in_brackets_stays_behind_the_translated_sentence() -> None:
    said = f"{NOT_REACHED.english} (ConnectError)"
    assert in_language(said, "id_ID") == f"{NOT_REACHED.indonesian} (ConnectError)"
    assert in_language("Nobody wrote this. (x)", "id") == "Nobody wrote this. (x)"
