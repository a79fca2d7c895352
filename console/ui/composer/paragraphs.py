"""How paragraphs lie in a field: each on the side where its own writing begins."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QTextBlock, QTextDocument
from PySide6.QtWidgets import QPlainTextDocumentLayout

from console.ui.widgets.painting import runs_from_right

MOST_LOOKED_AT = 50  # paragraphs around one without letters


class Paragraphs(QPlainTextDocumentLayout):
    """As in the bubble: what has no letters lies like the paragraph before.

    Qt runs each paragraph in its own direction but lays all of them on the left. Lines are placed
    when they are painted or pointed at, and before either Qt asks for the paragraph's rectangle.
    """

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)

    # Qt

    def blockBoundingRect(self, block: QTextBlock) -> QRectF:
        rect = super().blockBoundingRect(block)
        side = Qt.AlignmentFlag.AlignRight if _from_right(block) else Qt.AlignmentFlag.AlignLeft
        layout = block.layout()
        option = layout.textOption()
        if option.alignment() != side:
            option.setAlignment(side)
            layout.setTextOption(option)
        return rect


def _from_right(block: QTextBlock) -> bool:
    """From its own letters, else from those before it, else after it, else as the window."""
    for step in (QTextBlock.previous, QTextBlock.next):
        near = block
        for _ in range(MOST_LOOKED_AT):
            if not near.isValid():
                break
            known = runs_from_right(near.text())
            if known is not None:
                return known
            near = step(near)
    return QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft
