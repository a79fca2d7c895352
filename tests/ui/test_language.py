"""Two languages, complete, with numbers and times as their readers write them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, QTranslator
from PySide6.QtGui import QImage, QPainter

from console.domain.conversation import Sort
from console.domain.delivery import Status
from console.domain.message import Message
from console.ui import failures, times, words
from console.ui.language import Language, translate
from console.ui.screens.inbox.row import RowDelegate
from tests.gallery.memory import NOW
from tests.gallery.samples import Thread, ago, row
from tests.gallery.stage import Stage
from tests.ui import translations

PLACE = re.compile(r"(?<!\{)\{\w*\}(?!\})|%n")


def test_every_string_of_the_window_has_its_indonesian() -> None:
    known = translations.translations("id")
    missing = [text for text in translations.texts() if not any(known.get(_key(text), ()))]
    assert missing == []


def test_every_counted_string_has_both_english_forms() -> None:
    known = translations.translations("en")
    counted = [text for text in translations.texts() if text.counted]
    assert [text for text in counted if not all(known.get(_key(text), ("", "")))] == []


def test_no_translation_is_left_of_a_string_that_is_gone() -> None:
    wanted = {_key(text) for text in translations.texts()}
    assert set(translations.translations("id")) <= wanted


def test_a_translation_keeps_the_places_of_its_values() -> None:
    for (context, source), forms in translations.translations("id").items():
        for form in filter(None, forms):
            assert sorted(PLACE.findall(source)) == sorted(PLACE.findall(form)), (context, source)


@pytest.mark.parametrize("code", sorted(translations.PLURALS))
def test_the_shipped_qm_is_what_its_ts_says(code: str, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.qm"
    translations.release(code, fresh)
    shipped, compiled = QTranslator(), QTranslator()
    assert shipped.load(str(translations.FOLDER / f"balas_{code}.qm"))
    assert compiled.load(str(fresh))
    for text in translations.texts():
        for n in (1, 2):
            assert shipped.translate(text.context, text.source, "", n) == compiled.translate(
                text.context, text.source, "", n
            )


async def test_times_are_written_as_the_reader_writes_them(stage: Stage) -> None:
    stage.language.choose("id")
    assert times.clock(NOW) == "10.43"
    assert times.list_time(ago(hours=20), NOW) == "Kemarin"
    assert times.left(timedelta(hours=23, minutes=18)) == "23 j 18 m"
    assert times.size(1_258_291) == "1,2 MB"
    stage.language.choose("en")
    assert times.clock(NOW) == "10:43"
    assert times.list_time(ago(hours=20), NOW) == "Yesterday"
    assert times.left(timedelta(minutes=48)) == "48 min"
    assert times.size(421_888) == "412 KB"
    assert times.day_line(ago(days=400), NOW) == "13 October 2024"


async def test_english_counts_one_and_many(stage: Stage) -> None:
    stage.language.choose("en")
    assert translate("timeline", "%n new message(s)", "", 1) == "1 new message"
    assert translate("timeline", "%n new message(s)", "", 3) == "3 new messages"


async def test_the_language_chosen_last_is_spoken_whoever_chose_another_before(
    stage: Stage,
) -> None:
    stage.language.choose("id")
    Language("en")
    assert times.clock(NOW) == "10:43"
    stage.language.choose("id")
    assert translate("composer", "Sent.") == "Terkirim."
    assert times.clock(NOW) == "10.43"


def _failed(code: int | None, text: str | None) -> Message:
    return Thread().add("x", out=True, status=Status.FAILED, code=code, error=text)


async def test_a_failure_speaks_the_agents_language(stage: Stage) -> None:
    stage.language.choose("id")
    assert failures.reason(_failed(63024, None)).text == "Orang ini tidak memakai WhatsApp."
    assert failures.reason(_failed(None, "window_closed")).text.startswith("Lebih dari 24 jam")
    assert "12345" in failures.reason(_failed(12345, "Something odd")).text
    stage.language.choose("en")
    assert failures.reason(_failed(63024, None)).text == "This person is not on WhatsApp."


@pytest.mark.parametrize(
    ("failed", "code", "rule", "shown"),
    [
        ("Invalid message recipient", 63024, None, "Orang ini tidak memakai WhatsApp."),
        ("undelivered", 30003, None, "Ponsel mati atau di luar jangkauan."),
        ("It is too late.", None, "window_closed", "Lebih dari 24 jam sejak pelanggan menulis."),
        ("opted_out", None, None, "Pelanggan berhenti menerima pesan."),
        ("Something odd", None, None, "Something odd"),
        ("Something odd", 12345, None, "Something odd (12345)"),
        ("failed", None, None, ""),
    ],
)
async def test_a_failed_reply_in_the_list_speaks_the_agents_language(
    stage: Stage, failed: str, code: int | None, rule: str | None, shown: str
) -> None:
    stage.language.choose("id")
    entry = replace(row("lina", "Lina", "x", failed=failed, failed_code=code), failed_rule=rule)
    said = words.failure(entry)
    assert said == (f"Gagal terkirim: {shown}" if shown else "Gagal terkirim")


@pytest.mark.parametrize(
    ("failed", "rule", "shown", "heard"),
    [
        (
            "x",
            "colleague_replied",
            "rekan membalas",
            "Rekan sudah membalas sejak Anda menulis ini.",
        ),
        (
            "asking",
            "customer_wrote",
            "pelanggan menulis",
            "Pelanggan sudah menulis lagi sejak Anda menulis ini.",
        ),
        (
            "asking",
            "window_closed",
            "jendela tutup",
            "Jendela 24 jam tutup sebelum ini terkirim: hanya templat yang dapat dikirim.",
        ),
    ],
)
async def test_a_reply_that_waits_for_the_agents_word_did_not_fail(
    stage: Stage, failed: str, rule: str, shown: str, heard: str
) -> None:
    stage.language.choose("id")
    entry = replace(row("lina", "Lina", "x", failed=failed), failed_rule=rule)
    assert words.failure(entry) == f"Menunggu Anda: {shown}"
    assert f"Menunggu Anda: {heard}" in words.row_spoken(entry)
    painted = []

    class Seen(RowDelegate):
        def _paint_icon(self, painter: QPainter, rect: QRectF, icon: str, ink: str) -> QRectF:
            painted.append((icon, ink))
            return rect

    picture = QImage(300, 80, QImage.Format.Format_ARGB32)
    with QPainter(picture) as painter:
        delegate = Seen(stage.theme, lambda: NOW, lambda: None, lambda: Sort.NEWEST)
        delegate._paint_preview(painter, QRectF(0, 0, 300, 20), entry)
    assert painted == [("circle-help", "warning")]


def test_a_file_name_cannot_pretend_to_be_another() -> None:
    assert words.file_name("faktur\u202efdp.exe") == "fakturfdp.exe"
    assert words.file_name("a\nb\x00c.pdf") == "abc.pdf"
    assert len(words.file_name("x" * 300 + ".pdf")) <= words.LONGEST_NAME
    assert words.file_name("x" * 300 + ".pdf").endswith(".pdf")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("whatsapp:+628123456789", "+62 812-3456-789"),
        ("+12025550123", "+1 202-5550-123"),
        ("whatsapp:ID.4566546130240823", "ID.4566546130240823"),
        ("", ""),
    ],
)
def test_an_address_is_shown_to_be_read(address: str, shown: str) -> None:
    assert words.phone(address) == shown


def _key(text: translations.Text) -> tuple[str, str]:
    return text.context, text.source
