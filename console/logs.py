"""Logging for every process: one JSON object a line on stderr, without anything personal.

Log ids (SIDs, uuids, counts, states), never content: pass them as `extra=fields(...)`. What still
slips through, in a message or in a library's record, is blackened before it is written: phone
numbers, e-mail addresses, keys, tokens and the passwords in URLs. An exception is written as its
type and its places in the code; its words only where they cannot quote a customer.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import traceback
from functools import lru_cache
from types import TracebackType
from typing import Any, TextIO

_FIELDS = "balas"
_BLACK = "•••"

_SECRETS = re.compile(
    r"sb_(?:secret|publishable)_[\w-]+"  # Supabase keys
    r"|eyJ[\w-]+\.[\w-]+\.[\w-]*"  # JSON web tokens
    r"|(?i:(?:bearer|basic)\s+[\w.~+/=-]+)"
    r"|(?i:(?:token|apikey|password|secret|signature)=[^&\s\"']+)"
)
_URL_PASSWORD = re.compile(r"(\w+://)[^/\s:@]+:[^/\s@]+@")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# A run of 7 to 15 digits that is not a part of a SID or of a uuid; "+" makes it one for sure.
_PHONE = re.compile(r"\+\d[\d ().-]{5,20}\d|(?<![\w.:-])(?:ID\.)?\d{7,20}(?![\w:-])|\bID\.\d+")

# What surely is neither, and most of what is logged: single words, SIDs, uuids.
_HARMLESS = re.compile(
    r"[a-z_]{1,30}|[A-Z]{2}[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)

# The words of these come from the interpreter or the operating system, not from data.
_PLAIN_ERRORS = (
    OSError,
    AssertionError,
    AttributeError,
    ImportError,
    NameError,
    RuntimeError,
    TimeoutError,
    TypeError,
)

# Libraries that write addresses, URLs with tokens, whole requests or each step on INFO.
_TALKATIVE = (
    "procrastinate",
    "httpx",
    "httpcore",
    "twilio",
    "urllib3",
    "hpack",
    "websockets",
    "uvicorn.access",
)


def redact(text: str) -> str:
    """The text with everything that looks personal or secret blackened."""
    if _HARMLESS.fullmatch(text):
        return text
    text = _URL_PASSWORD.sub(rf"\1{_BLACK}@", text)
    text = _SECRETS.sub(_BLACK, text)
    text = _EMAIL.sub(_BLACK, text)
    return _PHONE.sub(_BLACK, text)


def fields(**values: Any) -> dict[str, Any]:
    """`extra` for a log call. Ids, counts, codes and names of states only, never content."""
    return {_FIELDS: values}


def describe(error: BaseException) -> dict[str, Any]:
    """An exception as loggable facts: type, database or system code, places in the code."""
    facts: dict[str, Any] = {"type": f"{type(error).__module__}.{type(error).__qualname__}"}
    sqlstate = getattr(error, "sqlstate", None)
    if sqlstate:
        facts["sqlstate"] = str(sqlstate)
    if isinstance(error, _PLAIN_ERRORS) and str(error):
        facts["words"] = redact(str(error))[:300]
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    facts["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        facts["cause"] = f"{type(cause).__module__}.{type(cause).__qualname__}"
    return facts


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON: time (UTC), level, process, logger, what, fields."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": f"{_second(int(record.created))}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "what": redact(record.getMessage()),
        }
        for name, value in getattr(record, _FIELDS, {}).items():
            line.setdefault(name, _value(value))
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe(record.exc_info[1])
        return _encode(line)


# Made once: json.dumps makes an encoder for each call that asks for anything.
_encode = json.JSONEncoder(ensure_ascii=False).encode


@lru_cache(maxsize=1)
def _second(since_1970: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(since_1970))


def _value(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_value(item) for item in value]
    return redact(str(value))


def _report_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("balas").critical("uncaught error", exc_info=(kind, error, trace))


def configure(process: str, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send every record of this process to `stream` (stderr) as JSON lines.

    `level` is a name of the logging module in any case; an unknown one means INFO.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter(process))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    numeric = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    root.setLevel(numeric)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(numeric, logging.WARNING))
    sys.excepthook = _report_uncaught
