"""Notices over the real bus, where there is one to start."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from console.ui.alerts.freedesktop import DesktopNotices
from console.ui.alerts.notices import Notice
from console.ui.window import MainWindow
from tests.gallery.samples import SITI
from tests.gallery.stage import Stage
from tests.on_bus import OnBus
from tests.ui.told import Told
from tests.waiting import eventually

INTERFACE = "org.freedesktop.Notifications"


class Shell(OnBus):
    """A desktop that shows notices, as Plasma does."""

    def __init__(self) -> None:
        super().__init__(INTERFACE)
        self.shown: list[tuple[Any, ...]] = []

    def take(self, call: Any) -> None:
        from jeepney import new_method_return  # type: ignore[import-untyped]

        member = call.header.fields.get(3)
        if member == "GetCapabilities":
            found = ["body", "actions", "inline-reply", "body-markup"]
            self._line.send(new_method_return(call, "as", (found,)))
        elif member == "Notify":
            self.shown.append(call.body)
            number = call.body[1] or len(self.shown)
            self._line.send(new_method_return(call, "u", (number,)))

    def say(self, member: str, signature: str, body: tuple[Any, ...]) -> None:
        from jeepney import DBusAddress, new_signal

        emitter = DBusAddress("/org/freedesktop/Notifications", interface=INTERFACE)
        self._line.send(new_signal(emitter, member, signature, body))


@pytest.fixture
def shell(bus: str) -> Iterator[Shell]:
    made = Shell()
    made.start()
    yield made
    made.end()


async def test_over_d_bus_a_notice_can_be_opened_and_answered_in_place(
    window: MainWindow, shell: Shell, stage: Stage
) -> None:
    fallback = Told(window.alerts)
    scope = stage.scope()
    notices = DesktopNotices(window, scope, fallback)
    chosen: list[object] = []
    answered: list[tuple[object, str]] = []
    notices.chosen.connect(chosen.append)
    notices.answered.connect(lambda id, text: answered.append((id, text)))
    notices.show_notice(Notice(SITI, "Siti <b>", "harga < 5 & ada?", can_be_answered=True))
    await eventually(lambda: shell.shown)
    _, _, _, title, text, actions, hints, _ = shell.shown[0]
    assert (title, text) == ("Siti <b>", "harga &lt; 5 &amp; ada?")
    assert "inline-reply" in actions
    assert hints["urgency"] == ("y", 1)
    await eventually(lambda: notices._shown)
    shell.say("NotificationReplied", "us", (1, "Ada, kak"))
    shell.say("ActionInvoked", "us", (1, "default"))
    await eventually(lambda: chosen)
    assert answered == [(SITI, "Ada, kak")]
    assert chosen == [SITI]
    notices.show_notice(replace(Notice(SITI, "Siti", "lagi")))
    await eventually(lambda: len(shell.shown) == 2)
    assert shell.shown[1][1] == 1  # in place of the first one
    assert fallback.notices == []
    scope.close()
    await scope.settle()


async def test_without_a_bus_the_tray_tells_instead(
    window: MainWindow, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all")
    fallback = Told(window.alerts)
    notices = DesktopNotices(window, stage.scope(), fallback)
    notices.show_notice(Notice(SITI, "Siti", "halo"))
    await eventually(lambda: fallback.notices)
