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


def _layers(words: str) -> tuple[list[str], str]:
    """The marks around all of it, the outermost first, and what they stand around."""
    layers: list[str] = []
    while True:
        for mark in (MONO, BOLD, ITALIC, STRIKE):
            if len(words) > 2 * len(mark) and words.startswith(mark) and words.endswith(mark):
                layers.append(mark)
                words = words[len(mark) : -len(mark)]
                break
        else:
            return layers, words


def _is_marked(words: str, mark: str) -> bool:
    return mark in _layers(words)[0]


def _with(line: str, mark: str) -> str:
    words = line.strip()
    if not words or _is_marked(words, mark):
        return line
    return line.replace(words, f"{mark}{words}{mark}", 1)


def _without(line: str, mark: str) -> str:
    words = line.strip()
    if not words:
        return line
    layers, inside = _layers(words)
    layers.remove(mark)
    kept = "".join(layers)
    return line.replace(words, f"{kept}{inside}{''.join(reversed(layers))}", 1)
