"""No word reaches the window past its translations, no number past its reader's way of writing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.ui.translations import SOURCES

# What takes a text for people.
TAKERS = {
    *("setText", "setToolTip", "setAccessibleName", "setAccessibleDescription", "setWindowTitle"),
    *("setPlaceholderText", "setTitle", "setPrefix", "setSuffix", "setInformativeText"),
    *("label", "button", "section", "heading", "ElidedLabel", "QLabel", "QPushButton", "QAction"),
    *("addAction", "addMenu", "tell", "say", "offer", "announce", "showMessage", "show_state"),
    *("IconButton", "SearchField", "RailButton", "CardRow", "Suggestion", "Line"),
    *("drawText", "draw_line", "draw_pill"),
}
NAMES = {"Balas", "MG"}  # the program's name; how Twilio's ids of services begin
PLAIN = {"location.py", "menu.py", "audio.py"}  # coordinates to be pasted elsewhere, a key
NUMBER = re.compile(r"[.,]?\d*[fgen,]")  # a format that writes digits


def trees() -> Iterator[tuple[Path, ast.AST]]:
    for path in sorted(SOURCES.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def literals(node: ast.expr) -> Iterator[str]:
    """The texts that stand in an expression as they are."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=values):
            for value in values:
                yield from literals(value)
        case ast.BinOp(left=left, right=right):
            yield from literals(left)
            yield from literals(right)
        case ast.IfExp(body=body, orelse=orelse):
            yield from literals(body)
            yield from literals(orelse)


def test_no_words_are_shown_that_nobody_can_translate() -> None:
    found = []
    for path, tree in trees():
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call):
                continue
            name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            name = call.func.id if isinstance(call.func, ast.Name) else name
            if name not in TAKERS:
                continue
            for text in (text for argument in call.args for text in literals(argument)):
                words = set(re.findall(r"[^\W\d_]{2,}", text)) - NAMES
                if words and (" " in text.strip() or text[:1].isupper()):
                    found.append(f"{path.name}:{call.lineno}: {text}")
    assert found == []


def test_times_and_numbers_are_written_by_the_locale() -> None:
    found = []
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in ("strftime", "ctime"):
                found.append(f"{path.name}:{node.lineno}: {node.attr}")
            if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
                spec = "".join(literals(node.format_spec))
                is_plain = path.name in PLAIN or "theme" in path.parts
                if NUMBER.fullmatch(spec) and not is_plain:
                    found.append(f"{path.name}:{node.lineno}: {spec}")
    assert found == []
