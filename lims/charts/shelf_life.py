"""Stability: values, regression, one-sided bounds, and where a bound meets the limit."""

from collections.abc import Sequence
from dataclasses import dataclass

from lims.charts.scale import MONTHS, Axis, Frame
from lims.charts.svg import Drawing, finite, nothing
from lims.charts.table import Table, figure

WIDTH, HEIGHT = 640.0, 350.0


@dataclass(frozen=True, slots=True)
class FitPoint:
    """The line and its bounds at `month`."""

    month: float
    mean: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Limit:
    """The specification's limit; `is_lower` shades the side that fails."""

    value: float
    words: str
    is_lower: bool = True


def stability(
    points: Sequence[tuple[float, float]],
    fit: Sequence[FitPoint],
    limit: Limit,
    title: str,
    finding: str,
    *,
    crossing: float | None = None,
    pulls: Sequence[float] = (),
    time_label: str = "Time, months",
    value_label: str = "",
    standalone: bool = False,
) -> str:
    """The picture; the line is dashed beyond the last measured month."""
    if not finite(v for _, v in points):
        return nothing(WIDTH, HEIGHT, title, standalone=standalone)
    drawing = Drawing(WIDTH, HEIGHT, standalone=standalone)
    frame = _frame(points, fit, limit, pulls)
    _zone(drawing, frame, limit)
    frame.draw(drawing, drop=18)
    _fit(drawing, frame, fit, max(t for t, _ in points))
    y = frame.y(limit.value)
    drawing.line("spec", (frame.left, y), (frame.right, y))
    drawing.text("speclab", (frame.left + 6, y + (-6 if limit.is_lower else 14)), limit.words)
    for t, value in points:
        drawing.circle("pt", (frame.x(t), frame.y(value)), 4.5)
    for t in pulls:
        _diamond(drawing, frame.x(t), frame.bottom)
    _crossing(drawing, frame, limit, crossing)
    drawing.text("t", ((frame.left + frame.right) / 2, HEIGHT - 6), time_label, "middle")
    drawing.text("t", (14, HEIGHT / 2 - 10), value_label, "middle", -90)
    return drawing.svg(title, finding)


def stability_table(
    points: Sequence[tuple[float, float]],
    means: Sequence[float],
    caption: str,
    value: str,
    places: int = 2,
) -> Table:
    """Measured and fitted values with their differences."""
    rows = tuple(
        (f"{t:g}", figure(v, places), figure(m, places), figure(v - m, places + 1))
        for (t, v), m in zip(points, means, strict=True)
    )
    return Table(caption, ("Month", value, "Regression", "Difference"), rows)


def _frame(
    points: Sequence[tuple[float, float]],
    fit: Sequence[FitPoint],
    limit: Limit,
    pulls: Sequence[float],
) -> Frame:
    months = [0.0, *(t for t, _ in points), *(f.month for f in fit), *pulls]
    values = [limit.value, *(v for _, v in points), *(b for f in fit for b in (f.lower, f.upper))]
    return Frame(
        56, 14, WIDTH - 126, HEIGHT - 44, Axis.over(months, 12, MONTHS), Axis.over(values, 6)
    )


def _zone(drawing: Drawing, frame: Frame, limit: Limit) -> None:
    y = frame.y(limit.value)
    top, bottom = (y, frame.bottom) if limit.is_lower else (frame.top, y)
    drawing.rect("zone", (frame.left, top), (frame.right - frame.left, bottom - top))


def _fit(drawing: Drawing, frame: Frame, fit: Sequence[FitPoint], last: float) -> None:
    if not fit:
        return
    at = [(frame.x(f.month), frame.y(f.lower), frame.y(f.upper), frame.y(f.mean)) for f in fit]
    drawing.path(
        "band",
        [(x, u) for x, _, u, _ in at] + [(x, low) for x, low, _, _ in reversed(at)],
        closed=True,
    )
    drawing.path("l1", [(frame.x(f.month), frame.y(f.mean)) for f in fit if f.month <= last])
    drawing.path("ahead", [(frame.x(f.month), frame.y(f.mean)) for f in fit if f.month >= last])
    drawing.path("bl", [(x, low) for x, low, _, _ in at])
    end = at[-1]
    drawing.text("c1lab", (frame.right + 6, end[3] - 8), "Regression")
    drawing.text("t", (frame.right + 6, end[3] + 6), "dashed: extrapolated")
    drawing.text("t", (frame.right + 6, max(end[1] + 4, end[3] + 22)), "95 % bound")


def _diamond(drawing: Drawing, x: float, y: float) -> None:
    drawing.path("plan", [(x, y - 5), (x + 5, y), (x, y + 5), (x - 5, y)], closed=True)


def _crossing(drawing: Drawing, frame: Frame, limit: Limit, month: float | None) -> None:
    if month is None or month > float(frame.across.high):
        return
    x, y = frame.x(month), frame.y(limit.value)
    drawing.line("mark", (x, y), (x, frame.bottom))
    drawing.circle("bad", (x, y), 5)
    left_half = x < (frame.left + frame.right) / 2
    place = (x + (8 if left_half else -8), y + (16 if limit.is_lower else -8))
    words = f"bound meets the limit at {month:.1f} months"
    drawing.text("lab", place, words, "start" if left_half else "end")
