"""What looks different because it is: an automatic reply, and what a list is sorted by."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from console.domain.conversation import Channel, Sort
from console.ui.screens.inbox.row import RowDelegate
from console.ui.timeline import bubble, footer
from console.ui.window import MainWindow
from tests.gallery.memory import NOW
from tests.gallery.samples import Thread, row
from tests.gallery.stage import Stage


async def test_an_automatic_reply_is_not_taken_for_an_agents(open_thread: MainWindow) -> None:
    context = open_thread.inbox.thread_screen.context
    thread = Thread()
    ours = thread.add("Kami kirim", minutes=3, out=True)
    nobodys = thread.add("Kami tutup", minutes=2, out=True, automatic=True)
    layouts = [bubble.measure(each, 600, context, tail=True, gap=4) for each in (ours, nobodys)]
    assert [(each.ground, each.outlined) for each in layouts] == [
        ("bubble_out", False),
        ("bubble_in", True),
    ]
    ends = [footer.measure(each, context) for each in (ours, nobodys)]
    assert [end.lead for end in ends] == ["", "bot"]
    assert ends[1].text.startswith("Otomatis")


async def test_in_the_order_of_the_window_every_row_says_what_is_left(stage: Stage) -> None:
    order = [Sort.NEWEST]
    delegate = RowDelegate(stage.theme, lambda: NOW, lambda: None, lambda: order[0])
    far = replace(row("a", "A", "x"), last_inbound_at=NOW - timedelta(hours=4))
    near = replace(row("b", "B", "x"), last_inbound_at=NOW - timedelta(hours=23))
    sms = replace(row("c", "C", "x"), channel=Channel.SMS)
    assert [delegate._window_chip(each) for each in (far, sms)] == [None, None]
    order[0] = Sort.WINDOW
    assert delegate._window_chip(far) == ("sisa 20 j 0 m", "label_grey", "on_label_grey")
    chip = delegate._window_chip(near)
    assert chip is not None
    assert chip[1:] == ("warning_soft", "warning")
    assert delegate._window_chip(sms) is None
