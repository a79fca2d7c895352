"""Each switch by which the local Supabase misbehaves is documented, and met by a desk in sync."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from console.local.gateway import app
from console.local.gateway.misbehaviour import Misbehaviour

ROOT = Path(__file__).parents[2]
SWITCHES = [one.name for one in fields(Misbehaviour)]
TABLE = (ROOT / "tests/contract/README.md").read_text(encoding="utf-8")


def actions() -> list[str]:
    """What can be done once, by the names of the gateway's own code."""
    source = ast.parse(Path(app.__file__).read_text(encoding="utf-8"))
    (made,) = [
        node
        for node in ast.walk(source)
        if isinstance(node, ast.AsyncFunctionDef) and node.name == "_realtime"
    ]
    named = re.findall(r"`(\w+)`", ast.get_docstring(made) or "")
    constants = {node.value for node in ast.walk(made) if isinstance(node, ast.Constant)}
    assert named
    assert set(named) <= constants
    return named


def used(folder: str) -> Iterator[str]:
    """The switches and actions that the tests of a folder use."""
    for path in (ROOT / "tests" / folder).glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr == "misbehave":
                yield from (str(keyword.arg) for keyword in node.keywords)
            elif node.func.attr == "control" and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)


@pytest.mark.parametrize("name", [*SWITCHES, *(f"realtime/{name}" for name in actions())])
def test_a_switch_is_documented_and_met_by_a_desk_in_sync(name: str) -> None:
    assert f"`{name}`" in TABLE, "tests/contract/README.md lacks it"
    assert name in set(used("sync")), "no test of tests/sync switches it on"
    if name in SWITCHES:
        assert f"`{name}`" in (Misbehaviour.__doc__ or "")


def test_every_test_that_the_table_names_is_there() -> None:
    for name in re.findall(r"`(tests/[\w/]+\.py)`", TABLE):
        assert (ROOT / name).is_file(), name
    for name in re.findall(r"`(test_\w+\.py)` here", TABLE):
        assert (ROOT / "tests/contract" / name).is_file(), name


def test_developers_are_led_to_the_table() -> None:
    guide = (ROOT / "docs/developer.md").read_text(encoding="utf-8")
    assert "../tests/contract/README.md#faults-that-the-gateway-commits-when-told-to" in guide
