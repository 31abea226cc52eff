"""Kinetic curves: a sample against its host control, alone or as small multiples."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lims.charts.scale import HOURS, Axis, Frame
from lims.charts.svg import Drawing, nothing
from lims.charts.table import Table, figure

Series = Sequence[tuple[float, float | None]]

PANEL_WIDTH, PANEL_HEIGHT = 230.0, 112.0
_CAPTION = 20.0
_GAP = 8.0


@dataclass(frozen=True, slots=True)
class Panel:
    """One indicator: time (h) and optical density of the sample and of the host control.

    `drop_at` marks the hour from which the density falls; `band` is (time, low, high) around the
    control; `flagged` draws the frame of a panel that shows lysis.
    """

    title: str
    sample: Series = ()
    control: Series = ()
    replicates: Sequence[Series] = ()
    band: Sequence[tuple[float, float, float]] = ()
    drop_at: float | None = None
    words: str = ""
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class Axes:
    """The axes that all panels of one picture share."""

    time: Axis
    density: Axis
    time_label: str = field(default="Time, h")
    density_label: str = field(default="OD600, blank-corrected")


def axes_for(panels: Sequence[Panel]) -> Axes:
    """Axes that hold every curve of every panel, so that panels can be compared."""
    series = [s for p in panels for s in (p.sample, p.control, *p.replicates)]
    return Axes(
        Axis.over([0.0, *(t for s in series for t, _ in s)], 4, HOURS),
        Axis.over([0.0, *(v for s in series for _, v in s)], 3),
    )


def mini(panel: Panel, axes: Axes, finding: str, *, standalone: bool = False) -> str:
    """One small panel, 230 x 112."""
    if not panel.sample and not panel.control:
        return nothing(PANEL_WIDTH, PANEL_HEIGHT, panel.title, standalone=standalone)
    drawing = Drawing(PANEL_WIDTH, PANEL_HEIGHT, standalone=standalone)
    _draw_panel(drawing, panel, axes, (0.0, 0.0))
    return drawing.svg(panel.title, finding)


def curves(
    panels: Sequence[Panel], title: str, finding: str, *, columns: int = 4, standalone: bool = False
) -> str:
    """Small multiples in one picture, host control in each, lysis marked; for paper."""
    if not panels:
        return nothing(2 * PANEL_WIDTH, PANEL_HEIGHT, title, standalone=standalone)
    axes = axes_for(panels)
    wide, high = PANEL_WIDTH + _GAP, PANEL_HEIGHT + _CAPTION + _GAP
    rows = -(-len(panels) // columns)
    drawing = Drawing(min(columns, len(panels)) * wide, rows * high, standalone=standalone)
    for i, panel in enumerate(panels):
        x, y = (i % columns) * wide, (i // columns) * high
        frame = "frame-bad" if panel.flagged else "frame"
        drawing.rect(frame, (x + 1, y + 1), (PANEL_WIDTH + 4, PANEL_HEIGHT + _CAPTION + 2), 5)
        drawing.text("lab", (x + 8, y + 15), panel.title)
        drawing.text(
            "speclab" if panel.flagged else "t", (x + PANEL_WIDTH - 4, y + 15), panel.words, "end"
        )
        _draw_panel(drawing, panel, axes, (x + 2, y + _CAPTION))
    return drawing.svg(title, finding)


def detail(
    panel: Panel,
    axes: Axes,
    finding: str,
    *,
    sample_note: str = "",
    control_note: str = "",
    standalone: bool = False,
) -> str:
    """One curve large, 640 x 300: replicates thin, control with its band, the fall marked."""
    width, height = 640.0, 300.0
    if not panel.sample and not panel.control:
        return nothing(width, height, panel.title, standalone=standalone)
    drawing = Drawing(width, height, standalone=standalone)
    frame = Frame(46, 12, width - 120, height - 38, axes.time, axes.density)
    frame.draw(drawing, drop=18)
    drawing.text("t", ((46 + width - 120) / 2, height - 4), axes.time_label, "middle")
    drawing.text("t", (12, height / 2 - 10), axes.density_label, "middle", -90)
    _draw_band(drawing, frame, panel)
    _draw_series(drawing, frame, panel)
    _mark(
        drawing,
        frame,
        panel,
        f"OD falls from {panel.drop_at:.1f} h" if panel.drop_at is not None else "",
    )
    _name_ends(drawing, frame, panel, sample_note, control_note)
    return drawing.svg(panel.title, finding)


def curves_table(panels: Sequence[Panel], caption: str, places: int = 3) -> Table:
    """The values of all panels by time."""
    named = [
        (f"{p.title}, {kind}", dict(s))
        for p in panels
        for kind, s in (("sample", p.sample), ("control", p.control))
        if s
    ]
    times = sorted({t for _, s in named for t in s})
    rows = tuple((f"{t:.2f}", *(figure(s.get(t), places) for _, s in named)) for t in times)
    return Table(caption, ("Time, h", *(name for name, _ in named)), rows)


def _draw_panel(drawing: Drawing, panel: Panel, axes: Axes, at: tuple[float, float]) -> None:
    x, y = at
    frame = Frame(
        x + 26, y + 6, x + PANEL_WIDTH - 8, y + PANEL_HEIGHT - 18, axes.time, axes.density
    )
    frame.draw(drawing, "t-s", 4, 13)
    _draw_band(drawing, frame, panel)
    _draw_series(drawing, frame, panel)
    _mark(drawing, frame, panel, "")


def _draw_band(drawing: Drawing, frame: Frame, panel: Panel) -> None:
    up = [(frame.x(t), frame.y(high)) for t, _, high in panel.band]
    down = [(frame.x(t), frame.y(low)) for t, low, _ in reversed(panel.band)]
    drawing.path("cband", up + down, closed=True)


def _draw_series(drawing: Drawing, frame: Frame, panel: Panel) -> None:
    for cls, series in (
        ("lc", panel.control),
        *(("thin", r) for r in panel.replicates),
        ("l1", panel.sample),
    ):
        for piece in frame.lines(series):
            drawing.path(cls, piece)


def _mark(drawing: Drawing, frame: Frame, panel: Panel, words: str) -> None:
    if panel.drop_at is None:
        return
    x = frame.x(panel.drop_at)
    drawing.line("mark", (x, frame.top), (x, frame.bottom))
    drawing.triangle("tip", (x, frame.bottom), 4)
    if words:
        drawing.text("lab", (x + 5, frame.top + 10), words)


def _name_ends(
    drawing: Drawing, frame: Frame, panel: Panel, sample_note: str, control_note: str
) -> None:
    """Names stand at the ends of the lines, moved apart when the curves end together."""
    ends = {
        k: s[-1][-1]
        for k, s in (("c", frame.lines(panel.control)), ("s", frame.lines(panel.sample)))
        if s
    }
    c, s = ends.get("c"), ends.get("s")
    shift = 18.0 if c and s and abs(c[1] - s[1]) < 34 else 0.0  # noqa: PLR2004 -- two lines of text
    if c:
        drawing.text("lab", (frame.right + 6, c[1] - shift), "Host control")
        drawing.text("t", (frame.right + 6, c[1] - shift + 13), control_note)
    if s:
        drawing.text("c1lab", (frame.right + 6, s[1] + shift), "Sample")
        drawing.text("t", (frame.right + 6, s[1] + shift + 13), sample_note)
