"""The menu of one message."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from console.domain.content import Kind
from console.domain.delivery import Direction
from console.domain.links import DeepLink
from console.domain.links import Target as LinkTarget
from console.domain.message import Message
from console.ui.language import translate
from console.ui.screens.inbox.files import FileActions
from console.ui.timeline.context import Hit, Target
from console.ui.timeline.links import links_in
from console.ui.timeline.renderers.location import map_url
from console.ui.widgets import menus

MOST_LINKS = 5


def message_menu(
    parent: QWidget,
    message: Message,
    hit: Hit | None,
    act: Callable[[Message, Hit], None],
    files: FileActions,
) -> QMenu:
    """Show it with popup(); it deletes itself."""
    menu = menus.menu(parent)
    clipboard = QGuiApplication.clipboard()
    text = message.content.text
    _add_ways(menu, message, hit, act)
    if text:
        menu.addAction(translate("menu", "Copy text"), lambda: clipboard.setText(text))
    if hit is not None and hit.target is Target.LINK:
        menu.addAction(translate("menu", "Open link"), lambda: act(message, hit))
        menu.addAction(translate("menu", "Copy link"), lambda: clipboard.setText(hit.value))
    if hit is not None and hit.target in (Target.NUMBER, Target.WRITE):
        menu.addAction(translate("menu", "Copy number"), lambda: clipboard.setText(hit.value))
        menu.addAction(
            translate("timeline", "Write to this number"),
            lambda: act(message, Hit(Target.WRITE, hit.value)),
        )
    place = message.content.location
    if place is not None:
        position = f"{place.latitude:.6f}, {place.longitude:.6f}"
        menu.addAction(translate("menu", "Copy position"), lambda: clipboard.setText(position))
    if message.content.kind is Kind.IMAGE and message.content.media:
        shown = int(hit.value) if hit is not None and hit.target is Target.MEDIA else 0
        copy = translate("menu", "Copy picture")
        menu.addAction(copy, partial(files.copy_picture, message, shown))
    for item in message.content.media:
        menu.addAction(
            translate("menu", "Save as…")
            if len(message.content.media) == 1
            else translate("menu", "Save file {number} as…").format(number=item.index + 1),
            partial(files.save_as, message, item.index),
        )
    if message.waiting in ("asking", "held"):
        menu.addSeparator()
        if message.waiting == "asking" and message.rule != "window_closed":
            send = translate("timeline", "Send anyway")
            menu.addAction(send, lambda: act(message, Hit(Target.RELEASE)))
        edit = translate("timeline", "Edit")
        menu.addAction(edit, lambda: act(message, Hit(Target.TAKE_BACK)))
        menu.addAction(translate("timeline", "Discard"), lambda: act(message, Hit(Target.DISCARD)))
    elif message.waiting == "uploading":
        menu.addSeparator()
        undo = translate("timeline", "Undo")
        menu.addAction(undo, lambda: act(message, Hit(Target.TAKE_BACK)))
    elif message.is_failed:
        menu.addSeparator()
        menu.addAction(translate("timeline", "Try again"), lambda: act(message, Hit(Target.RETRY)))
    if not message.local:
        link = str(DeepLink(LinkTarget.MESSAGE, message.id))
        menu.addAction(
            translate("menu", "Copy link to this message"), lambda: clipboard.setText(link)
        )
    if _has_ledger(message):
        menu.addAction(translate("timeline", "Details"), lambda: act(message, Hit(Target.DETAILS)))
    if not menu.actions():
        menu.addAction(translate("menu", "Nothing to copy here")).setEnabled(False)
    return menu


def opening(message: Message) -> Hit | None:
    """What Enter does with a message: its file, its place, its first address, what it answers."""
    content = message.content
    if content.media:
        target = Target.PLAY if content.kind is Kind.AUDIO else Target.MEDIA
        return Hit(target, str(content.media[0].index))
    if content.location is not None:
        return Hit(Target.PLACE, map_url(content.location))
    for link in links_in(content.text):
        return Hit(Target.LINK, link.url, link.host)
    if message.quote is not None and message.quote.message_id:
        return Hit(Target.QUOTE, message.quote.message_id)
    return None


def _add_ways(
    menu: QMenu, message: Message, hit: Hit | None, act: Callable[[Message, Hit], None]
) -> None:
    """What can be opened, also without a mouse that points at it."""
    first = opening(message)
    if first is not None and first.target is not Target.LINK and first.target is not Target.QUOTE:
        said = {
            Target.PLAY: translate("timeline", "Play"),
            Target.PLACE: translate("timeline", "Open the map"),
        }
        name = said.get(first.target, translate("files", "Open"))
        shown = hit if hit is not None and hit.target is first.target else first
        menu.addAction(name, lambda: act(message, shown))
    links = {link.url: link.host for link in links_in(message.content.text)}
    if hit is None or hit.target is not Target.LINK:
        for url, host in list(links.items())[:MOST_LINKS]:
            name = translate("menu", "Open link")
            if len(links) > 1:
                name = f"{name}: {host}"
            menu.addAction(name, partial(act, message, Hit(Target.LINK, url, host)))
    quote = message.quote
    if quote is not None and quote.message_id:
        target = Hit(Target.QUOTE, quote.message_id)
        menu.addAction(translate("menu", "Go to what it answers"), lambda: act(message, target))


def can_be_quoted(message: Message) -> bool:
    """Notes are not the customer's to see, and what has not left has nothing to be quoted by."""
    return message.content.kind is not Kind.NOTE and not message.local


def _has_ledger(message: Message) -> bool:
    """Replies of ours have attempts to tell of."""
    return (
        message.direction is Direction.OUTBOUND
        and message.content.kind is not Kind.NOTE
        and not message.local
    )
