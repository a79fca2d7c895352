"""The tree itself: a map that is true, files of a size, no window that blocks, nobody's machine."""

from __future__ import annotations

import ast
import os
import re
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

import dev
from console import cli

ROOT = Path(__file__).parents[2]

# Files past 400 lines, each with its reason.
LONG: dict[str, str] = {}
LONGEST = 400

# What a machine of ours could leave in a file: absolute homes, and the hosts packages came from.
OURS = re.compile(
    r"(?<![\w.])/(?:home|Users|root|work|tmp|var/tmp)/\w"
    r"|files\.pythonhosted\.org|pypi\.org/simple|deb\.debian\.org|registry\.npmjs\.org"
)
# Where such a path is the subject.
ABOUT_PATHS = {
    "tests/rules/test_tree.py": "names what it looks for",
}


@cache
def tracked() -> tuple[str, ...]:
    """Every file of the project, by the folders that .gitignore names; git need not be here."""
    ignored = {".git", *(ROOT / ".gitignore").read_text(encoding="utf-8").replace("/", "").split()}
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(
            name for name in folders if not any(fnmatch(name, pattern) for pattern in ignored)
        )
        found += [
            (Path(folder) / name).relative_to(ROOT).as_posix()
            for name in names
            if not any(fnmatch(name, pattern) for pattern in ignored)
        ]
    return tuple(sorted(found))


def python_files(*tops: str) -> list[Path]:
    return [ROOT / name for name in tracked() if name.endswith(".py") and name.startswith(tops)]


def test_every_module_says_what_lives_there() -> None:
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in python_files("console/", "tests/", "dev.py")
        if not dev.first_line(path) and path.read_text(encoding="utf-8").strip()
    ]
    assert not silent, f"no first docstring line: {silent}"
    nameless = [place for place, meaning in dev.map_rows() if not meaning]
    assert not nameless, f"no first docstring line in __init__.py: {nameless}"


def test_the_map_in_the_readme_is_true() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert dev.map_table() in text, "the map has moved; run: python dev.py map"


def test_commands_in_the_readme_can_be_typed() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:sh|console)?\n(.*?)^```", text, flags=re.M | re.S)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    seen = set()
    for line in lines:
        words = line.split("#")[0].split()
        if words[:2] == ["python3", "dev.py"]:
            assert words[2] in dev.COMMANDS, line
            seen.add(f"dev.py {words[2]}")
        elif words[:1] == ["balas"]:
            cli.parser().parse_args(words[1:])
            seen.add("balas")
    assert {"dev.py demo", "dev.py test", "balas"} <= seen


def test_files_stay_of_a_size_that_can_be_read() -> None:
    sizes = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8").count("\n")
        for path in python_files("console/", "tests/", "dev.py")
    }
    long = {name: lines for name, lines in sizes.items() if lines > LONGEST}
    assert not set(long) - set(LONG), f"past {LONGEST} lines without a reason in LONG: {long}"
    assert not set(LONG) - set(long), "a file in LONG is short again"


def test_no_window_blocks_the_loop() -> None:
    found = []
    for path in python_files("console/ui/", "console/app"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr in {"exec", "exec_", "processEvents"}:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
            of = node.func.value
            if (
                isinstance(of, ast.Name)
                and of.id in {"QMessageBox", "QFileDialog", "QInputDialog", "QColorDialog"}
                and re.match(r"get|question|information|warning|critical|about", node.func.attr)
            ):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not found, f"a nested event loop kills other tasks under qasync: {found}"


def test_no_file_names_somebodys_machine() -> None:
    found = []
    for name in tracked():
        if name in ABOUT_PATHS:
            continue
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if OURS.search(line):
                found.append(f"{name}:{number}: {line.strip()[:80]}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX"])
def test_nothing_is_left_for_later(word: str) -> None:
    pattern = re.compile(rf"#.*\b{word}\b|\b{word}:")
    found = [
        path.relative_to(ROOT).as_posix()
        for path in python_files("console/", "dev.py")
        if pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_the_readme_names_every_variable_that_the_service_reads() -> None:
    name = re.compile(r"\b[A-Z]+_[A-Z_]+\b|\bPORT\b")
    source = (ROOT / "console/service/config.py").read_text(encoding="utf-8")
    literals = (
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    read = {text for text in literals if name.fullmatch(text)}
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Environment of the")[2]
    rows = [line for line in table.partition("## ")[0].splitlines() if line.startswith("| `")]
    assert set(name.findall("\n".join(rows))) == read
