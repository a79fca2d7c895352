"""A fault in a method that Qt calls is told; neither memory nor the window suffers from it."""

from __future__ import annotations

from typing import Generic, TypeVar

import pytest
from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
)
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

import console.ui  # noqa: F401  with it the guard

Thing = TypeVar("Thing")
NOWHERE = QModelIndex()


class Faulty(QWidget):
    """Raises as C code does, wherever it is asked."""

    def sizeHint(self) -> QSize:
        return QSize(int("x"), 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawText(0, 0, str(int("x")))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return bool(int("x"))


class Rows(QAbstractListModel):
    """Knows neither how many it has nor what they are."""

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = NOWHERE) -> int:
        return int("x")

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> object:
        return int("x")


def test_two_faults_in_one_call_are_told_and_qt_answers_in_their_place(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    layout = QVBoxLayout(widget)
    for _ in range(2):
        layout.addWidget(Faulty())
    with qtbot.capture_exceptions() as told:
        assert widget.sizeHint().isValid()
    assert len(told) >= 2
    assert {kind for kind, _, _ in told} == {ValueError}


def test_what_was_being_painted_ends_with_the_fault(qtbot: QtBot) -> None:
    widget = Faulty()
    qtbot.addWidget(widget)
    with qtbot.capture_exceptions() as told:
        widget.resize(20, 20)
        assert not widget.grab().isNull()
        assert not widget.paintingActive()
    assert told


def test_a_filter_that_fails_lets_the_event_through(qtbot: QtBot) -> None:
    widget, faulty = QWidget(), Faulty()
    qtbot.addWidget(widget)
    qtbot.addWidget(faulty)
    widget.installEventFilter(faulty)
    with qtbot.capture_exceptions() as told:
        widget.setEnabled(False)
        QApplication.sendEvent(widget, QEvent(QEvent.Type.User))
        widget.removeEventFilter(faulty)
    assert not widget.isEnabled()
    assert len(told) == 1  # of the same thing at the same place; Qt asks with each event


def test_a_model_that_fails_has_no_rows(qtbot: QtBot) -> None:
    rows = Rows()
    with qtbot.capture_exceptions() as told:
        assert (rows.rowCount(), rows.data(QModelIndex())) == (0, None)
        assert rows.index(0, 0).isValid() is False
    assert len(told) >= 2


def test_what_ends_a_program_goes_through(qapp: QApplication) -> None:
    class Ending(QObject):
        def event(self, event: QEvent) -> bool:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Ending().event(QEvent(QEvent.Type.User))


def test_a_class_may_have_other_bases_that_want_to_know_of_it(qtbot: QtBot) -> None:
    class Form(QWidget, Generic[Thing]):
        pass

    form = Form[int]()
    qtbot.addWidget(form)
    assert form.isWidgetType()
