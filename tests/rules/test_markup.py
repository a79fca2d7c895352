"""Attack 10 for every screen there is and will be: no label, no tooltip, no widget reads markup."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PySide6 import QtGui

from console.ui import words

ROOT = Path(__file__).parents[2]
WINDOW = ROOT / "console" / "ui"

# Tooltips that are made of our own words, or of what somebody else may not have typed.
OWN_TIPS = {
    "alerts/tray.py": "a number",
    "composer/tabs.py": "a table of our own texts",
    "composer/toolbar.py": "counts, and one character between quotes",
    "keys.py": "the tooltip that is there, with other keys",
    "navigation.py": "a page's name",
    "screens/administration/week.py": "a day of the calendar",
    "screens/contact/parts.py": "the name of a channel",
    "screens/inbox/header.py": "an act and its keys",
    "screens/inbox/views.py": "orders and filters, by our own names",
    "widgets/buttons.py": "what the caller gives; each caller is looked at here",
    "widgets/number.py": "two numbers",
    "widgets/sections.py": "a section of the preferences",
    "widgets/select.py": "the title of a choice",
}


@cache
def called() -> dict[str, list[tuple[str, ast.Call]]]:
    """Every call in the window's code with its file, by the name of the function or method."""
    found: dict[str, list[tuple[str, ast.Call]]] = {}
    for path in sorted(WINDOW.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                of = node.func
                name = of.attr if isinstance(of, ast.Attribute) else getattr(of, "id", "")
                found.setdefault(name, []).append((path.relative_to(WINDOW).as_posix(), node))
    return found


def calls(name: str) -> list[tuple[str, ast.Call]]:
    """Every call of a function or method of that name in the window's code, with its file."""
    return called().get(name, [])


def is_ours(text: ast.expr) -> bool:
    """Whether a text is a constant, a translation, or went through `tip`."""
    if isinstance(text, ast.Constant):
        return True
    if isinstance(text, ast.BoolOp | ast.IfExp):
        parts = text.values if isinstance(text, ast.BoolOp) else [text.body, text.orelse]
        return all(map(is_ours, parts))
    if isinstance(text, ast.JoinedStr):
        held = [part.value for part in text.values if isinstance(part, ast.FormattedValue)]
        return all(map(is_ours, held))
    if isinstance(text, ast.Call):
        of = ast.unparse(text.func)
        if of.endswith(").format") and of.startswith("translate("):
            return all(is_ours(part.value) for part in text.keywords)
        return of in {"translate", "tip", "words.tip"}
    return False


def test_no_tooltip_is_made_of_words_of_people_as_they_are() -> None:
    found = []
    for file, call in calls("setToolTip"):
        if not is_ours(call.args[0]) and file not in OWN_TIPS:
            found.append(f"{file}:{call.lineno}: {ast.unparse(call)}")
    for file, call in calls("showText"):
        if not is_ours(call.args[1]):
            found.append(f"{file}:{call.lineno}: {ast.unparse(call)}")
    assert not found, "Qt guesses whether a tooltip is HTML; give it words.tip(...):\n" + "\n".join(
        found
    )


@example("<b>Tebal</b>")
@example("  <img src='file:///etc/passwd'>")
@example("Ani <table>")
@example("&lt;b&gt;")
@example("<?xml")
@example("<!--")
@example("&lt;<img src=x>")
@given(st.text())
def test_a_tip_is_never_taken_for_markup(text: str) -> None:
    assert not QtGui.Qt.mightBeRichText(words.tip(text))
    assert words.tip(text).replace("\u200b", "") == text.replace("\u200b", "")


def test_no_label_reads_markup() -> None:
    """A label is made by `label()`, or says PlainText itself, or never holds a text."""
    found = []
    for path in sorted(WINDOW.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.ClassDef)
                and "QLabel" in map(ast.unparse, node.bases)
                and "setTextFormat(Qt.TextFormat.PlainText)" not in ast.unparse(node)
            ):
                found.append(f"{path.name}:{node.lineno}: class {node.name}")
            if not isinstance(node, ast.Assign) or ast.unparse(node.value) != "QLabel()":
                continue
            name = ast.unparse(node.targets[0])
            if f"{name}.setTextFormat(Qt.TextFormat.PlainText)" in source:
                continue
            if f"{name}.setText(" in source:
                found.append(f"{path.name}:{node.lineno}: {name}")
    given = [f"{file}:{call.lineno}" for file, call in calls("QLabel") if call.args]
    assert not found + given, "make it with label()"


@pytest.mark.parametrize(
    "name",
    [
        "QTextBrowser", "QWebEngineView", "QMessageBox", "setHtml", "insertHtml", "setMarkdown",
        "setDefaultStyleSheet", "setOpenExternalLinks", "loadResource",
    ],
)  # fmt: skip
def test_nothing_that_fetches_what_a_text_names_is_used(name: str) -> None:
    assert [f"{file}:{call.lineno}" for file, call in calls(name)] == []
