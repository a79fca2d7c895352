"""A document: a page with its type, the file's name and its size; a click opens or saves it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from console.domain.content import MediaItem
from console.domain.message import Message
from console.ui.language import translate
from console.ui.theme.type import Role
from console.ui.timeline.blocks import draw_two_lines
from console.ui.timeline.context import Block, Context, Hit, Target
from console.ui.timeline.renderers.text import blocks_of
from console.ui.times import size
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
    "application/zip": "ZIP",
}


def type_name(content_type: str) -> str:
    """Three or four letters for a content type, told by the type and not by the name."""
    return TYPES.get(content_type.partition(";")[0].strip(), "")


@dataclass(frozen=True, slots=True)
class DocumentBlock:
    """A little page beside name and facts."""

    size: QSizeF
    title: str
    detail: str
    letters: str
    target: Hit

    def paint(self, painter: QPainter, at: QPointF, context: Context) -> None:
        theme = context.theme
        wide, tall = theme.px(38), theme.px(50)
        page = QRectF(at.x() + 2, at.y() + (self.size.height() - tall) / 2, wide, tall)
        painter.setPen(theme.color("line"))
        painter.setBrush(theme.color("paper"))
        painter.drawRoundedRect(page, 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        step = theme.px(6)
        for index, part in enumerate((0.5, 0.95, 1.0, 0.9, 0.55)):
            painter.setBrush(theme.color("paper_mark" if index == 0 else "paper_line"))
            line = QRectF(
                page.x() + 6, page.y() + 8 + index * step, (wide - 12) * part, theme.px(2.4)
            )
            painter.drawRoundedRect(line, 1, 1)
        left = page.right() + 10
        draw_two_lines(
            painter,
            theme,
            QRectF(left, at.y(), at.x() + self.size.width() - left, self.size.height()),
            self.title,
            self.detail,
            "on_bubble",
        )

    def hit(self, point: QPointF) -> Hit | None:
        return self.target if QRectF(QPointF(0, 0), self.size).contains(point) else None


def measure(message: Message, width: float, context: Context) -> list[Block]:
    blocks: list[Block] = [document(item, width, context) for item in message.content.media]
    return blocks_of(message, message.content.text, width, context) + blocks


def document(item: MediaItem, width: float, context: Context) -> DocumentBlock:
    theme = context.theme
    title = file_name(item.name, translate("words", "Document"))
    letters = type_name(item.content_type)
    detail = " · ".join(part for part in (letters, size(item.size) if item.size else "") if part)
    wide = QFontMetricsF(theme.font(Role.BASE_STRONG)).horizontalAdvance(title)
    return DocumentBlock(
        QSizeF(min(width, max(wide + theme.px(54), theme.px(200))), theme.px(56)),
        title,
        detail,
        letters,
        Hit(Target.MEDIA, str(item.index), title),
    )
