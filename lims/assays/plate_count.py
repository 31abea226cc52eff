"""Viable count by plating: colonies per dose of a live product.

Source: FDA BAM chapter 3; ISO 7218; USP <64>. The anaerobic indicator, a strict anaerobe that has
to grow and an aerobic control that must not decide the run before any count is looked at.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
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
    Reported,
)
from lims.assays.entries import (
    COUNT_CODES,
    REMARK,
    category_check,
    incubation_check,
    missing,
)
from lims.science.criteria import Measured
from lims.science.outcome import Outcome
from lims.science.plate_count import estimate
from lims.science.plates import BAM, ISO_7218, USP_BACTERIA, Code, Plate, Profile, sample_per_ml
from lims.science.preparations import MAX_LOG10_SD, combine, per_dose
from lims.science.rounding import to_places
from lims.science.trace import Trace

PROFILES: dict[str, Profile] = {"ISO 7218": ISO_7218, "BAM": BAM, "USP <61>": USP_BACTERIA}
GROWTH, NO_GROWTH = "growth", "no growth"
ANAEROBIC, OXYGEN = "anaerobic, colourless", "oxygen present, pink"

_PARAMETERS = (
    Parameter("profile", "Countable-range profile", "ISO 7218", kind=FieldKind.CHOICE,
              choices=tuple(PROFILES)),
    Parameter("minimum", "Fewest countable colonies", "10", "colonies"),
    Parameter("maximum", "Most countable colonies", "300", "colonies"),
    Parameter("dilutions", "Dilutions plated, exponents", "-5 -6 -7", kind=FieldKind.TEXT,
              hint="from the primary suspension, for example -5 -6 -7"),
    Parameter("replicates", "Plates per dilution", "3"),
    Parameter("preparations", "Independent preparations", "1"),
    Parameter("max_log10_sd", "Spread between preparations, at most", str(MAX_LOG10_SD), "log10"),
    Parameter("volume_ml", "Volume per plate", "0.1", "mL"),
    Parameter("suspension_ml", "Volume of the primary suspension", "100", "mL"),
    Parameter("atmosphere", "Atmosphere", "anaerobic", kind=FieldKind.CHOICE,
              choices=("anaerobic", "aerobic")),
    Parameter("hours_least", "Shortest incubation", "48", "h"),
    Parameter("hours_most", "Longest incubation", "120", "h"),
    Parameter("reference_expected", "Reference organism, expected count", "100", "colonies"),
    Parameter("recovery_least", "Reference recovery, least", "50", "%"),
    Parameter("recovery_most", "Reference recovery, most", "200", "%"),
    Parameter("report_in", "Report per", "dose", kind=FieldKind.CHOICE, choices=("dose", "gram")),
    Parameter("conditions", "Medium and temperature", "MRS-cysteine agar, 37 °C",
              kind=FieldKind.TEXT),
)  # fmt: skip


class PlateCount(Assay):
    key = "plate_count"
    title = "Viable count, plate count"
    family = Family.POTENCY
    sheet = "assays/plate_count/sheet.html"
    parameters = _PARAMETERS

    def fields(self, parameters: Mapping[str, str]) -> Sequence[Field]:
        return (*_set_up(parameters), *_cells(parameters), *_controls(parameters), REMARK)

    def criterion_units(self, parameters: Mapping[str, str]) -> tuple[str, ...]:
        return ("CFU/g",) if parameters["report_in"] == "gram" else ("CFU/dose",)

    def evaluate(
        self, entries: Mapping[str, str], parameters: Mapping[str, str], given: Circumstances
    ) -> Evaluation:
        gaps = missing(self.fields(parameters), entries)
        checks = list(_control_checks(entries, parameters))
        outcome, notes = _estimated(entries, parameters, given)
        if outcome is not None:
            checks += _data_checks(outcome)
        ready = outcome is not None and not gaps
        invalid = any(check.state is CheckState.FAILED for check in checks)
        return Evaluation(
            missing=gaps,
            checks=tuple(checks),
            outcome=outcome,
            reported=_reported(outcome) if ready and outcome and not invalid else None,
            notes=notes,
            source={"kind": "typed"},
        )


ASSAY = PlateCount()


# --- what is recorded -------------------------------------------------------------------------


def _set_up(parameters: Mapping[str, str]) -> Iterable[Field]:
    yield Field("medium", "Agar lot", "setup", FieldKind.MATERIAL, stock="medium")
    yield Field("diluent", "Diluent lot", "setup", FieldKind.MATERIAL, stock="diluent")
    yield Field("balance", "Balance", "setup", FieldKind.EQUIPMENT, stock="balance")
    yield Field("incubator", "Incubator", "setup", FieldKind.EQUIPMENT, stock="incubator")
    for number in _preparations(parameters):
        of = f", preparation {number}" if int(parameters["preparations"]) > 1 else ""
        yield Field(f"mass:{number}", f"Sample weighed{of}", "setup", FieldKind.NUMBER, "g")
    yield Field("incubation_start", "Incubation start", "setup", FieldKind.MOMENT)
    yield Field("incubation_end", "Incubation end", "setup", FieldKind.MOMENT)
    if parameters["atmosphere"] == "anaerobic":
        yield Field(
            "chamber",
            "Anaerobic chamber or jar",
            "setup",
            FieldKind.EQUIPMENT,
            stock="anaerobic chamber",
        )
        yield Field(
            "indicator",
            "Anaerobic indicator at the end",
            "setup",
            FieldKind.CHOICE,
            choices=(ANAEROBIC, OXYGEN),
        )


def cell_key(preparation: int, exponent: int, replicate: int) -> str:
    return f"plate:{preparation}:{exponent}:{replicate}"


def _cells(parameters: Mapping[str, str]) -> Iterable[Field]:
    several = int(parameters["preparations"]) > 1
    for preparation in _preparations(parameters):
        for exponent in exponents(parameters):
            for replicate in range(1, int(parameters["replicates"]) + 1):
                of = f"Preparation {preparation}, dilution" if several else "Dilution"
                label = f"{of} 10^{exponent}, plate {replicate}".replace("-", "−")
                key = cell_key(preparation, exponent, replicate)
                yield Field(key, label, "plates", FieldKind.COUNT, codes=COUNT_CODES)


def _controls(parameters: Mapping[str, str]) -> Iterable[Field]:
    yield Field("blank", "Diluent blank", "controls", FieldKind.COUNT, "colonies")
    yield Field("reference", "Reference organism", "controls", FieldKind.COUNT, "colonies")
    yield Field(
        "reference_lot",
        "Reference organism lot",
        "controls",
        FieldKind.MATERIAL,
        stock="reference organism",
    )
    if parameters["atmosphere"] == "anaerobic":
        yield Field(
            "anaerobe",
            "Strict anaerobe control",
            "controls",
            FieldKind.CHOICE,
            choices=(GROWTH, NO_GROWTH),
        )
        yield Field(
            "aerobe",
            "Aerobic negative control",
            "controls",
            FieldKind.CHOICE,
            choices=(NO_GROWTH, GROWTH),
        )


def exponents(parameters: Mapping[str, str]) -> tuple[int, ...]:
    """Exponents of the dilutions plated, the least diluted first."""
    return tuple(sorted((int(word) for word in parameters["dilutions"].split()), reverse=True))


def _preparations(parameters: Mapping[str, str]) -> range:
    return range(1, int(parameters["preparations"]) + 1)


# --- controls ---------------------------------------------------------------------------------


def _control_checks(entries: Mapping[str, str], parameters: Mapping[str, str]) -> Iterable[Check]:
    yield incubation_check(
        entries,
        "incubation_start",
        "incubation_end",
        parameters["hours_least"],
        parameters["hours_most"],
    )
    if parameters["atmosphere"] == "anaerobic":
        yield category_check(entries, "indicator", ANAEROBIC, "Anaerobic indicator")
        yield category_check(entries, "anaerobe", GROWTH, "Strict anaerobe control")
        yield category_check(entries, "aerobe", NO_GROWTH, "Aerobic negative control")
    yield _blank_check(entries.get("blank", ""))
    yield _recovery_check(entries.get("reference", ""), parameters)


def _blank_check(count: str) -> Check:
    if not count:
        return Check("Diluent blank", CheckState.OPEN, "", "limit 0 colonies")
    state = CheckState.PASSED if int(count) == 0 else CheckState.FAILED
    return Check("Diluent blank", state, count, "limit 0 colonies")


def _recovery_check(count: str, parameters: Mapping[str, str]) -> Check:
    least, most = Decimal(parameters["recovery_least"]), Decimal(parameters["recovery_most"])
    expected = Decimal(parameters["reference_expected"])
    detail = f"{least} to {most} % of {expected} colonies"
    if not count:
        return Check("Reference recovery", CheckState.OPEN, "", detail)
    recovery = 100 * Decimal(count) / expected
    state = CheckState.PASSED if least <= recovery <= most else CheckState.FAILED
    return Check("Reference recovery", state, f"{to_places(recovery, 0)} %", detail)


# --- the count --------------------------------------------------------------------------------


def _profile(parameters: Mapping[str, str]) -> Profile:
    chosen = PROFILES[parameters["profile"]]
    return replace(chosen, minimum=int(parameters["minimum"]), maximum=int(parameters["maximum"]))


def _plates(
    entries: Mapping[str, str], parameters: Mapping[str, str], preparation: int
) -> list[Plate]:
    found = []
    for exponent in exponents(parameters):
        for replicate in range(1, int(parameters["replicates"]) + 1):
            text = entries.get(cell_key(preparation, exponent, replicate), "")
            if text:
                reading = int(text) if text.isdigit() else Code(text)
                dilution = Decimal(1).scaleb(exponent)
                found.append(Plate(dilution, Decimal(parameters["volume_ml"]), reading))
    return found


def _estimated(
    entries: Mapping[str, str], parameters: Mapping[str, str], given: Circumstances
) -> tuple[Outcome | None, dict[str, str]]:
    """The outcome over all preparations that have plates and a mass, and notes by dilution."""
    single: list[Outcome] = []
    notes: dict[str, str] = {}
    for preparation in _preparations(parameters):
        plates = _plates(entries, parameters, preparation)
        mass = entries.get(f"mass:{preparation}", "")
        if not plates or not mass or Decimal(mass) <= 0:
            return None, notes
        steps = Trace()
        share = steps.step(
            "sample in the suspension",
            "g/mL",
            sample_per_ml,
            mass_g=Decimal(mass),
            volume_ml=Decimal(parameters["suspension_ml"]),
        )
        outcome = estimate(plates, _profile(parameters), per_ml=share, unit="CFU/g")
        notes |= _notes(preparation, plates, outcome)
        single.append(replace(outcome, trace=(*steps.steps, *outcome.trace)))
    return _combined(single, parameters, given), notes


def _notes(preparation: int, plates: Sequence[Plate], outcome: Outcome) -> dict[str, str]:
    """For each dilution whether it was used, in words."""
    used = outcome.details.get("plates", ())
    texts = {str(text) for text in used} if isinstance(used, tuple | list) else set()
    found: dict[str, str] = {}
    for plate in plates:
        key = f"{preparation}:{plate.dilution.adjusted()}"
        group = [each for each in plates if each.dilution == plate.dilution]
        counted = sum(str(each) in texts for each in group)
        found[key] = f"used, n = {counted}" if counted else "not used"
    return found


def _combined(
    single: Sequence[Outcome], parameters: Mapping[str, str], given: Circumstances
) -> Outcome | None:
    """One value over the preparations, per dose where the method reports so."""
    if not single:
        return None
    bad = next((each for each in single if each.invalid or each.value is None), None)
    if bad is not None:
        return bad
    found = single[0]
    if len(single) > 1:
        found = combine(single, Decimal(parameters["max_log10_sd"]))
    if parameters["report_in"] == "dose" and found.value is not None:
        dose = per_dose(found, Decimal(given.dose_mass_g))
        found = replace(dose, details={**found.details, **dose.details})
    return found


def _data_checks(outcome: Outcome) -> list[Check]:
    found = [Check("Data", CheckState.FAILED, "", text) for text in outcome.invalid]
    for key, name in (
        ("linearity_p", "Counts follow the dilutions"),
        ("dispersion_p", "Spread of replicates"),
    ):
        p = outcome.details.get(key)
        if isinstance(p, float):
            state = CheckState.WARNING if p < BAM.review_p else CheckState.PASSED
            found.append(Check(name, state, f"p = {p:.3f}", "review below 0.01"))
    return found


def _reported(outcome: Outcome) -> Reported | None:
    if outcome.value is None:
        return None
    value = Decimal(str(outcome.value))
    logarithm = outcome.details.get("log10")
    also = ""
    if isinstance(logarithm, Decimal):
        also = f"{to_places(logarithm, 2)} log10"
    return Reported(Measured(value, outcome.unit, outcome.qualifier), also=also)
