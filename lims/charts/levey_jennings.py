"""Control chart of individual values (Levey and Jennings): mean, warning and action lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lims.charts.scale import Axis, Frame
from lims.charts.svg import Drawing, finite, nothing
from lims.charts.table import Table, figure

WIDTH, HEIGHT = 860.0, 300.0
_LABELS = 9


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """One lot; `beyond` lies outside a line (triangle), `in_run` belongs to a run (square)."""

    label: str
    value: float
    beyond: bool = False
    in_run: bool = False


@dataclass(frozen=True, slots=True)
class ControlLines:
    """Mean, warning (2 SD) and action (3 SD) lines, as the rule computed them."""

    mean: float
    lower_warning: float
    upper_warning: float
    lower_action: float
    upper_action: float


@dataclass(frozen=True, slots=True)
class ShadedRun:
    """Points `first` to `last` (counted from 0) that break a rule, and its words."""

    first: int
    last: int
    words: str


def control(
    points: Sequence[ControlPoint],
    lines: ControlLines,
    title: str,
    finding: str,
    *,
    places: int = 2,
    across_label: str = "In order of test date",
    runs: Sequence[ShadedRun] = (),
    standalone: bool = False,
) -> str:
    """The chart; what breaks a rule differs by shape and is named in words."""
    if not finite(p.value for p in points):
        return nothing(WIDTH, HEIGHT, title, standalone=standalone)
    drawing = Drawing(WIDTH, HEIGHT, standalone=standalone)
    frame = _frame(points, lines)
    for tick in frame.up.ticks:
        y = frame.y(float(tick))
        drawing.line("gr", (frame.left, y), (frame.right, y))
        drawing.text("t", (frame.left - 6, y + 4), frame.up.label(tick), "end")
    for run in runs:
        _shade(drawing, frame, run)
    _lines(drawing, frame, lines, places)
    drawing.path(
        "ax", [(frame.left, frame.top), (frame.left, frame.bottom), (frame.right, frame.bottom)]
    )
    for piece in frame.lines([(i, p.value) for i, p in enumerate(points)]):
        drawing.path("l1", piece)
    _points(drawing, frame, points)
    drawing.text("t", ((frame.left + frame.right) / 2, HEIGHT - 8), across_label, "middle")
    return drawing.svg(title, finding)


def control_table(
    points: Sequence[ControlPoint], caption: str, value: str, places: int = 2
) -> Table:
    """The points in order, with what was noted about each."""
    rows = tuple((p.label, figure(p.value, places), _words(p)) for p in points)
    return Table(caption, ("Lot", value, "Rule"), rows)


def _words(point: ControlPoint) -> str:
    return "beyond a line" if point.beyond else "in a run" if point.in_run else "none"


def _frame(points: Sequence[ControlPoint], lines: ControlLines) -> Frame:
    room = 0.6 * (lines.upper_action - lines.upper_warning)  # for the words of a shaded run
    ends = [lines.lower_action, lines.upper_action + room]
    up = Axis.over([*(p.value for p in points), *ends], 5)
    half = Axis(_half(-1), _half(2 * len(points) - 1), _half(2))
    return Frame(52, 12, WIDTH - 104, HEIGHT - 46, half, up)


def _half(n: int) -> Decimal:
    return Decimal(n) / 2


def _shade(drawing: Drawing, frame: Frame, run: ShadedRun) -> None:
    x0, x1 = frame.x(run.first - 0.45), frame.x(run.last + 0.45)
    drawing.rect("runs", (x0, frame.top), (x1 - x0, frame.bottom - frame.top))
    drawing.text("warnlab", (x0 + 6, frame.top + 14), run.words)


def _lines(drawing: Drawing, frame: Frame, lines: ControlLines, places: int) -> None:
    for cls, label, value, words in (
        ("spec", "speclab", lines.upper_action, "UCL +3 SD"),
        ("warnl", "warnlab", lines.upper_warning, "+2 SD"),
        ("ctr", "lab", lines.mean, f"Mean {figure(lines.mean, places)}"),
        ("warnl", "warnlab", lines.lower_warning, "−2 SD"),
        ("spec", "speclab", lines.lower_action, "LCL −3 SD"),
    ):
        y = frame.y(value)
        drawing.line(cls, (frame.left, y), (frame.right, y))
        drawing.text(label, (frame.right + 6, y + 4), words)


def _points(drawing: Drawing, frame: Frame, points: Sequence[ControlPoint]) -> None:
    every = max(1, -(-len(points) // _LABELS))
    for i, point in enumerate(points):
        if i % every == 0:
            drawing.text("t", (frame.x(i), frame.bottom + 17), point.label, "middle")
        if not finite([point.value]):
            continue
        x, y = frame.x(i), frame.y(point.value)
        if point.beyond:
            drawing.triangle("odd", (x, y - 7), 6.5)
        elif point.in_run:
            drawing.rect("odd", (x - 4, y - 4), (8, 8))
        else:
            drawing.circle("pt", (x, y), 3.5)
