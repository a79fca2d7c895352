"""A document: its first page where it has one, the name, type, pages and size; a click opens it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPixmap

from console.domain.content import MediaItem
from console.domain.message import Message
from console.ui.language import translate
from console.ui.theme.type import Role
from console.ui.timeline.blocks import draw_two_lines
from console.ui.timeline.context import Block, Context, Hit, Target
from console.ui.timeline.facts import Facts
from console.ui.timeline.renderers.text import blocks_of
from console.ui.times import size
from console.ui.widgets.painting import LEFT_TO_RIGHT, Aside, placed
from console.ui.words import file_name

TYPES = {
    "application/pdf": "PDF",
    "application/msword": "DOC",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOCX",
    "application/vnd.ms-excel": "XLS",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
    "application/vnd.ms-powerpoint": "PPT",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PPTX",
    "text/plain": "TXT",
    "text/csv": "CSV",
    "text/vcard": "VCF",
    "application/zip": "ZIP",
    "application/vnd.rar": "RAR",
    "application/x-7z-compressed": "7Z",
    "image/heic": "HEIC",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
}
PROGRAMS = frozenset({"application/x-msdownload", "application/x-executable"})
PAGE = QSizeF(40, 54)


def type_name(content_type: str) -> str:
    """A few letters for a content type, told by the type and not by the name."""
    return TYPES.get(content_type.partition(";")[0].strip(), "")


@dataclass(frozen=True, slots=True)
class DocumentBlock:
    """A little page beside name and facts."""

    size: QSizeF
    item: MediaItem
    title: str
    detail: str
    ink: str
    icon: str
    target: Hit

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        theme = context.theme
        wide, tall = theme.px(PAGE.width()), theme.px(PAGE.height())
        whole = QRectF(at, self.size)
        page = QRectF(at.x() + 2, at.y() + (self.size.height() - tall) / 2, wide, tall)
        beside = placed(painter, whole, whole.adjusted(page.right() + 11 - at.x(), 0, 0, 0))
        page = placed(painter, whole, page)
        picture = None if self.icon else context.pictures.preview(self.item)
        path = QPainterPath()
        path.addRoundedRect(page, 4, 4)
        painter.fillPath(path, theme.color("paper"))
        if picture is not None:
            with Aside(painter):
                painter.setClipPath(path)
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawPixmap(page, picture, _top(picture, page.size()))
        elif self.icon:
            side = theme.px(20)
            spot = QRectF(0, 0, side, side)
            spot.moveCenter(page.center())
            theme.draw_icon(painter, self.icon, "paper_mark", spot)
        else:
            self._paint_lines(painter, page, context)
        painter.setPen(theme.color("line"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        # The type of a file stands at the right end of its name, in whichever script that is.
        draw_two_lines(
            painter,
            theme,
            beside,
            f"{LEFT_TO_RIGHT}{self.title}",
            self.detail,
            self.ink,
        )

    def hit(self, point: QPointF) -> Hit | None:
        return self.target if QRectF(QPointF(0, 0), self.size).contains(point) else None

    def _paint_lines(self, painter: QPainter, page: QRectF, context: Context) -> None:
        theme = context.theme
        painter.setPen(Qt.PenStyle.NoPen)
        step = theme.px(6)
        for index, part in enumerate((0.5, 0.95, 1.0, 0.9, 0.55)):
            painter.setBrush(theme.color("paper_mark" if index == 0 else "paper_line"))
            wide = (page.width() - 12) * part
            line = QRectF(page.x() + 6, page.y() + 8 + index * step, wide, theme.px(2.4))
            painter.drawRoundedRect(line, 1, 1)


def measure(message: Message, width: float, context: Context) -> list[Block]:
    blocks: list[Block] = [document(item, width, context) for item in message.content.media]
    text = message.content.text
    if text.strip() in {item.name for item in message.content.media}:
        text = ""  # Twilio gives the file's name as the text where the customer wrote none
    return blocks_of(message, text, width, context) + blocks


def document(item: MediaItem, width: float, context: Context) -> DocumentBlock:
    theme = context.theme
    facts = context.pictures.facts(item)
    title = file_name(item.name, translate("words", "Document"))
    detail = " · ".join(part for part in (*_told(item, facts), size(item.size or 0)) if part)
    if not item.size:
        detail = " · ".join(part for part in _told(item, facts) if part)
    icon, ink = "", "on_bubble"
    if facts is not None and facts.content_type in PROGRAMS:
        icon, ink = "triangle-alert", "danger"
        detail = translate("timeline", "A program: it is not opened here")
    elif facts is not None and facts.locked:
        icon = "lock"
    elif context.pictures.is_absent(item):
        icon = "download"
    wide = max(
        QFontMetricsF(theme.font(Role.BASE_STRONG)).horizontalAdvance(title),
        QFontMetricsF(theme.font(Role.STAMP)).horizontalAdvance(detail),
    )
    beside = theme.px(PAGE.width()) + 14
    return DocumentBlock(
        size=QSizeF(min(width, max(wide + beside + 2, theme.px(200))), theme.px(58)),
        item=item,
        title=title,
        detail=detail,
        ink=ink,
        icon=icon,
        target=Hit(Target.MEDIA, str(item.index), title),
    )


def _told(item: MediaItem, facts: Facts | None) -> tuple[str, ...]:
    """Type and pages, as the content tells them once it is here."""
    if facts is None:
        return (type_name(item.content_type),)
    pages = translate("timeline", "%n page(s)", "", facts.pages) if facts.pages else ""
    locked = translate("timeline", "Locked") if facts.locked else ""
    return type_name(facts.content_type), pages, locked


def _top(picture: QPixmap, frame: QSizeF) -> QRectF:
    """The upper part of a page that fills `frame`."""
    whole = QSizeF(picture.size())
    part = frame.scaled(whole, Qt.AspectRatioMode.KeepAspectRatio)
    return QRectF(QPointF((whole.width() - part.width()) / 2, 0), part)
