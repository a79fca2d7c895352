"""From the webhook's POST to the painted bubble."""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path

import httpx
from PySide6.QtCore import QEvent, QObject
from pytestqt.qtbot import QtBot
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from tests.story.conftest import World, seated
from tests.story.test_line import text_from_siti

ROUNDS = 200


class Paints(QObject):
    """Tells of each paint of what it watches."""

    def __init__(self) -> None:
        super().__init__()
        self.painted = asyncio.Event()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            self.painted.set()
        return False


async def test_from_post_to_painted_bubble(world: World, qtbot: QtBot, tmp_path: Path) -> None:
    """Median and 95th percentile of 200 messages, one after the other, thread open."""
    validator = RequestValidator(world.facts["twilio_auth_token"])
    url = world.facts["webhook_url"]
    answered: list[float] = []
    painted: list[float] = []
    async with seated(world, tmp_path / "desk") as seat, httpx.AsyncClient(timeout=30) as http:
        world.webhook(text_from_siti(world, "Halo"))
        await seat.thread_of("Siti Rahmawati")
        screen = seat.window.inbox.thread_screen
        paints = Paints()
        screen.timeline.viewport().installEventFilter(paints)
        for number in range(ROUNDS):
            text = f"Pesan nomor {number}"
            body = text_from_siti(world, text)
            fields = dict(httpx.QueryParams(body))
            headers = {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Twilio-Signature": validator.compute_signature(url, fields),
            }
            began = time.perf_counter()
            answer = await http.post(url, content=body, headers=headers)
            answered.append(time.perf_counter() - began)
            assert answer.status_code == 200
            while not any(each.content.text == text for each in seat.bubbles()[-3:]):
                paints.painted.clear()
                await paints.painted.wait()
            paints.painted.clear()
            screen.timeline.viewport().update()  # the model has it; the next paint shows it
            await paints.painted.wait()
            painted.append(time.perf_counter() - began)
        screen.timeline.viewport().removeEventFilter(paints)
    for name, times in (("POST to 200", answered), ("POST to painted bubble", painted)):
        times.sort()
        print(  # noqa: T201  a measurement's result
            f"\n{name}: median {statistics.median(times) * 1000:.0f} ms,"
            f" p95 {times[int(len(times) * 0.95)] * 1000:.0f} ms of {len(times)}"
        )
