"""Steps that people count in, for the axis of a chart: numbers, and spans of time."""

from __future__ import annotations

from math import ceil, floor, log10

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
_SPANS = (
    *(1.0, 2, 5, 10, 15, 30),
    *(n * MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * HOUR for n in (1, 2, 3, 6, 12)),
    *(n * DAY for n in (1, 2, 5, 7, 14, 30, 60, 90, 180, 365)),
)


def count_steps(most: float, steps: int = 4) -> list[float]:
    """From nothing up to `most` or over it, in steps of 1, 2 or 5 and their tens."""
    if most <= 0:
        return [0, 1]
    rough = max(1.0, most / steps)  # half a message was never written
    ten = 10 ** floor(log10(rough))
    step = next(n * ten for n in (1, 2, 5, 10) if n * ten >= rough - 1e-9)
    return [step * place for place in range(ceil(most / step - 1e-9) + 1)]


def span_steps(most: float, steps: int = 4) -> list[float]:
    """From nothing up to `most` seconds or over it, in steps of a clock."""
    if most <= 0:
        return [0, 1]
    rough = most / steps
    step = next((one for one in _SPANS if one >= rough - 1e-9), 0.0)
    if not step:
        step = ceil(rough / (365 * DAY)) * 365 * DAY
    return [step * place for place in range(ceil(most / step - 1e-9) + 1)]


def labels_shown(count: int, room: float, wide: float) -> list[int]:
    """Which of `count` labels of `wide` px stand in `room` px, evenly; always the first one."""
    if count <= 0:
        return []
    most = max(1, int(room // max(1.0, wide)))
    step = max(1, ceil(count / most))
    return list(range(0, count, step))
