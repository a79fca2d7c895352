"""What every screen keeps to: each control has a name, and no text is cut or lies on another."""

from __future__ import annotations

from itertools import combinations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QBoxLayout,
    QComboBox,
    QGridLayout,
    QHeaderView,
    QLabel,
    QLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QTextEdit,
    QWidget,
)

from console.ui.widgets.labels import ElidedLabel, Pill

SLACK = 6  # px of a pill's own margin
CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
)


def inside(widget: QWidget) -> list[QWidget]:
    """It and everything visible in it; what Qt makes for itself belongs to whoever holds it."""
    found = [widget, *widget.findChildren(QWidget)]
    return [w for w in found if w.isVisible() and not w.objectName().startswith("qt_")]


def is_control(widget: QWidget) -> bool:
    """Whether one can do something with it."""
    if isinstance(widget, QScrollBar | QLabel | QHeaderView):
        return False
    return isinstance(widget, CONTROLS) or widget.focusPolicy() != Qt.FocusPolicy.NoFocus


def told(widget: QWidget) -> str:
    """A widget as a person would look for it in the source."""
    chain, at = [type(widget).__name__], widget.parentWidget()
    while at is not None and len(chain) < 4:
        if type(at) is not QWidget:
            chain.append(type(at).__name__)
        at = at.parentWidget()
    return " in ".join(chain)


def unnamed(widget: QWidget) -> list[str]:
    """Controls that a screen reader has no name for."""
    found = []
    for control in inside(widget):
        if is_control(control) and control.isEnabled():
            spoken = QAccessible.queryAccessibleInterface(control)
            if not spoken.text(QAccessible.Text.Name).strip():
                found.append(told(control))
    return found


def cut(widget: QWidget) -> list[str]:
    """Texts that are not all there, other than those that end in an ellipsis on purpose."""
    found = []
    for one in inside(widget):
        if isinstance(one, Pill):  # painted by itself
            if one.sizeHint().width() > one.width() + SLACK:
                found.append(f"{told(one)}: {one.text()}")
        elif isinstance(one, QLabel) and not isinstance(one, ElidedLabel) and one.text():
            room = one.contentsRect()
            if one.wordWrap():
                whole = one.heightForWidth(one.width()) <= one.height() + 1
            else:
                wanted = one.fontMetrics().size(0, one.text())
                whole = wanted.width() <= room.width() + 1 and wanted.height() <= room.height() + 1
            if not whole and one.pixmap().isNull():
                found.append(f"{told(one)}: {one.text()}")
        elif isinstance(one, ElidedLabel) and one.text():
            if one.fontMetrics().height() > one.height() + 1:  # without the tails of its letters
                found.append(f"{told(one)}: {one.text()}")
        elif isinstance(one, QPushButton) and one.text():
            wanted, has = one.sizeHint(), one.size()
            if wanted.width() > has.width() + 1 or wanted.height() > has.height() + 1:
                found.append(f"{told(one)}: {one.text()}")
    return found


def overlapping(widget: QWidget) -> list[str]:
    """Neighbours in one layout that lie on each other, and what stands out of its parent."""
    found = []
    for one in inside(widget):
        for layout in one.findChildren(QLayout):
            if isinstance(layout, QBoxLayout | QGridLayout):
                found += [f"{told(one)}: {pair}" for pair in _touching(layout)]
    for one in inside(widget):
        parent: QWidget | None = one.parentWidget()
        if one is widget or parent is None or one.isWindow():
            continue
        if isinstance(parent.parentWidget(), QScrollArea):
            continue
        held, room = parent.layout(), parent.rect().adjusted(-1, -1, 1, 1)
        if held and held.indexOf(one) >= 0 and not room.contains(one.geometry()):
            found.append(f"{told(one)} stands out: {one.geometry()} of {parent.rect()}")
    return found


def _touching(layout: QLayout) -> list[str]:
    placed: list[tuple[QWidget, QRect]] = []
    for place in range(layout.count()):
        item = layout.itemAt(place)
        held = item.widget() if item is not None else None
        if held is not None and held.isVisible():
            placed.append((held, held.geometry()))
    return [
        f"{type(first).__name__} and {type(second).__name__}"
        for (first, here), (second, there) in combinations(placed, 2)
        if here.intersects(there)
    ]
