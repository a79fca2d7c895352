"""Balas: the desk from which a support team answers customers on WhatsApp and SMS."""

import sys

__version__ = "0.1.0"

# WORKAROUND: httpx loads its own command line, rich and pygments with it, wherever these happen to
# be installed; that is a fifth of the time in which a process of ours starts.
# https://github.com/encode/httpx/blob/0.28.1/httpx/__init__.py
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
