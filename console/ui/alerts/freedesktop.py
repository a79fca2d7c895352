"""Notices over D-Bus, as Linux desktops show them: with actions, some with a reply in place."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject

from console.domain.ids import ConversationId
from console.ui.alerts.notices import Notice, Notices
from console.ui.language import translate
from console.ui.tasks import TaskScope

log = logging.getLogger("balas.ui")

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
WITHIN = 5.0  # seconds for an answer of the desktop
OPEN, REPLY = "default", "inline-reply"
_EXPIRES = -1  # as the desktop does it


def can_be_tried() -> bool:
    """Whether there is a session bus to ask."""
    return bool(os.environ.get("DBUS_SESSION_BUS_ADDRESS"))


class DesktopNotices(Notices):
    """Connects with the first notice. What the desktop cannot do goes to `otherwise`.

    Not Qt's own D-Bus: PySide 6.11 has no way to pass an unsigned number, which the call needs.
    """

    def __init__(self, parent: QObject, tasks: TaskScope, otherwise: Notices) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._otherwise = otherwise
        self._line: Any = None  # the router, while connected
        self._failed = False
        self._opening = asyncio.Lock()
        self.capabilities: frozenset[str] = frozenset()
        self._shown: dict[ConversationId, int] = {}

    def show_notice(self, notice: Notice) -> None:
        if self._failed:
            self._otherwise.show_notice(notice)
        else:
            self._tasks.start(self._show(notice))

    def take_away(self, conversation_id: ConversationId) -> None:
        number = self._shown.pop(conversation_id, None)
        if number is not None and self._line is not None:
            self._tasks.start(self._close_one(number))

    def abilities(self) -> str:
        if self._failed:
            return self._otherwise.abilities()
        if REPLY in self.capabilities:
            return translate("alerts", "Notifications can be answered in place")
        return translate("alerts", "A click on a notification opens the conversation")

    async def _show(self, notice: Notice) -> None:
        try:
            async with self._opening:
                if self._line is None:
                    await self._open()
            answer = await self._call("Notify", "susssasa{sv}i", self._arguments(notice))
            self._shown[notice.conversation_id] = int(answer[0])
        except (OSError, TimeoutError, ValueError, KeyError, RuntimeError) as error:
            log.info("no notices over D-Bus: %s", type(error).__name__)
            self._failed = True
            self._otherwise.show_notice(notice)

    def _arguments(self, notice: Notice) -> tuple[Any, ...]:
        actions: list[str] = []
        if "actions" in self.capabilities or not self.capabilities:
            actions = [OPEN, translate("alerts", "Open")]
        hints: dict[str, tuple[str, Any]] = {
            "desktop-entry": ("s", "balas"),
            "category": ("s", "im.received"),
            "urgency": ("y", 2 if notice.urgent else 1),
            "suppress-sound": ("b", True),  # the program has its own
        }
        if notice.can_be_answered and REPLY in self.capabilities:
            actions += [REPLY, translate("alerts", "Reply")]
            hints["x-kde-reply-placeholder-text"] = ("s", translate("alerts", "Reply…"))
        from html import escape

        text = escape(notice.text) if "body-markup" in self.capabilities else notice.text
        replaces = self._shown.get(notice.conversation_id, 0)
        return ("Balas", replaces, "balas", notice.title, text, actions, hints, _EXPIRES)

    async def _open(self) -> None:
        from jeepney import MatchRule, message_bus  # type: ignore[import-untyped]
        from jeepney.io.asyncio import DBusRouter, Proxy, open_dbus_connection  # type: ignore[import-untyped]

        connection = await asyncio.wait_for(open_dbus_connection("SESSION"), WITHIN)
        router = DBusRouter(connection)
        await router.__aenter__()
        self._line = router
        try:
            found = await self._call("GetCapabilities", "", ())
            self.capabilities = frozenset(str(name) for name in found[0])
            rule = MatchRule(type="signal", interface=NAME, path=PATH)
            await asyncio.wait_for(Proxy(message_bus, router).AddMatch(rule), WITHIN)
        except BaseException:
            self._line = None
            await self._let_go(router, connection)
            raise
        self._tasks.start(self._listen(router, connection, rule), "notices")

    async def _call(self, method: str, signature: str, arguments: Sequence[Any]) -> Any:
        from jeepney import DBusAddress, MessageType, new_method_call

        address = DBusAddress(PATH, bus_name=NAME, interface=NAME)
        asked = new_method_call(address, method, signature or None, tuple(arguments))
        answer = await asyncio.wait_for(self._line.send_and_get_reply(asked), WITHIN)
        if answer.header.message_type is MessageType.error:
            raise ValueError(method)
        return answer.body

    async def _close_one(self, number: int) -> None:
        with contextlib.suppress(OSError, TimeoutError, ValueError):  # gone by itself
            await self._call("CloseNotification", "u", (number,))

    async def _let_go(self, router: Any, connection: Any) -> None:
        with contextlib.suppress(Exception):  # the bus may be gone already
            await router.__aexit__(None, None, None)
        with contextlib.suppress(Exception):
            await connection.close()

    async def _listen(self, router: Any, connection: Any, rule: Any) -> None:
        from jeepney import HeaderFields

        try:
            with router.filter(rule, bufsize=20) as queue:
                while True:
                    signal = await queue.get()
                    self._on_signal(str(signal.header.fields[HeaderFields.member]), signal.body)
        finally:
            self._line = None
            await self._let_go(router, connection)

    def _on_signal(self, member: str, body: Sequence[Any]) -> None:
        numbers = {number: id for id, number in self._shown.items()}
        conversation_id = numbers.get(body[0]) if body else None
        if conversation_id is None:
            return
        if member == "ActionInvoked" and body[1] == OPEN:
            self.chosen.emit(conversation_id)
        elif member == "NotificationReplied":
            self.answered.emit(conversation_id, str(body[1]))
        elif member == "NotificationClosed":
            self._shown.pop(conversation_id, None)
