"""What every screen keeps to: each control has a name, and no text is cut or lies on another."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import combinations, pairwise

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QRect, Qt
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
    QSplitter,
    QStackedWidget,
    QTextEdit,
    QWidget,
)

from console.ui.screens.inbox.screen import InboxScreen
from console.ui.screens.inbox.thread import ThreadScreen
from console.ui.widgets.labels import ElidedLabel, Pill, ShorterLabel
from console.ui.window import MainWindow

COLUMNS = (MainWindow, InboxScreen, ThreadScreen, QSplitter, QStackedWidget)  # beside each other
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
        if is_control(control):
            spoken = QAccessible.queryAccessibleInterface(control)
            if not spoken.text(QAccessible.Text.Name).strip():
                found.append(told(control))
    return found


def stops(widget: QWidget) -> list[QWidget]:
    """Where Tab comes to in it, one after the other."""
    found: list[QWidget] = []
    first = widget.window()
    at = first.nextInFocusChain()
    while at is not None and at is not first:
        by_tab = at.focusPolicy() & Qt.FocusPolicy.TabFocus
        if by_tab and at.isVisible() and at.isEnabled() and widget.isAncestorOf(at):
            found.append(at)
        at = at.nextInFocusChain()
    # In a dialog Tab goes round: it has the keys from the start.
    return found if not widget.isWindow() or isinstance(widget, MainWindow) else read(found, widget)


def read(round: list[QWidget], widget: QWidget) -> list[QWidget]:
    """The stops of a round in a dialog from the uppermost on."""
    places = [(place.y(), place.x()) for place in (_place(one, widget) for one in round)]
    top = places.index(min(places)) if places else 0
    return [*round[top:], *round[:top]]


def backwards(widget: QWidget, among: list[QWidget] | None = None) -> list[str]:
    """Steps of Tab that go up, within one column of what one reads; `among` is where it went."""
    found = []
    for before, after in pairwise(stops(widget) if among is None else among):
        around = _around(before, after)
        # What lies over the window's parts is not read after them.
        if not isinstance(around, COLUMNS) and not isinstance(around.parentWidget(), MainWindow):
            here, there = _place(before, widget), _place(after, widget)
            beside = there.left() >= here.right() or there.right() <= here.left()
            if there.bottom() <= here.top() and not beside:
                found.append(f"{told(before)} to {told(after)}")
    return found


def _around(one: QWidget, other: QWidget) -> QWidget:
    """The smallest that holds both."""
    at: QWidget = one.window()
    inner = one.parentWidget()
    while inner is not None and inner is not at and not inner.isAncestorOf(other):
        inner = inner.parentWidget()
    return inner or at


def _place(one: QWidget, whole: QWidget) -> QRect:
    return QRect(one.mapTo(whole, QPoint()), one.size())


class _Arrangements(QObject):
    """Counts how often each widget is asked to arrange anew what stands in it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[QObject] = Counter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            self.found[watched] += 1
        return False


async def restless(widget: QWidget, turns: int = 12) -> list[str]:
    """What arranges itself anew at every turn of the loop, and costs the processor for ever."""
    application = QCoreApplication.instance()
    assert application is not None
    seen = _Arrangements()
    application.installEventFilter(seen)
    try:
        for _ in range(turns):
            await asyncio.sleep(0.001)
    finally:
        application.removeEventFilter(seen)
    return [told(one) for one in inside(widget) if seen.found[one] > turns / 2]


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
            wide = one.fontMetrics().horizontalAdvance(one.wording)
            if isinstance(one, ShorterLabel) and wide > one.width():
                found.append(f"{told(one)}: {one.wording}")
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
