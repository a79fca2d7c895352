"""A customer writes, the agent sees it and answers, the customer reads it."""

from __future__ import annotations

import uuid
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from console.domain.content import Kind
from console.domain.delivery import Direction, Status
from console.local.samples import sample
from console.ui.theme.tokens import LIGHT
from tests.story.conftest import Seat, World, seated
from tests.waiting import eventually

SITI = "+6281234567890"


def text_from_siti(world: World, text: str) -> str:
    """A request with the keys that Twilio sends for a WhatsApp text, form-encoded."""
    sid = "SM" + uuid.uuid4().hex
    return urlencode(
        {
            "SmsMessageSid": sid,
            "NumMedia": "0",
            "ProfileName": "Siti Rahmawati",
            "MessageType": "text",
            "SmsSid": sid,
            "WaId": SITI.removeprefix("+"),
            "SmsStatus": "received",
            "Body": text,
            "Forwarded": "false",
            "FrequentlyForwarded": "false",
            "To": world.facts["inbox_address"],
            "NumSegments": "1",
            "ReferralNumMedia": "0",
            "MessageSid": sid,
            "AccountSid": world.facts["twilio_account_sid"],
            "ChannelMetadata": '{"type":"whatsapp","data":{"context":'
            f'{{"ProfileName":"Siti Rahmawati","WaId":"{SITI.removeprefix("+")}"}}}}}}',
            "From": f"whatsapp:{SITI}",
            "ApiVersion": "2010-04-01",
        }
    )


def shows(seat: Seat, color: str) -> bool:
    """Whether the painted thread has a pixel of exactly this colour."""
    picture = seat.window.inbox.thread_screen.timeline.viewport().grab().toImage()
    wanted = QColor(color).rgb()
    return any(
        picture.pixel(x, y) == wanted
        for y in range(picture.height())
        for x in range(picture.width())
    )


async def test_from_a_signed_request_to_the_read_tick_in_the_window(
    world: World, qtbot: QtBot, tmp_path: Path
) -> None:
    async with seated(world, tmp_path / "desk") as seat:
        asked = f"Halo, pesanan saya di mana? {uuid.uuid4()}"
        answer = world.webhook(text_from_siti(world, asked))
        assert answer.status_code == 200
        assert answer.text.endswith("<Response></Response>") or "<Response/>" in answer.text

        await seat.thread_of("Siti Rahmawati")
        await eventually(lambda: any(each.content.text == asked for each in seat.bubbles()))

        reply = f"Sedang dikirim kak {uuid.uuid4()}"
        editor = seat.window.inbox.thread_screen.composer.editor
        qtbot.keyClicks(editor, reply)
        qtbot.keyClick(editor, Qt.Key.Key_Return)
        assert editor.text() == ""

        def tick() -> Status | None:
            mine = [each for each in seat.bubbles() if each.content.text == reply]
            return mine[-1].status if mine else None

        await eventually(lambda: tick() is Status.DELIVERED or tick() is Status.READ)
        world.customer_does("read", address=f"whatsapp:{SITI}")
        await eventually(lambda: tick() is Status.READ)
        await eventually(lambda: shows(seat, LIGHT.read))

        creates = [
            each for each in world.creates_to(f"whatsapp:{SITI}") if each["form"]["Body"] == [reply]
        ]
        assert len(creates) == 1
        form = creates[0]["form"]
        assert form["To"] == [f"whatsapp:{SITI}"]
        assert form["From"] == [world.facts["inbox_address"]]
        callback = urlsplit(form["StatusCallback"][0])
        assert callback._replace(query="", fragment="").geturl() == world.facts["status_url"]
        assert uuid.UUID(parse_qs(callback.query)["attempt"][0])


async def test_an_image_comes_in_and_a_pdf_goes_out_byte_for_byte(
    world: World, qtbot: QtBot, tmp_path: Path
) -> None:
    async with seated(world, tmp_path / "desk") as seat:
        receipt = sample("resi.jpg")
        world.customer_does(
            "inbound",
            **{"from": "whatsapp:+6281300000077", "name": "Bambang Hartono", "body": "Ini resinya"},
            media=[{"sample": "resi.jpg"}],
        )
        await seat.thread_of("Bambang Hartono")

        def picture() -> str | None:
            shown = [each for each in seat.bubbles() if each.content.kind is Kind.IMAGE]
            return shown[-1].content.media[0].path if shown else None

        await eventually(lambda: picture() is not None, within=30)
        path = picture()
        assert path is not None

        async def is_here() -> bool:
            return await seat.store.media.read("media", path) == receipt.content

        await eventually(is_here)

        document = tmp_path / "Bukti Pengiriman 2231.pdf"
        document.write_bytes(sample("faktur.pdf").content)
        composer = seat.window.inbox.thread_screen.composer
        composer.add_files([str(document)])
        await eventually(lambda: len(composer.attachments.items()) == 1)
        qtbot.keyClicks(composer.editor, "Berikut buktinya")
        qtbot.keyClick(composer.editor, Qt.Key.Key_Return)

        def sent() -> list[Status | None]:
            return [
                each.status
                for each in seat.bubbles()
                if each.direction is Direction.OUTBOUND and each.content.kind is Kind.DOCUMENT
            ]

        await eventually(lambda: sent() in ([Status.DELIVERED], [Status.READ]), within=30)
        messages = world.sim("messages", customer="whatsapp:+6281300000077")["messages"]
        (received,) = [each for each in messages if each["direction"] != "inbound"]
        (file,) = received["media"]
        content = world.http.get(f"{world.facts['twilio_api_url']}/sim/media/{file['sid']}")
        assert content.content == document.read_bytes()
        assert file["content_type"] == "application/pdf"
        assert file["name"] == document.name
