"""Names from the right, and names that turn what follows, leave the sentences around them be."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from console.domain.alerts import What
from console.domain.company import Companion
from console.domain.content import Event
from console.domain.ids import ProfileId
from console.ui import events, words
from console.ui.alerts.notices import notice_for
from console.ui.composer.strips import GuardStrip
from console.ui.isolates import apart, straight
from console.ui.screens.inbox import company
from console.ui.widgets.labels import ElidedLabel
from console.ui.widgets.painting import runs_from_right
from tests.gallery.memory import NOW
from tests.gallery.samples import Thread, row
from tests.gallery.stage import Stage

ALI = "محمد علي"
TRICK = "Toko\u202e rumkam \u2067"  # neither is ended


def is_set_apart(sentence: str, name: str = ALI) -> bool:
    return not runs_from_right(sentence) and f"\u2068{name}\u2069" in sentence


@pytest.mark.parametrize(
    ("text", "way"),
    [
        (f"{apart(ALI)} resolved it", False),
        (f"{apart(ALI)}, {apart('דנה')} and you", False),
        (f"{apart('דנה')} · 12", True),  # nothing else has letters
        (f"\u2066Toko\u2069 {ALI}", True),
        ("\u2067مرحبا 12", True),
        ("\u2069مرحبا", True),
        ("\u2066+62 812\u2069", None),
    ],
)
def test_a_sentence_runs_as_its_own_words_do(text: str, way: bool | None) -> None:
    assert runs_from_right(text) is way


def test_what_turns_is_taken_out_of_a_name_and_numbers_stay_in_their_order() -> None:
    assert straight(TRICK) == "Toko rumkam "
    assert apart(TRICK) == "\u2068Toko rumkam \u2069"
    assert apart("Budi") == "Budi"
    assert apart("\u2066+62 812\u2069") == "\u2068+62 812\u2069"
    assert words.title(row("a", TRICK, "x")) == "Toko rumkam"
    assert words.title(replace(row("a", "\u202e", "x"), address="whatsapp:+6281234567890")) == (
        words.phone("+6281234567890")
    )
    message = replace(Thread().add("x", minutes=1), sender_name=TRICK)
    assert words.sender(message) == "Toko rumkam"


@pytest.mark.parametrize(
    "event",
    [
        Event("resolved", ALI, {}),
        Event("assigned", ALI, {"assignee_name": ALI}),
        Event("assigned", None, {"assignee_name": ALI}),
        Event("labelled", ALI, {"label_name": "VIP"}),
        Event("message_settled", ALI, {"outcome": "sent"}),
    ],
)
def test_what_a_colleague_did_reads_in_the_windows_direction(event: Event) -> None:
    assert is_set_apart(events.sentence(event, by_me=False, now=NOW))


async def test_who_is_there_who_wrote_and_who_is_yours_read_so_too(stage: Stage) -> None:
    there = Companion(ProfileId("a"), typing=True)
    assert is_set_apart(company.sentence([there], [apart(ALI)]))
    strip = GuardStrip(stage.theme)
    strip.show_messages([Thread().add("Halo", minutes=1)], ALI)
    assert is_set_apart(strip.title.text())
    assert is_set_apart(strip.findChildren(ElidedLabel)[0].text())
    his = replace(row("a", ALI, "x"), last_inbound_at=NOW - timedelta(hours=1))
    for what in (What.ASSIGNED, What.CLOSING):
        assert is_set_apart(notice_for(what, his, None, content=True).title)
