"""Lays Qt for Python's own Python files into a build, compiled.

Its library holds them packed, and unpacks and compiles them at each start, which is a tenth of what
the program does until its window shows. Where they lie beside it in `files.dir` it takes these: the
variable SBK_EMBED is its own switch, and lays them there as source.

Used by `frozen.py`, on Linux alone: elsewhere nobody has tried it.
"""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from py_compile import PycInvalidationMode

LIBRARY = "shiboken6"
FILES = "files.dir"


def unpack(libraries: Path) -> str:
    """Put them into the library's folder below `libraries`; what was done, in a line."""
    found = find_spec(LIBRARY)
    if found is None or found.origin is None:
        return f"{LIBRARY} starts as it comes: it is not installed here"
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / LIBRARY  # the switch writes beside the library; ours stays as it is
        shutil.copytree(Path(found.origin).parent, copy)
        subprocess.run(
            [sys.executable, "-c", f"import {LIBRARY}"],
            check=True,
            env={**os.environ, "PYTHONPATH": scratch, "SBK_EMBED": "0"},
        )
        if not (copy / FILES).is_dir():
            return f"{LIBRARY} starts as it comes: it does not unpack its Python files"
        # Never compared with the source: a package's times are not the build's.
        compileall.compile_dir(
            copy / FILES,
            quiet=1,
            force=True,
            stripdir=scratch,
            invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        )
        shutil.copytree(copy / FILES, libraries / LIBRARY / FILES, dirs_exist_ok=True)
    return f"{LIBRARY}'s Python files lie beside it, compiled"
