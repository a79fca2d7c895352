"""A reply that is still on this machine can be taken back from its bubble."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF

from console.domain.content import Kind
from console.domain.delivery import Status
from console.domain.message import Message
from console.domain.samples import SAMPLES
from console.ui.screens.inbox.menu import message_menu
from console.ui.timeline import below
from console.ui.timeline.context import Target
from console.ui.window import MainWindow
from tests.gallery.samples import Thread


def ways(window: MainWindow, message: Message) -> set[Target]:
    """What can be clicked under the bubble."""
    found = set()
    for block in below.measure(message, 300, window.inbox.thread_screen.context):
        area = QRectF(QPointF(0, 0), block.size)
        for x in range(0, round(area.width()), 4):
            hit = block.hit(QPointF(x, area.height() / 2))
            if hit is not None:
                found.add(hit.target)
    return found


@pytest.mark.parametrize("waiting", ["held", "uploading", "offline"])
async def test_what_has_not_left_can_be_taken_back(open_thread: MainWindow, waiting: str) -> None:
    sample = SAMPLES[Kind.IMAGE]
    underway = Thread().add(
        content=sample, out=True, status=Status.QUEUED, local=True, waiting=waiting, upload=0.4
    )
    assert Target.TAKE_BACK in ways(open_thread, underway)


async def test_a_note_that_waits_for_the_line_is_no_reply(open_thread: MainWindow) -> None:
    note = Thread().add("catatan", kind=Kind.NOTE, out=True, local=True, waiting="offline")
    assert ways(open_thread, note) == set()


async def test_an_upload_can_be_taken_back_from_the_menu(open_thread: MainWindow) -> None:
    screen = open_thread.inbox.thread_screen
    underway = Thread().add("ini", out=True, status=Status.QUEUED, local=True, waiting="uploading")
    asked: list[Target] = []
    menu = message_menu(
        screen, underway, None, lambda _message, hit: asked.append(hit.target), screen.files
    )
    menu.actions()[-1].trigger()
    assert asked == [Target.TAKE_BACK]
    menu.deleteLater()
