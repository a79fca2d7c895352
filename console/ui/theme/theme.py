"""The theme in force: which tokens, which text scale; tells everyone when that changes."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from console.ui.theme import icons, style
from console.ui.theme.tokens import DARK, LIGHT, Tokens
from console.ui.theme.type import Role, font, load_fonts


class Scheme(StrEnum):
    """What the agent chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@lru_cache(maxsize=256)
def color(value: str) -> QColor:
    """A QColor for #RRGGBB, shared: never change it."""
    return QColor(value)


class Theme(QObject):
    """Give it to whatever paints. `version` grows with each change and keys layout caches."""

    changed = Signal()

    def __init__(self, scheme: Scheme = Scheme.SYSTEM, scale: int = 100) -> None:
        super().__init__()
        load_fonts()
        self._scheme = scheme
        self._scale = scale
        self._fonts: dict[Role, QFont] = {}
        self.version = 0
        self.tokens: Tokens = LIGHT
        self._apply()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_scheme_changed)

    @property
    def scheme(self) -> Scheme:
        return self._scheme

    @property
    def scale(self) -> int:
        """Text scale in per cent, 90..150."""
        return self._scale

    def choose(self, scheme: Scheme | None = None, scale: int | None = None) -> None:
        """Change the scheme, the text scale, or both, at once everywhere."""
        self._scheme = self._scheme if scheme is None else scheme
        self._scale = self._scale if scale is None else min(150, max(90, scale))
        self._apply()

    def font(self, role: Role) -> QFont:
        found = self._fonts.get(role)
        if found is None:
            found = self._fonts[role] = font(role, self._scale)
        return found

    def px(self, length: float) -> int:
        """A length that grows with the text, such as the height of a row."""
        return round(length * self._scale / 100)

    def icon(self, name: str, token: str, size: int, ratio: float = 2.0) -> QPixmap:
        """An icon in a token's colour."""
        return icons.pixmap(name, getattr(self.tokens, token), size, ratio)

    def qicon(self, name: str, token: str, size: int = 18) -> QIcon:
        made = QIcon()
        for ratio in (1.0, 2.0):
            made.addPixmap(self.icon(name, token, size, ratio))
            made.addPixmap(self.icon(name, "faint", size, ratio), QIcon.Mode.Disabled)
        return made

    def draw_icon(self, painter: QPainter, name: str, token: str, rect: QRectF) -> None:
        """Paint an icon into a square `rect` at the painter's own pixel ratio."""
        ratio = painter.device().devicePixelRatioF()
        image = self.icon(name, token, round(rect.width()), ratio)
        painter.drawPixmap(QPointF(round(rect.x()), round(rect.y())), image)

    def color(self, token: str) -> QColor:
        return color(getattr(self.tokens, token))

    def _apply(self) -> None:
        self.tokens = DARK if self._is_dark() else LIGHT
        self._fonts.clear()
        self.version += 1
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setFont(self.font(Role.BASE))
            application.setPalette(style.palette(self.tokens))
            application.setStyleSheet(style.sheet(self.tokens, self._scale))
        self.changed.emit()

    def _is_dark(self) -> bool:
        if self._scheme is Scheme.SYSTEM:
            return QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return self._scheme is Scheme.DARK

    def _on_system_scheme_changed(self) -> None:
        if self._scheme is Scheme.SYSTEM:
            self._apply()
