"""The phone page in a real Chromium, by real clicks and keys (needs the program `chromium`)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.local.browser import Page, browsing, chromium
from tests.local.twilio_world import World, simulated_world
from tests.waiting import wait_until

SITI = "whatsapp:+6281234567801"
PROGRAM = chromium()

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium here: apt install chromium")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with simulated_world() as running:
        running.post("/sim/inbound", **{"from": SITI, "name": "Siti Rahmawati", "body": "Halo"})
        yield running


@pytest.fixture(scope="module")
def page(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browsing(str(PROGRAM), tmp_path_factory.mktemp("chromium")) as tab:
        yield tab


@pytest.fixture
def sitis_chat(world: World, page: Page) -> Page:
    """The page as on a desktop, with Siti's chat open."""
    page.open(f"{world.api_url}/phone/", width=1200, height=860)
    page.click(".person", "Siti")
    page.until("document.querySelector('.line.mine')")
    page.problems.clear()
    return page


def test_a_person_writes_as_siti_and_reads_the_answer(world: World, sitis_chat: Page) -> None:
    sitis_chat.type("#text", "Sudah dikirim kak?", enter=True)
    wait_until(lambda: world.receiver.webhooks(Body="Sudah dikirim kak?"))
    sid = world.create(SITI, body="Sudah, *hari ini* <img src=x onerror=alert(1)>")
    shown = "[...document.querySelectorAll('.line.theirs .text')].at(-1)"
    text = "Sudah, hari ini <img src=x onerror=alert(1)>"
    sitis_chat.until(f"{shown}?.textContent === '{text}'")
    assert sitis_chat.run(f"{shown}.querySelector('b').textContent") == "hari ini"
    world.ends(sid, "read")
    assert sitis_chat.problems == []


def test_samples_places_and_button_answers_are_sent_by_clicks(
    world: World, sitis_chat: Page
) -> None:
    for sample, shown in (
        ("resi.jpg", ".picture"),
        ("faktur.pdf", ".file"),
        ("suara.ogg", ".voice"),
    ):
        sitis_chat.click("#attach")
        sitis_chat.click(f"[data-sample='{sample}']")
        sitis_chat.until(f"document.querySelector('.mine {shown}')")
    sitis_chat.click("#attach")
    sitis_chat.click(".tile", "Lokasi")
    sitis_chat.click("#placing button.primary")
    wait_until(lambda: world.receiver.webhooks(MessageType="location"))
    world.create(SITI, body=None, content_sid="HX0000000000000000000000000000a005")
    sitis_chat.click(".choices button", "Belum")
    wait_until(lambda: world.receiver.webhooks(ButtonPayload="arrived_no"))
    assert sitis_chat.problems == []


def test_a_recorded_voice_note_arrives_as_ogg(world: World, sitis_chat: Page) -> None:
    before = len(world.receiver.webhooks(MediaContentType0="audio/ogg"))
    sitis_chat.click("#record")
    sitis_chat.until("document.querySelector('#recorded').textContent === '0:01'")
    sitis_chat.click("#send-recording")
    wait_until(lambda: len(world.receiver.webhooks(MediaContentType0="audio/ogg")) > before)
    call = world.receiver.webhooks(MediaContentType0="audio/ogg")[-1]
    media = call.params["MediaUrl0"].rpartition("/")[2]
    content = world.sim.get(f"/sim/media/{media}").content
    assert content.startswith(b"OggS")
    # The browser itself can play what we made of its recording.
    sitis_chat.until("[...document.querySelectorAll('.voice audio')].at(-1)?.duration > 0.5")
    assert sitis_chat.problems == []


def test_the_page_fits_a_narrow_phone_and_list_and_chat_take_turns(
    world: World, page: Page
) -> None:
    page.open("about:blank", width=360, height=700)
    page.open(f"{world.api_url}/phone/", width=360, height=700)
    page.until("document.querySelector('.person')")
    assert page.run("document.querySelector('main').offsetParent === null")
    page.click(".person", "Siti")
    page.until("document.querySelector('.line.mine')")
    assert page.run("document.querySelector('#people').offsetParent === null")
    assert page.run("document.documentElement.scrollWidth") <= 360
    page.click("#back")
    page.until("document.querySelector('#people').offsetParent")


def test_the_page_speaks_both_languages(sitis_chat: Page) -> None:
    assert sitis_chat.run("document.title") == "Telepon pelanggan"
    sitis_chat.click("#language")
    sitis_chat.until('document.title === "Customers\' phone"')
    assert sitis_chat.run("document.querySelector('#text').placeholder") == "Message"
    sitis_chat.click("#language")
    sitis_chat.until("document.title === 'Telepon pelanggan'")
