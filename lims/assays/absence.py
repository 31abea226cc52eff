"""Absence of a specified microorganism in a quantity of product.

Enrichment, subculture and confirmation are dated steps with their media. A presumptive colony is
not a result: it waits for its confirmation. Source: USP <62>, <64>; Ph. Eur. 2.6.13, 2.6.38.
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
    Reported,
)
from lims.assays.entries import REMARK, category_check, incubation_check, missing
from lims.science.criteria import DETECTED, NOT_DETECTED, Measured
from lims.science.outcome import Outcome
from lims.science.rounding import plain_text
from lims.science.specified_organism import absence_call
from lims.science.trace import Trace

GROWTH, NO_GROWTH = "growth", "no growth"
TURBID, CLEAR = "turbid", "clear"
TYPICAL, ATYPICAL, NO_COLONIES = "typical colonies", "other colonies only", "no colonies"
CONFIRMED, NOT_CONFIRMED = "confirmed", "not confirmed"

_PARAMETERS = (
    Parameter("organism", "Organism", "Escherichia coli", kind=FieldKind.TEXT),
    Parameter("broth", "Enrichment medium", "MacConkey broth", kind=FieldKind.TEXT),
    Parameter("agar", "Selective agar", "MacConkey agar", kind=FieldKind.TEXT),
    Parameter("enrichment_least", "Shortest enrichment", "24", "h"),
    Parameter("enrichment_most", "Longest enrichment", "48", "h"),
    Parameter("subculture_least", "Shortest subculture", "18", "h"),
    Parameter("subculture_most", "Longest subculture", "72", "h"),
    Parameter("temperature", "Incubation", "30–35 °C", kind=FieldKind.TEXT),
    Parameter("suitability", "Method suitability record", "", kind=FieldKind.TEXT,
              hint="number of the report that shows recovery in presence of this product"),
)  # fmt: skip


class Absence(Assay):
    key = "absence"
    title = "Absence of a specified organism"
    family = Family.CONTAMINANTS
    sheet = "assays/absence/sheet.html"
    parameters = _PARAMETERS

    def fields(self, parameters: Mapping[str, str]) -> Sequence[Field]:
        return (
            *_enrichment(parameters),
            *_subculture(parameters),
            *_confirmation(),
            *_controls(),
            REMARK,
        )

    def criterion_units(self, parameters: Mapping[str, str]) -> tuple[str, ...]:  # noqa: ARG002
        return ("g", "mL")

    def evaluate(
        self,
        entries: Mapping[str, str],
        parameters: Mapping[str, str],
        given: Circumstances,  # noqa: ARG002
    ) -> Evaluation:
        gaps = missing(self.fields(parameters), entries)
        if entries.get("colonies") == TYPICAL:
            gaps |= missing(_NEEDED_WHEN_TYPICAL, entries)
        checks = tuple(_checks(entries, parameters))
        invalid = any(check.state is CheckState.FAILED for check in checks)
        outcome = _outcome(entries) if not gaps else None
        reported = None
        if outcome is not None and not invalid:
            reported = _reported(outcome, Decimal(entries["portion"]))
        return Evaluation(gaps, checks, outcome, reported, source={"kind": "typed"})


ASSAY = Absence()


def _enrichment(parameters: Mapping[str, str]) -> Iterable[Field]:
    yield Field("portion", "Quantity tested", "enrichment", FieldKind.NUMBER, "g")
    yield Field("balance", "Balance", "enrichment", FieldKind.EQUIPMENT, stock="balance")
    yield Field(
        "broth_lot", f"{parameters['broth']} lot", "enrichment", FieldKind.MATERIAL, stock="medium"
    )
    yield Field("incubator", "Incubator", "enrichment", FieldKind.EQUIPMENT, stock="incubator")
    yield Field("enrichment_start", "Enrichment start", "enrichment", FieldKind.MOMENT)
    yield Field("enrichment_end", "Enrichment end", "enrichment", FieldKind.MOMENT)
    yield Field(
        "broth_seen",
        "Broth after enrichment",
        "enrichment",
        FieldKind.CHOICE,
        choices=(TURBID, CLEAR),
        hint="the product itself may make the broth turbid",
    )


def _subculture(parameters: Mapping[str, str]) -> Iterable[Field]:
    yield Field(
        "agar_lot", f"{parameters['agar']} lot", "subculture", FieldKind.MATERIAL, stock="medium"
    )
    yield Field("subculture_start", "Subculture start", "subculture", FieldKind.MOMENT)
    yield Field("subculture_end", "Subculture end", "subculture", FieldKind.MOMENT)
    yield Field(
        "colonies",
        "Colonies on the agar",
        "subculture",
        FieldKind.CHOICE,
        choices=(NO_COLONIES, ATYPICAL, TYPICAL),
    )


_NEEDED_WHEN_TYPICAL = (
    Field("confirmation_method", "Confirmed by", "confirmation", FieldKind.TEXT,
          hint="for example MALDI-TOF, biochemical profile"),
    Field("confirmation_at", "Confirmation read", "confirmation", FieldKind.MOMENT),
    Field("confirmation", "Identity of the typical colonies", "confirmation", FieldKind.CHOICE,
          choices=(CONFIRMED, NOT_CONFIRMED)),
)  # fmt: skip


def _confirmation() -> Iterable[Field]:
    for field in _NEEDED_WHEN_TYPICAL:
        yield Field(
            field.key,
            field.label,
            field.group,
            field.kind,
            required=False,
            choices=field.choices,
            hint=field.hint or "only with typical colonies",
        )


def _controls() -> Iterable[Field]:
    yield Field(
        "positive_lot",
        "Positive control organism lot",
        "controls",
        FieldKind.MATERIAL,
        stock="reference organism",
    )
    yield Field(
        "positive",
        "Positive control, NMT 100 CFU",
        "controls",
        FieldKind.CHOICE,
        choices=(GROWTH, NO_GROWTH),
    )
    yield Field(
        "spiked",
        "Positive control in presence of the product",
        "controls",
        FieldKind.CHOICE,
        choices=(GROWTH, NO_GROWTH),
    )
    yield Field(
        "negative",
        "Negative control, medium alone",
        "controls",
        FieldKind.CHOICE,
        choices=(NO_GROWTH, GROWTH),
    )


def _checks(entries: Mapping[str, str], parameters: Mapping[str, str]) -> Iterable[Check]:
    yield category_check(entries, "positive", GROWTH, "Positive control")
    yield category_check(entries, "spiked", GROWTH, "Recovery in presence of the product")
    yield category_check(entries, "negative", NO_GROWTH, "Negative control")
    yield incubation_check(
        entries,
        "enrichment_start",
        "enrichment_end",
        parameters["enrichment_least"],
        parameters["enrichment_most"],
        "Enrichment",
    )
    yield incubation_check(
        entries,
        "subculture_start",
        "subculture_end",
        parameters["subculture_least"],
        parameters["subculture_most"],
        "Subculture",
    )
    yield _order_check(entries)


def _order_check(entries: Mapping[str, str]) -> Check:
    """The subculture is made from the enrichment, so it cannot begin before its end."""
    end, start = entries.get("enrichment_end", ""), entries.get("subculture_start", "")
    if not (end and start):
        return Check("Order of steps", CheckState.OPEN, "", "enrichment, then subculture")
    state = CheckState.PASSED if end <= start else CheckState.FAILED
    return Check("Order of steps", state, "", "the subculture begins after the enrichment ends")


def _outcome(entries: Mapping[str, str]) -> Outcome:
    steps = Trace()
    value = steps.step(
        "call",
        "",
        absence_call,
        typical=entries["colonies"] == TYPICAL,
        confirmed=entries.get("confirmation") == CONFIRMED,
    )
    return Outcome(value, trace=steps.steps, details={"tested_g": entries["portion"]})


def _reported(outcome: Outcome, portion: Decimal) -> Reported:
    found = outcome.value == DETECTED
    amount = f"{plain_text(portion)} g"
    words = f"Detected in {amount}" if found else f"Not detected in {amount}"
    value = DETECTED if found else NOT_DETECTED
    return Reported(Measured(value, "g", tested_quantity=portion), words=words)
