"""An import as its page shows it: heat map, curves, checks, matches. Values only, no rules."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from instruments.readings import Plate, Read, Reading
from lims import assays, charts
from lims.assays.assay import Check, Circumstances, PlateReading, WellSeries
from lims.charts import Panel, Well
from lims.imports import rules
from lims.imports.models import PlateImport
from lims.results.models import PlannedTest

LETTERS = {"sample": "S", "blank": "B", "host": "C", "lysis": "P", "diluent": "D"}
LOOKS = {"blank": "blank", "host": "ctl", "lysis": "std", "diluent": "ctl"}
LEGEND = (
    ("S", "sample", ""),
    ("B", "blank", "blank"),
    ("C", "host control", "ctl"),
    ("P", "lysis control", "std"),
    ("D", "diluent control", "ctl"),
)


@dataclass(frozen=True)
class CurvePanel:
    """One small multiple as the kit's `curve_grid` takes it."""

    title: str
    svg: Markup
    badge: str
    left: str
    right: str
    tone: str


def heat(
    read: Read,
    size: int,
    wells: Mapping[str, Mapping[str, object]],
    decisions: Sequence[Mapping[str, str]],
    suspects: Mapping[str, str],
) -> tuple[list[tuple[str, list[Well]]], str, str]:
    """The plate at its last read, with the role of each well; and the ends of the ramp."""
    last = [_last(row) for row in read.values.tolist()]
    numbers = [value for value in last if value is not None]
    low, high = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
    out = {decision["well"]: f"left out: {decision['reason']}" for decision in decisions}
    flags = {flag.well: f"{flag.flag.value}: {flag.text}" for flag in read.flags}
    shown = [
        Well(
            well,
            _letter(wells.get(well)),
            "–" if value is None else f"{value:.2f}",
            charts.heat_level(value, low, high),
            LOOKS.get(_role(wells.get(well)), ""),
            out.get(well) or suspects.get(well) or flags.get(well, ""),
        )
        for well, value in zip(read.wells, last, strict=True)
    ]
    rows, columns = (16, 24) if size > 96 else (8, 12)  # noqa: PLR2004
    return charts.plate_grid(shown, rows, columns), f"{low:.2f}", f"{high:.2f}"


def _last(row: Sequence[float]) -> float | None:
    return next((value for value in reversed(row) if not math.isnan(value)), None)


def _role(told: Mapping[str, object] | None) -> str:
    return str(told["role"]) if told else ""


def _letter(told: Mapping[str, object] | None) -> str:
    return LETTERS.get(_role(told), "")


def panels(plate: PlateReading) -> list[CurvePanel]:
    """The mean curve of each sample slot and control beside the host control, one scale for all."""
    host = _mean([well for well in plate.wells if well.role == "host"])
    blank = _mean([well for well in plate.wells if well.role == "blank"])
    control = _series(plate.times_s, host, blank)
    groups = [
        ("Host control", "host", 0),
        ("Lysis control", "lysis", 0),
        ("Diluent control", "diluent", 0),
    ]
    slots = sorted({well.slot for well in plate.wells if well.role == "sample"})
    groups += [(f"Sample {slot}", "sample", slot) for slot in slots]
    drawn = []
    for title, role, slot in groups:
        wells = [w for w in plate.wells if w.role == role and (not slot or w.slot == slot)]
        replicates = [_series(plate.times_s, well.values, blank) for well in wells]
        mean = _series(plate.times_s, _mean(wells), blank)
        drawn.append((title, wells, Panel(title, mean, control, replicates)))
    axes = charts.axes_for([panel for _, _, panel in drawn])
    return [_panel(title, wells, panel, axes) for title, wells, panel in drawn]


def _panel(title: str, wells: Sequence[WellSeries], panel: Panel, axes: charts.Axes) -> CurvePanel:
    names = ", ".join(well.well for well in wells)
    finding = f"{title}, wells {names}, beside the host control."
    svg = Markup(charts.mini(panel, axes, finding))  # noqa: S704 -- charts escape their words
    return CurvePanel(title, svg, "", names, "", "ctl" if title == "Host control" else "")


def _mean(wells: Sequence[WellSeries]) -> tuple[float | None, ...]:
    used = [well for well in wells if not well.left_out]
    if not used:
        return ()
    return tuple(_average([well.values[at] for well in used]) for at in range(len(used[0].values)))


def _average(values: Sequence[float | None]) -> float | None:
    numbers = [value for value in values if value is not None]
    return sum(numbers) / len(numbers) if numbers else None


def _series(
    times: Sequence[float], values: Sequence[float | None], blank: Sequence[float | None]
) -> list[tuple[float, float | None]]:
    """Hours and blank-corrected density; a missing reading leaves a gap."""
    return [
        (at / 3600, None if value is None else value - ((blank[i] or 0.0) if blank else 0.0))
        for i, (at, value) in enumerate(zip(times, values, strict=False))
    ]


def checks(
    plate: PlateReading, tests: Mapping[int, PlannedTest]
) -> list[tuple[int, str, list[Check]]]:
    """The validity checks of each matched slot, computed by the method before anything counts."""
    found = []
    for slot, test in sorted(tests.items()):
        method = test.line.method
        parameters = {key: str(value) for key, value in method.parameters.items()}
        evaluation = assays.find(method.assay).evaluate(
            {}, parameters, Circumstances(plate=plate, slot=slot)
        )
        found.append((slot, test.lot.number, list(evaluation.checks)))
    return found


def suspects(plate: PlateReading, limit: float) -> dict[str, str]:
    """Blanks above the method's limit: they need a decision before the import is confirmed."""
    return {
        well.well: f"blank reads {well.values[0]:.3f}, limit {limit}"
        for well in plate.wells
        if well.role == "blank"
        and not well.left_out
        and well.values
        and well.values[0] is not None
        and well.values[0] > limit
    }


def chosen(plate_import: PlateImport, reading: Reading) -> tuple[Plate, Read] | None:
    """The plate and read the import stands on; None where the file has no usable read."""
    if not rules.usable_reads(reading):
        return None
    return rules.pick(reading, plate_import.plate_index, plate_import.read_index)
