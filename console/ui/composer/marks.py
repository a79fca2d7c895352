"""WhatsApp's marks put around what is selected, and taken away again."""

from __future__ import annotations

BOLD, ITALIC, STRIKE, MONO = "*", "_", "~", "```"
OF_ACTION = {"bold": BOLD, "italic": ITALIC, "strike": STRIKE, "mono": MONO}


def toggled(text: str, start: int, end: int, mark: str) -> tuple[str, int, int]:
    """What stands in place of `text[start:end]`, and the selection within that.

    Marks stand close to words, as WhatsApp reads them only so; each line gets its own, but one
    pair of ``` goes around several. Without a selection the marks come empty, to type between.
    """
    chosen = text[start:end]
    inside = chosen.strip()
    if not inside:
        return f"{chosen}{mark}{mark}", len(chosen) + len(mark), len(chosen) + len(mark)
    lines = [chosen] if mark == MONO else chosen.split("\n")
    off = all(_is_marked(line.strip(), mark) for line in lines if line.strip())
    made = "\n".join(_without(line, mark) if off else _with(line, mark) for line in lines)
    return made, 0, len(made)


def _is_marked(words: str, mark: str) -> bool:
    return len(words) > 2 * len(mark) and words.startswith(mark) and words.endswith(mark)


def _with(line: str, mark: str) -> str:
    words = line.strip()
    if not words or _is_marked(words, mark):
        return line
    return line.replace(words, f"{mark}{words}{mark}", 1)


def _without(line: str, mark: str) -> str:
    words = line.strip()
    if not words:
        return line
    return line.replace(words, words[len(mark) : -len(mark)], 1)
