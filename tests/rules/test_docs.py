"""The guides are true: commands can be typed, links lead somewhere, words are the window's own."""

from __future__ import annotations

import argparse
import importlib.util
import re
import shlex
from functools import cache
from pathlib import Path

import frozen
import linux
import manifest
import pytest
from PySide6.QtGui import QKeySequence

import dev
from console import cli
from console.ui.actions import shortcuts
from console.ui.language import Language
from tests.ui.translations import translations

ROOT = Path(__file__).parents[2]
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [*DOCS, *sorted((ROOT / "resources" / "packaging").glob("*.md")), *ROOT.glob("*.md")]
GUIDES = {"en": ROOT / "docs" / "guide.md", "id": ROOT / "docs" / "panduan.md"}
PARSERS = {"build": frozen.parser, "package": linux.parser, "manifest": manifest.parser}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def in_blocks(text: str) -> list[list[str]]:
    """The words of each line of a block of commands that is ours."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", text, flags=re.M | re.S)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    ours = [line for line in lines if re.match(r"balas |python3 dev\.py |python -m ", line)]
    return [shlex.split(line, comments=True) for line in ours]


def in_sentences(text: str) -> list[list[str]]:
    """The words of each command that a sentence names, perhaps without its arguments."""
    named = re.findall(r"`((?:balas|python3 dev\.py|python -m) [^`]+)`", text)
    return [shlex.split(words) for words in named]


def is_command(words: list[str], parser: argparse.ArgumentParser) -> bool:
    """Whether words begin with a command that the parser knows; its arguments may be missing."""
    while words:
        groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        options = {name for action in parser._actions for name in action.option_strings}
        if words[0].startswith("-"):
            return words[0].partition("=")[0] in options
        if not groups:
            return True
        if words[0] not in groups[0].choices:
            return False
        parser, words = groups[0].choices[words[0]], words[1:]
    return True


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_can_be_typed(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for words in in_blocks(text):
        if words[0] == "balas":
            cli.parser().parse_args(words[1:])
        elif words[2] in PARSERS:
            PARSERS[words[2]]().parse_args(words[3:])
    for words in [*in_blocks(text), *in_sentences(text)]:
        if words[0] == "balas":
            assert is_command(words[1:], cli.parser()), words
        elif words[0] == "python3":
            assert words[2] in {*dev.COMMANDS, "--help"}, words
        else:
            assert importlib.util.find_spec(words[2]), words


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, flags=re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_and_picture_is_there(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith("https://"):
            continue
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


def test_every_picture_is_used_and_small() -> None:
    pictures = sorted((ROOT / "docs" / "pictures").iterdir())
    texts = "".join(page.read_text(encoding="utf-8") for page in DOCS)
    assert not [picture.name for picture in pictures if f"pictures/{picture.name})" not in texts]
    assert not [picture.name for picture in pictures if picture.stat().st_size > 150_000]


def test_both_guides_tell_the_same() -> None:
    english, indonesian = (path.read_text(encoding="utf-8") for path in GUIDES.values())
    for pattern in (r"^(#+) ", r"pictures/([\w-]+)-(?:en|id)\.png", r"^\| `(.+?)` \|"):
        assert re.findall(pattern, english, re.M) == re.findall(pattern, indonesian, re.M)


@pytest.mark.parametrize("code", GUIDES)
@pytest.mark.usefixtures("qapp")
def test_the_guides_shortcuts_are_the_windows(code: str) -> None:
    language = Language()
    language.choose(code)
    try:
        known = {(keys, entry.words) for entry in shortcuts() for keys in entry.keys}
    finally:
        language.choose("en")
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \|$", GUIDES[code].read_text("utf-8"), flags=re.M)
    assert len(rows) > 20
    assert all(not QKeySequence(keys).isEmpty() for keys, _ in rows)
    assert not [row for row in rows if row not in known]


@cache
def spoken(code: str) -> frozenset[str]:
    """Every text of the window in one language, without marks at its end."""
    found = translations("id")
    texts = [source for _, source in found]
    if code == "id":
        texts = [form for forms in found.values() for form in forms]
    return frozenset(text.removesuffix("…") for text in texts)


# Set in bold because a list begins with them, not because the window says so.
OWN = {
    "en": {
        "Files",
        "Voice",
        "Canned replies",
        "Emoji",
        "Quote",
        "Internal note",
        "···",
        "Coming and going.",
    },
    "id": {
        "Berkas",
        "Suara",
        "Balasan cepat",
        "Emoji",
        "Kutip",
        "Catatan internal",
        "···",
        "Datang dan pulang.",
    },
}


@pytest.mark.parametrize("code", GUIDES)
def test_what_the_guides_call_a_button_is_called_so_in_the_window(code: str) -> None:
    text = GUIDES[code].read_text(encoding="utf-8")
    bold = {words.removesuffix("…") for words in re.findall(r"\*\*(.+?)\*\*", text)}
    unknown = bold - spoken(code) - OWN[code]
    assert not unknown
