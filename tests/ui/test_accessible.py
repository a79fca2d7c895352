"""What a screen reader says of the thread."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.domain.content import Content, Kind, MediaState, Referral
from console.domain.delivery import Direction, Status
from console.domain.message import Message, Quote
from console.domain.samples import SAMPLES
from console.ui import words
from console.ui.timeline.accessible import sentence, spoken
from console.ui.timeline.rows import DayRow, EventRow, MessageRow, NewRow
from tests.gallery.samples import Thread, row
from tests.gallery.stage import Stage


def one(content: Content, **more: object) -> Message:
    return Thread().add(content=content, **more)  # type: ignore[arg-type]


async def test_a_row_of_the_list_says_how_far_our_reply_has_come(stage: Stage) -> None:
    stage.set(language="en")
    ours = row("a", "Siti", "Siap", direction=Direction.OUTBOUND, status=Status.DELIVERED)
    assert words.row_spoken(ours) == "Siti, Siap, Delivered"
    theirs = row("a", "Siti", "Siap", status=Status.RECEIVED)
    assert words.row_spoken(theirs) == "Siti, Siap"


@pytest.mark.parametrize("kind", list(Kind))
async def test_every_kind_has_a_sentence(stage: Stage, kind: Kind) -> None:
    content = SAMPLES.get(kind, Content(kind, "isi"))
    said = spoken(one(content))
    assert said
    assert "\n" not in said


async def test_a_message_is_read_with_who_what_when_and_how_far(stage: Stage) -> None:
    stage.set(language="en")
    text = Content(Kind.TEXT, "*Halo*,\nsudah dikirim")
    assert spoken(one(text, out=True)) == "Dewi Wulandari: Halo, sudah dikirim, 10:43, Read"
    assert spoken(one(text)) == "Customer: Halo, sudah dikirim, 10:43"
    answer = replace(one(text), quote=Quote(None, "Dewi", "Apa kabar?"))
    assert "in answer to: Apa kabar?" in spoken(answer)


async def test_a_failure_is_read_with_its_reason(stage: Stage) -> None:
    stage.set(language="en")
    bad = one(Content(Kind.TEXT, "Halo"), out=True, status=Status.FAILED, code=63024)
    assert "Not sent: " in spoken(bad)


async def test_files_and_places_are_named(stage: Stage) -> None:
    stage.set(language="en")
    assert "Document, invoice-0231.pdf" in spoken(one(SAMPLES[Kind.DOCUMENT]))
    assert "Location, Rumah" in spoken(one(SAMPLES[Kind.LOCATION]))
    assert "Photo, Ini foto barangnya" in spoken(one(SAMPLES[Kind.IMAGE]))
    assert "3 × Photo" in spoken(one(SAMPLES[Kind.IMAGE]), count=3)


async def test_a_file_that_is_not_there_and_an_advertisement_are_told(stage: Stage) -> None:
    stage.set(language="en")
    item = replace(SAMPLES[Kind.IMAGE].media[0], state=MediaState.FAILED, error="not_found")
    lost = replace(SAMPLES[Kind.IMAGE], media=(item,))
    assert "Twilio no longer has this file, 10:43" in spoken(one(lost))
    ad = Content(Kind.TEXT, "Halo", referral=Referral("Promo batik", None, None))
    assert "From an advertisement, Promo batik" in spoken(one(ad))


async def test_the_first_of_a_day_says_the_day_and_the_first_that_is_new_that_it_is(
    stage: Stage,
) -> None:
    stage.set(language="en")
    message = one(Content(Kind.TEXT, "Halo"))
    rows = (DayRow("d", "Today"), NewRow("n", 2), MessageRow("m", message, True, True))
    assert sentence(rows, 2) == f"Today. 2 new messages. {spoken(message)}"
    assert sentence((*rows, EventRow("e", "Resolved")), 3) == "Resolved"
