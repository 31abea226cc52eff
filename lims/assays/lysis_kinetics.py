"""Lysis kinetics: does anything in a sample lyse the host in a plate reader's OD600 curves?

Validity of the plate's own controls comes first. Source: Storms et al. 2020, PHAGE 1:27.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from lims.assays.assay import (
    Assay,
    Check,
    CheckState,
    Circumstances,
    Evaluation,
    Family,
    Field,
    FieldKind,
    Parameter,
    PlateReading,
    Reported,
    WellSeries,
)
from lims.assays.entries import REMARK, missing
from lims.science.criteria import Measured
from lims.science.errors import ScienceError
from lims.science.lysis import Call, LysisRule
from lims.science.lysis_plate import Layout, PlateOutcome, plate_lysis
from lims.science.outcome import Outcome
from lims.science.rounding import exact, to_places

BLANK, HOST, LYSIS, DILUENT, SAMPLE = "blank", "host", "lysis", "diluent", "sample"

_DEFAULT = LysisRule()
_PARAMETERS = (
    Parameter("max_area_ratio", "Lysis: area ratio, at most", str(_DEFAULT.max_area_ratio)),
    Parameter("least_drop", "Lysis: relative drop, at least", str(_DEFAULT.least_drop)),
    Parameter("equivocal_ratio", "Equivocal: area ratio, at most", str(_DEFAULT.equivocal_ratio)),
    Parameter("control_growth", "Host control: least rise", str(_DEFAULT.control_growth), "OD"),
    Parameter("control_cv", "Host control: area variation, at most", str(_DEFAULT.control_cv), "%"),
    Parameter("blank_most", "Blank: highest first reading", "0.150", "OD"),
    Parameter("least_peak", "Drops are looked at above", "0.05", "OD",
              hint="falls from a lower corrected OD are noise near the blank"),
    Parameter("window_from", "Window, from", "0", "h"),
    Parameter("window_to", "Window, to", "24.5", "h"),
    Parameter("replicates", "Wells per sample, at least", "3"),
)  # fmt: skip


class LysisKinetics(Assay):
    key = "lysis_kinetics"
    title = "Phage, lysis kinetics"
    family = Family.PHAGE
    sheet = "assays/lysis_kinetics/sheet.html"
    takes_file = True
    parameters = _PARAMETERS

    def fields(self, parameters: Mapping[str, str]) -> Sequence[Field]:  # noqa: ARG002
        return (
            Field("broth", "Growth medium lot", "setup", FieldKind.MATERIAL, stock="medium"),
            Field(
                "host", "Host strain lot", "setup", FieldKind.MATERIAL, stock="reference organism"
            ),
            Field(
                "phage",
                "Lysis control phage lot",
                "setup",
                FieldKind.MATERIAL,
                stock="control phage",
            ),
            Field("filtered_at", "Sample filtered, 0.22 µm", "setup", FieldKind.MOMENT),
            Field("plate_started", "Plate started", "setup", FieldKind.MOMENT),
            REMARK,
        )

    def evaluate(
        self, entries: Mapping[str, str], parameters: Mapping[str, str], given: Circumstances
    ) -> Evaluation:
        gaps = missing(self.fields(parameters), entries)
        if given.plate is None:
            return Evaluation({**gaps, "plate": "No plate-reader file is matched to this run yet."})
        usable, flagged = _usable(given.plate)
        checks = list(_plate_checks(usable, flagged, given.plate, parameters, given.slot))
        try:
            plate = _judged(usable, given.plate.times_s, parameters)
        except ScienceError as refusal:
            checks.append(Check("Plate", CheckState.FAILED, "", str(refusal)))
            return Evaluation(gaps, tuple(checks))
        checks += _control_checks(plate, parameters)
        outcome = plate.samples.get(str(given.slot))
        invalid = outcome is None or any(check.state is CheckState.FAILED for check in checks)
        reported = None if gaps or invalid or outcome is None else _reported(outcome)
        return Evaluation(
            gaps, tuple(checks), outcome, reported, source=_source(given.plate, given.slot)
        )


ASSAY = LysisKinetics()


def _rule(parameters: Mapping[str, str]) -> LysisRule:
    return LysisRule(
        max_area_ratio=float(parameters["max_area_ratio"]),
        least_drop=float(parameters["least_drop"]),
        equivocal_ratio=float(parameters["equivocal_ratio"]),
        control_growth=float(parameters["control_growth"]),
        control_cv=float(parameters["control_cv"]),
        least_peak=float(parameters["least_peak"]),
    )


def _usable(plate: PlateReading) -> tuple[list[WellSeries], list[WellSeries]]:
    """Wells with a number at every read, and those that were flagged or have gaps.

    A saturated or missed reading is no number, so the whole well stays out of the arithmetic;
    so does a well that a person left out.
    """
    counted = [well for well in plate.wells if not well.left_out]
    whole = [well for well in counted if None not in well.values and not well.flags]
    broken = [well for well in counted if well not in whole]
    return whole, broken


def _judged(
    wells: Sequence[WellSeries], times_s: Sequence[float], parameters: Mapping[str, str]
) -> PlateOutcome:
    slots = sorted({well.slot for well in wells if well.role == SAMPLE})
    layout = Layout(
        blanks=_rows(wells, BLANK),
        controls=_rows(wells, HOST),
        samples={str(slot): _rows(wells, SAMPLE, slot) for slot in slots},
        positives=_rows(wells, LYSIS),
        negatives=_rows(wells, DILUENT),
    )
    window = (float(parameters["window_from"]), float(parameters["window_to"]))
    hours = [seconds / 3600 for seconds in times_s]
    readings = [[value for value in well.values if value is not None] for well in wells]
    return plate_lysis(hours, readings, layout, _rule(parameters), window=window)


def _rows(wells: Sequence[WellSeries], role: str, slot: int = 0) -> tuple[int, ...]:
    return tuple(
        row
        for row, well in enumerate(wells)
        if well.role == role and (role != SAMPLE or not slot or well.slot == slot)
    )


def _plate_checks(
    usable: Sequence[WellSeries],
    flagged: Sequence[WellSeries],
    plate: PlateReading,
    parameters: Mapping[str, str],
    slot: int,
) -> Iterable[Check]:
    yield Check(
        "Reads",
        CheckState.PASSED,
        str(len(plate.times_s)),
        f"{plate.times_s[0] / 3600:.2f} to {plate.times_s[-1] / 3600:.2f} h",
    )
    limit = float(parameters["blank_most"])
    high = [
        w for w in usable if w.role == BLANK and w.values[0] is not None and w.values[0] > limit
    ]
    yield Check(
        "Blanks",
        CheckState.FAILED if high else CheckState.PASSED,
        ", ".join(well.well for well in high) or "all below",
        f"first reading NMT {parameters['blank_most']} OD; leave out with a reason",
    )
    if flagged:
        yield Check(
            "Flagged wells",
            CheckState.WARNING,
            ", ".join(w.well for w in flagged),
            "not used: saturated, missed or incomplete",
        )
    left = [well for well in plate.wells if well.left_out]
    if left:
        yield Check(
            "Left out",
            CheckState.WARNING,
            ", ".join(w.well for w in left),
            "; ".join(dict.fromkeys(w.left_out for w in left)),
        )
    wells = [w.well for w in usable if w.role == SAMPLE and w.slot == slot]
    enough = len(wells) >= int(parameters["replicates"])
    yield Check(
        "Sample wells",
        CheckState.PASSED if enough else CheckState.FAILED,
        ", ".join(wells) or "none",
        f"NLT {parameters['replicates']} usable wells",
    )


def _control_checks(plate: PlateOutcome, parameters: Mapping[str, str]) -> Iterable[Check]:
    control = plate.control
    failed = plate.invalid
    yield _figure(
        "Host control grows",
        control["growth"],
        " OD",
        2,
        f"rise NLT {parameters['control_growth']} OD",
        bad=any("grew" in text for text in failed),
    )
    yield _figure(
        "Host control areas",
        control["control_cv_percent"],
        " %",
        1,
        f"variation NMT {parameters['control_cv']} %",
        bad=any("vary" in text for text in failed),
    )
    yield _called("Lysis control", control["positive"], Call.LYSIS.value)
    yield _called("Diluent control", control["negative"], Call.NO_LYSIS.value)


def _figure(name: str, value: object, unit: str, places: int, detail: str, *, bad: bool) -> Check:
    shown = f"{value:.{places}f}{unit}" if isinstance(value, float) else str(value)
    return Check(name, CheckState.FAILED if bad else CheckState.PASSED, shown, detail)


def _called(name: str, call: object, wanted: str) -> Check:
    if call is None:
        return Check(name, CheckState.FAILED, "no wells", f"expected: {wanted}")
    state = CheckState.PASSED if call == wanted else CheckState.FAILED
    return Check(name, state, str(call), f"expected: {wanted}")


def _source(plate: PlateReading, slot: int) -> dict[str, object]:
    wells = [w.well for w in plate.wells if w.role == SAMPLE and w.slot == slot]
    return {
        "kind": "plate",
        "origin": plate.origin,
        "wells": wells,
        "reads": f"1 to {len(plate.times_s)}",
    }


def _reported(outcome: Outcome) -> Reported:
    call = str(outcome.value)
    ratio, drop = outcome.details["auc_ratio"], outcome.details["max_relative_drop"]
    assert isinstance(ratio, float)  # noqa: S101
    assert isinstance(drop, float)  # noqa: S101
    figures = f"area ratio {_two(ratio)}, drop {_two(drop)}"
    if call == Call.EQUIVOCAL.value:
        # Neither a pass nor a failure: the method asks for a plaque assay.
        return Reported(Measured(None), words="Equivocal, plaque assay needed", also=figures)
    return Reported(Measured(call), words=call.capitalize(), also=figures)


def _two(value: float) -> Decimal:
    return to_places(exact(value), 2)
