"""SQL text cut into its statements, as the Supabase CLI records them."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""
      --[^\n]*                                  # a comment to the end of the line
    | /\*.*?\*/                                 # a block comment (ours never nest)
    | '(?:[^']|'')*'                            # a string
    | "(?:[^"]|"")*"                            # a quoted name
    | (?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?P=tag) # a dollar-quoted body
    | (?P<end>;)
    """,
    re.VERBOSE | re.DOTALL,
)


def statements(text: str) -> list[str]:
    """The statements of `text` in order, without their semicolons, with the comments before them.

    Understands comments, strings, quoted names and dollar quotes; not `begin atomic` bodies and
    not backslash escapes in E'' strings. A tail of comments alone is no statement.
    """
    parts: list[str] = []
    start = 0
    for match in _TOKEN.finditer(text):
        if match["end"]:
            parts.append(text[start : match.start()])
            start = match.end()
    parts.append(text[start:])
    return [part.strip() for part in parts if _TOKEN.sub(_blank_comments, part).strip()]


def _blank_comments(match: re.Match[str]) -> str:
    return "" if match[0].startswith(("--", "/*")) else match[0]
