"""A person's picture: initials on a colour of their own, with the channel or presence on it."""

from __future__ import annotations

from functools import lru_cache
from zlib import crc32

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from console.domain.conversation import Channel
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import AVATARS
from console.ui.theme.type import Role, font
from console.ui.widgets.painting import Aside, draw_centred


def initials(name: str) -> str:
    """Two letters for a name, the country code for a number, "?" for nothing."""
    words = [word for word in name.lstrip("\u2066").split() if word]
    if not words:
        return "?"
    if words[0].startswith("+"):
        return words[0][:3]
    letters = [next((c for c in word if c.isalnum()), "") for word in words]
    letters = [letter for letter in letters if letter]
    if not letters:
        return words[0][:1]
    picked = letters[:1] if len(letters) == 1 else [letters[0], letters[1]]
    return "".join(picked).upper()


def avatar_color(name: str) -> QColor:
    """The same colour for the same name on every machine."""
    return QColor(AVATARS[crc32(name.encode()) % len(AVATARS)])


@lru_cache(maxsize=16)
def _face(width: float) -> QFont:
    """Initials for a disc of `width`; they grow with the disc, not with the text scale."""
    face = font(Role.BASE_STRONG)
    face.setPointSizeF(face.pointSizeF() * width / (40 if width > 24 else 30))
    face.setWeight(QFont.Weight.Bold if width < 24 else QFont.Weight.DemiBold)
    return face


def paint_avatar(painter: QPainter, theme: Theme, rect: QRectF, name: str) -> None:
    """The disc with its initials."""
    with Aside(painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(avatar_color(name))
        painter.drawEllipse(rect)
        painter.setFont(_face(rect.width()))
        painter.setPen(QColor("#FFFFFF"))
        draw_centred(painter, rect, initials(name))


def paint_dot(
    painter: QPainter, theme: Theme, rect: QRectF, token: str, behind: str, size: float = 13
) -> None:
    """The badge at an avatar's lower right, ringed in the colour behind the avatar."""
    with Aside(painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        center = QPointF(rect.right() - size / 2 + 2, rect.bottom() - size / 2 + 2)
        painter.setBrush(QColor(behind))
        painter.drawEllipse(center, size / 2 + 1, size / 2 + 1)
        painter.setBrush(theme.color(token))
        painter.drawEllipse(center, size / 2 - 1, size / 2 - 1)


def channel_token(channel: Channel) -> str:
    return "whatsapp" if channel is Channel.WHATSAPP else "sms"


class Avatar(QWidget):
    """An avatar as a widget; `token` names the colour of its dot, empty for none."""

    def __init__(
        self, theme: Theme, size: int, name: str = "", token: str = "", behind: str = "surface"
    ) -> None:
        super().__init__()
        self._theme = theme
        self._size = size
        self._name = name
        self._token = token
        self._behind = behind
        self.setFixedSize(size + 2, size + 2)
        theme.changed.connect(self.update)

    def show_person(self, name: str, token: str = "") -> None:
        self._name, self._token = name, token
        self.setAccessibleName(name)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._size + 2, self._size + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            rect = QRectF(0, 0, self._size, self._size)
            paint_avatar(painter, self._theme, rect, self._name)
            if self._token:
                behind = getattr(self._theme.tokens, self._behind)
                paint_dot(painter, self._theme, rect, self._token, behind, max(9, self._size * 0.3))
