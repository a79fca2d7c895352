"""Where the shipped files (`resources/`) lie: in a checkout, a wheel or a frozen build."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent
_IN_WHEEL = _HERE / "_resources"

# In a checkout and in a frozen build the folder lies beside the package, in a wheel inside it.
RESOURCES = _IN_WHEEL if _IN_WHEEL.is_dir() else _HERE.parent / "resources"
