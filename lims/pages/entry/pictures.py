"""A run that was read from a plate: curves against the host control, figures, their source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lims import charts
from lims.assays.assay import PlateReading, WellSeries
from lims.assays.lysis_kinetics import BLANK, HOST, LYSIS, SAMPLE
from lims.imports.models import PlateImport
from lims.results.models import Result
from lims.science.lysis import Call
from lims.science.lysis_curves import corrected, mean_curve
from lims.science.outcome import Outcome
from lims.workflow.recording import Sheet


@dataclass(frozen=True)
class Small:
    """One small multiple: a picture with what stands around it."""

    title: str
    svg: str
    call: str
    tone: str
    left: str
    right: str


@dataclass(frozen=True)
class Source:
    """Where the readings of one result came from."""

    lot: str
    wells: str
    figures: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class PlateView:
    plate_import: PlateImport
    reads: int
    panels: tuple[Small, ...]
    table: charts.Table
    sources: tuple[Source, ...]


def plate_view(state: Sheet, plate_import: PlateImport, plate: PlateReading) -> PlateView:
    """The plate with a panel for each result, its host control and its lysis control."""
    hours = [seconds / 3600 for seconds in plate.times_s]
    curves = _Curves.of(plate)
    panels = [
        _panel(hours, curves, result, _outcome(state, at))
        for at, result in enumerate(state.results)
    ]
    panels.append(_control(hours, curves))
    axes = charts.axes_for(panels)
    shown = tuple(_small(panel, axes) for panel in panels)
    return PlateView(
        plate_import,
        len(hours),
        shown,
        charts.curves_table(panels, "OD600 of each picture, blank subtracted"),
        tuple(
            Source(
                result.test.lot.number,
                ", ".join(well.well for well in _of(plate, SAMPLE, result.slot)),
                _figures(_outcome(state, at), state.parameters),
            )
            for at, result in enumerate(state.results)
        ),
    )


def _outcome(state: Sheet, at: int) -> Outcome | None:
    return state.evaluations[at].outcome


@dataclass(frozen=True)
class _Curves:
    """Blank-corrected curves of the wells that count, by well, and the host's mean."""

    plate: PlateReading
    by_well: Mapping[str, list[float]]
    host: list[float]

    @classmethod
    def of(cls, plate: PlateReading) -> "_Curves":
        blank = mean_curve([_numbers(well) for well in _of(plate, BLANK)])
        counted = [well for well in plate.wells if well in _of(plate, well.role)]
        by_well = {well.well: corrected(_numbers(well), blank).tolist() for well in counted}
        host = mean_curve([by_well[well.well] for well in _of(plate, HOST)]).tolist()
        return cls(plate, by_well, host)

    def rows(self, role: str, slot: int = 0) -> list[list[float]]:
        return [self.by_well[well.well] for well in _of(self.plate, role, slot)]


def _of(plate: PlateReading, role: str, slot: int = 0) -> list[WellSeries]:
    """Wells of a role that count: not left out, not flagged, a number at every read."""
    return [
        well
        for well in plate.wells
        if well.role == role
        and (not slot or well.slot == slot)
        and not well.left_out
        and not well.flags
        and None not in well.values
    ]


def _numbers(well: WellSeries) -> list[float]:
    return [value for value in well.values if value is not None]


def _series(hours: Sequence[float], values: Sequence[float]) -> list[tuple[float, float | None]]:
    return list(zip(hours, values, strict=True))


def _panel(
    hours: Sequence[float], curves: _Curves, result: Result, outcome: Outcome | None
) -> charts.Panel:
    rows = curves.rows(SAMPLE, result.slot)
    call = str(outcome.value) if outcome is not None else ""
    drop = outcome.details.get("first_deviation_time") if outcome is not None else None
    return charts.Panel(
        result.test.lot.number,
        _series(hours, mean_curve(rows).tolist()) if rows else (),
        _series(hours, curves.host),
        [_series(hours, row) for row in rows],
        drop_at=drop if isinstance(drop, float) else None,
        words=call,
        flagged=call == Call.LYSIS.value,
    )


def _control(hours: Sequence[float], curves: _Curves) -> charts.Panel:
    rows = curves.rows(LYSIS)
    return charts.Panel(
        "Lysis control",
        _series(hours, mean_curve(rows).tolist()) if rows else (),
        _series(hours, curves.host),
        [_series(hours, row) for row in rows],
    )


def _small(panel: charts.Panel, axes: charts.Axes) -> Small:
    wells = f"n = {len(panel.replicates)}"
    if not panel.words:
        finding = "mean of the lysis control wells beside the host control"
        return Small(panel.title, charts.mini(panel, axes, finding), "", "ctl", wells, "must lyse")
    finding = f"{panel.title}: {panel.words}, sample wells beside the host control"
    onset = f"falls from {panel.drop_at:.1f} h" if panel.drop_at is not None else "no fall"
    tone = "bad" if panel.flagged else ""
    return Small(panel.title, charts.mini(panel, axes, finding), panel.words, tone, wells, onset)


def _figures(
    outcome: Outcome | None, parameters: Mapping[str, str]
) -> tuple[tuple[str, str, str], ...]:
    """Each figure of the call beside its limit."""
    if outcome is None:
        return ()
    told = outcome.details
    return (
        ("Area ratio, sample to host", _two(told["auc_ratio"]),
         f"lysis at or below {parameters['max_area_ratio']}"),
        ("Largest relative drop", _two(told["max_relative_drop"]),
         f"lysis at or above {parameters['least_drop']}"),
        ("Leaves the host control at", _hours(told["first_deviation_time"]), ""),
        ("Area, sample", f"{_two(told['auc_treated'])} OD·h", ""),
        ("Area, host control", f"{_two(told['auc_control'])} OD·h", ""),
        ("Wells that lysed", f"{told['wells_lysed']} of {_count(told['wells'])}", ""),
    )  # fmt: skip


def _two(value: object) -> str:
    return f"{value:.2f}".replace("-", "−") if isinstance(value, float) else str(value)


def _hours(value: object) -> str:
    return f"{value:.1f} h" if isinstance(value, float) else "never"


def _count(wells: object) -> int:
    return len(wells) if isinstance(wells, Sequence) else 0
