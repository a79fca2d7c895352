"""Pictures of a list's rows, kept until something in them changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

from PySide6.QtCore import QLocale, QPoint, QRect, QRectF
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QStyleOptionViewItem

from console.ui.theme.theme import Theme

KEPT = 32  # those in view, and what they were a moment ago
_MEASURES = slice(2, 5)  # of a key: width, height, pixel ratio


class Pictures:
    """A row costs half a millisecond of words and icons; its picture costs nothing to show again.

    Theme, size, pixel ratio, direction and language are looked after here.
    """

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._kept: OrderedDict[tuple[Hashable, ...], QPixmap] = OrderedDict()

    def clear(self) -> None:
        """Paint each anew."""
        self._kept.clear()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        key: Hashable,
        draw: Callable[[QPainter, QRectF], None],
    ) -> None:
        """Show what `draw` paints into a rectangle, once for each `key`: all that it looks at."""
        size, scale = option.rect.size(), painter.device().devicePixelRatioF()
        whole = (
            key, self._theme.version, size.width(), size.height(), scale, option.direction,
            QLocale().name(),
        )  # fmt: skip
        picture = self._kept.get(whole)
        if picture is None:
            picture = self._canvas(whole)
            if picture is None:
                picture = QPixmap(size * scale)
                picture.setDevicePixelRatio(scale)
            with QPainter(picture) as within:
                within.setLayoutDirection(option.direction)
                within.setRenderHint(QPainter.RenderHint.Antialiasing)
                draw(within, QRect(QPoint(), size).toRectF())
            self._kept[whole] = picture
        else:
            self._kept.move_to_end(whole)
        painter.drawPixmap(option.rect.topLeft(), picture)

    def _canvas(self, whole: tuple[Hashable, ...]) -> QPixmap | None:
        """The oldest picture where no more are kept, to be painted over if it is as large.

        The memory of a new one comes from the system page by page.
        """
        if len(self._kept) < KEPT:
            return None
        old, picture = self._kept.popitem(last=False)
        return picture if old[_MEASURES] == whole[_MEASURES] else None
