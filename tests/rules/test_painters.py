"""A painter ends with what it was made for, whatever is raised meanwhile.

Qt crashes where one ends after the picture or the widget that it paints on, as it does in the
frames of a kept traceback.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEFT_OPEN = {"tests/ui/test_overrides.py": 1}  # it tries what becomes of such a one


def sources() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("console", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            if "ainter" in source:
                yield path.relative_to(ROOT).as_posix(), ast.parse(source)


def test_a_painter_is_made_by_with() -> None:
    found: dict[str, int] = {}
    for file, tree in sources():
        nodes = list(ast.walk(tree))
        held = {id(item.context_expr) for node in nodes if isinstance(node, ast.With)
                for item in node.items}  # fmt: skip
        for node in nodes:
            if not isinstance(node, ast.Call) or id(node) in held:
                continue
            if ast.unparse(node.func).rpartition(".")[2] in ("QPainter", "QStylePainter"):
                found[file] = found.get(file, 0) + 1
    assert found == LEFT_OPEN, "with QPainter(...) as painter:"


def test_what_a_painter_is_set_to_is_put_back_by_with() -> None:
    found = []
    for file, tree in sources():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            of, name = ast.unparse(node.func.value).lower(), node.func.attr
            if "painter" in of and name in ("begin", "end", "save", "restore"):
                found.append(f"{file}:{node.lineno}: {ast.unparse(node)}")
    inner = "console/ui/widgets/painting.py"  # where Aside is
    assert [line for line in found if not line.startswith(inner)] == [], "with Aside(painter):"
    assert len(found) == 2
