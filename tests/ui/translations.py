"""`python -m tests.ui.translations`: brings the .ts files up to the code and compiles the .qm.

WORKAROUND: pyside6-lupdate 6.11 drops `translate(…, n)` calls whose number is an expression and
never marks plurals in Python sources, so the strings are collected here, from the syntax tree.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from console.resources import RESOURCES
from console.settings.registry import REGISTRY, SECTIONS

PACKAGE = Path(__file__).resolve().parents[2] / "console"
SOURCES = PACKAGE / "ui"
FOLDER = RESOURCES / "translations"
OTHERS = ("registry.py", "secret_service.py")  # whose texts are read apart, or by no person
PLURALS = {"id": 1, "en": 2}


@dataclass(frozen=True, order=True)
class Text:
    """One string of the window; `counted` when it has plural forms."""

    context: str
    source: str
    counted: bool


@cache
def texts() -> tuple[Text, ...]:
    """Every string that the code translates; ValueError names a call without literals."""
    found = {text for path in sorted(SOURCES.rglob("*.py")) for text in _texts_of(path)}
    below = [*PACKAGE.glob("app/*.py"), *PACKAGE.glob("domain/errors.py")]
    below += PACKAGE.glob("ui/server/__init__.py")
    for floor in ("store", "remote", "sync", "settings"):
        below += PACKAGE.glob(f"{floor}/*.py")
    found |= {text for path in below if path.name not in OTHERS for text in _errors_of(path)}
    found |= {Text("registry", text, counted=False) for text in _registry()}
    return tuple(sorted(found))


def translations(code: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """What a .ts file holds: context and source to one text for each plural form."""
    path = FOLDER / f"balas_{code}.ts"
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    if not path.exists():
        return found
    for context in ET.parse(path).getroot().iter("context"):  # noqa: S314 - our own file
        for message in context.iter("message"):
            translation = message.find("translation")
            if translation is None:
                continue
            forms = [form.text or "" for form in translation.iter("numerusform")]
            key = (context.findtext("name", ""), message.findtext("source", ""))
            found[key] = tuple(forms) or (translation.text or "",)
    return found


def write(code: str, wanted: Sequence[Text]) -> None:
    """The .ts file with exactly the strings in `wanted`, known translations kept."""
    known = translations(code)
    root = ET.Element("TS", version="2.1", language=code, sourcelanguage="en")
    for name in sorted({text.context for text in wanted}):
        context = ET.SubElement(root, "context")
        ET.SubElement(context, "name").text = name
        for text in (entry for entry in wanted if entry.context == name):
            message = ET.SubElement(context, "message")
            ET.SubElement(message, "source").text = text.source
            translation = ET.SubElement(message, "translation")
            forms = known.get((text.context, text.source), ())
            if text.counted:
                message.set("numerus", "yes")
                for place in range(PLURALS[code]):
                    form = ET.SubElement(translation, "numerusform")
                    form.text = forms[place] if place < len(forms) else ""
            else:
                translation.text = forms[0] if forms else ""
            if not any(forms):
                translation.set("type", "unfinished")
    ET.indent(root, " ")
    body = ET.tostring(root, encoding="unicode")
    (FOLDER / f"balas_{code}.ts").write_text(
        f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8"
    )


def release(code: str, out: Path) -> None:
    """Compile a .ts file to `out` with the wheel's lrelease."""
    tool = Path(sys.executable).with_name("pyside6-lrelease")
    source = FOLDER / f"balas_{code}.ts"
    # Renamed into place: a program that runs has the old one mapped, and dies where it changes.
    fresh = out.with_suffix(".new")
    subprocess.run([str(tool), "-silent", str(source), "-qm", str(fresh)], check=True)
    fresh.replace(out)


def _texts_of(path: Path) -> Iterator[Text]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        if node.func.id != "translate":
            continue
        literals = [
            argument.value
            for argument in node.args[:2]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        ]
        if len(literals) != 2:
            raise ValueError(f"{path.name}:{node.lineno}: translate() takes literals only")
        yield Text(literals[0], literals[1], len(node.args) > 3)


def _registry() -> Iterator[str]:
    """What the screen of the preferences says, in the registry's own words."""
    yield from (title for _, title, _ in SECTIONS)
    for setting in REGISTRY.values():
        yield from (text for text in (setting.title, setting.text, setting.unit) if text)
        yield from setting.names


def _errors_of(path: Path) -> Iterator[Text]:
    """What the floors below say to people: whole sentences, which nothing else there writes."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    skipped |= {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            if id(node) not in skipped and text[:1].isupper() and " " in text.strip():
                yield Text("errors", text, counted=False)


def main() -> None:
    found = texts()
    write("id", found)
    write("en", [text for text in found if text.counted])  # English needs only its plurals
    for code in PLURALS:
        release(code, FOLDER / f"balas_{code}.qm")


if __name__ == "__main__":
    main()
