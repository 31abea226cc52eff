"""Two pictures the size of a word: the last values of a test, and a result between its limits."""

import math
from collections.abc import Sequence

from lims.charts.svg import Drawing, finite, nothing

_PAD = 0.33


def spark(
    values: Sequence[float],
    title: str,
    finding: str,
    *,
    odd: int | None = None,
    standalone: bool = False,
) -> str:
    """The course of a few values, 120 x 30; `odd` marks one of them, counted from 0."""
    width, height = 120.0, 30.0
    kept = finite(values)
    if not kept:
        return nothing(width, height, title, standalone=standalone)
    drawing = Drawing(width, height, standalone=standalone)
    low, span = min(kept), (max(kept) - min(kept)) or 1.0
    at = {
        i: (
            4 + i / max(1, len(values) - 1) * (width - 8),
            height - 4 - (v - low) / span * (height - 8),
        )
        for i, v in enumerate(values)
        if math.isfinite(v)
    }
    drawing.path("l1", list(at.values()))
    if odd in at:
        x, y = at[odd]
        drawing.triangle("odd", (x, y - 5), 5)
    return drawing.svg(title, finding)


def range_bar(
    value: float | None,
    low: float | None,
    high: float | None,
    title: str,
    finding: str,
    *,
    low_words: str = "",
    high_words: str = "",
    standalone: bool = False,
) -> str:
    """A result on a bar with the accepted part; a limit that does not exist is None. 300 x 36."""
    width, height = 300.0, 36.0
    ends = finite([low, high])
    if not ends:
        return nothing(width, height, title, standalone=standalone)
    drawing = Drawing(width, height, standalone=standalone)
    start, end = _domain(value, low, high)

    def x(v: float) -> float:
        return 6 + (min(end, max(start, v)) - start) / (end - start) * (width - 12)

    drawing.rect("rail", (6, 12), (width - 12, 7), 3)
    left, right = x(start if low is None else low), x(end if high is None else high)
    drawing.rect("ok", (left, 12), (right - left, 7))
    for limit, words in ((low, low_words), (high, high_words)):
        if limit is not None:
            drawing.text("t", (x(limit), 32), words or f"{limit:g}", "middle")
    if value is not None and math.isfinite(value):
        drawing.triangle("tip", (x(value), 12), 6, up=False)
    return drawing.svg(title, finding)


def _domain(value: float | None, low: float | None, high: float | None) -> tuple[float, float]:
    """The bar's ends: room beside the limits; with one limit, its accepted side as needed."""
    ends = finite([low, high])
    if len(ends) > 1 and ends[0] != ends[1]:
        span = max(ends) - min(ends)
        return min(ends) - _PAD * span, max(ends) + _PAD * span
    here = finite([value]) or ends
    span = max(abs(ends[0]), 1.1 * abs(here[0] - ends[0])) or 1.0
    below, above = (span, _PAD * span) if low is None else (_PAD * span, span)
    return ends[0] - below, ends[0] + above
