"""What every renderer may look at while it measures and paints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPointF, QSizeF
from PySide6.QtGui import QPainter

from console.domain.ids import MessageId, ProfileId
from console.ui.theme.theme import Theme

if TYPE_CHECKING:
    from console.domain.message import Attempt, Message
    from console.ui.timeline.pictures import Pictures
    from console.ui.timeline.player import Player


class Target(StrEnum):
    """What a click in the thread can mean."""

    LINK = "link"
    MEDIA = "media"
    PLAY = "play"
    SEEK = "seek"
    SPEED = "speed"
    NUMBER = "number"
    WRITE = "write"
    PLACE = "place"
    QUOTE = "quote"
    RETRY = "retry"
    DETAILS = "details"
    WAS_SENT = "was_sent"
    WAS_NOT_SENT = "was_not_sent"
    DISCARD = "discard"
    RELEASE = "release"
    TAKE_BACK = "take_back"
    EXPAND = "expand"
    FETCH = "fetch"


@dataclass(frozen=True, slots=True)
class Hit:
    """Something clickable. `value` is a URL, a sid, a number, or a file's index as text.

    With SEEK it is "index:part", the part of the recording from 0 to 1.
    """

    target: Target
    value: str = ""
    tip: str = ""
    message: Message | None = None  # whose file it is, where a bubble shows several messages


class Block(Protocol):
    """A measured piece of a bubble: immutable, painted at any point, asked what lies under one."""

    @property
    def size(self) -> QSizeF: ...

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None: ...

    def hit(self, point: QPointF) -> Hit | None:
        """What is at `point`, counted from the block's upper left."""


@dataclass
class Context:
    """One for each thread view. `me` tells own replies from a colleague's."""

    theme: Theme
    pictures: Pictures
    player: Player
    now: Callable[[], datetime]
    me: ProfileId | None = None
    mirrored: bool = False  # the desk of those who read from right to left
    outgoing: bool = False  # the side of the bubble being measured
    album: tuple[Message, ...] = ()  # the messages whose files it shows, if they are several
    open_ledgers: set[MessageId] = field(default_factory=set)
    attempts: dict[MessageId, tuple[Attempt, ...]] = field(default_factory=dict)
    unfolded: set[MessageId] = field(default_factory=set)
    buttons: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by a template's name
    names: tuple[str, ...] = ()  # of colleagues, the longest first: who may stand after an @
    hovered: Hit | None = None
    selected: dict[MessageId, dict[int, tuple[int, int]]] = field(default_factory=dict)
    flashed: tuple[str, float] | None = None  # a row's key, and how strongly it still glows: 0..1
