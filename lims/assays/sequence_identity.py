"""Identity by sequence: a strain-specific locus and the 16S rRNA gene against the references.

The 16S rRNA gene tells a species at best, so alone it never gives *conforms*. Source: Stackebrandt
& Ebers 2006; ICH Q6B; FDA guidance on live biotherapeutic products, 2016.
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
    Reference,
    Reported,
)
from lims.assays.entries import REMARK, category_check, missing
from lims.science.criteria import Measured
from lims.science.errors import ScienceError
from lims.science.identity import Convention, Ends, sequence_identity
from lims.science.outcome import Outcome
from lims.science.rounding import exact, to_places
from lims.science.sequences import read_fasta
from lims.science.strain_identity import identity_call
from lims.science.trace import Step, Trace

LOCUS_16S, LOCUS_STRAIN = "16S rRNA gene", "strain-specific locus"
NEGATIVE, POSITIVE = "negative", "positive"
CONFORMS, DIFFERS, SPECIES_ONLY = "conforms", "does not conform", "strain not shown"

_PARAMETERS = (
    Parameter("loci", "Loci compared", "16S and strain locus", kind=FieldKind.CHOICE,
              choices=("16S and strain locus", "16S only")),
    Parameter("rrna_identity", "16S: least identity", "98.7", "%", confirm=True,
              hint="Stackebrandt & Ebers 2006"),
    Parameter("rrna_length", "16S: shortest compared length", "1400", "bp"),
    Parameter("strain_identity", "Strain locus: least identity", "99.8", "%"),
    Parameter("strain_coverage", "Strain locus: least coverage of the reference", "95", "%"),
    Parameter("quality", "Bases of Q20 or better, least", "90", "%"),
)  # fmt: skip


class SequenceIdentity(Assay):
    key = "sequence_identity"
    title = "Strain identity by sequence"
    family = Family.IDENTITY
    sheet = "assays/sequence_identity/sheet.html"
    parameters = _PARAMETERS

    def fields(self, parameters: Mapping[str, str]) -> Sequence[Field]:
        return tuple(_fields(parameters))

    def evaluate(
        self, entries: Mapping[str, str], parameters: Mapping[str, str], given: Circumstances
    ) -> Evaluation:
        gaps = missing(self.fields(parameters), entries)
        checks = list(_control_checks(entries, parameters))
        steps: list[Step] = []
        found: dict[str, Outcome] = {}
        for locus, key in _loci(parameters):
            compared, check = _compare(locus, entries.get(key, ""), given.references)
            checks.append(check)
            if compared is not None:
                found[locus] = compared
                steps += compared.trace
        outcome = (
            _called(found, steps, parameters) if len(found) == len(_loci(parameters)) else None
        )
        invalid = any(check.state is CheckState.FAILED for check in checks)
        ready = outcome is not None and not gaps and not invalid
        return Evaluation(
            gaps,
            tuple(checks),
            outcome,
            _reported(outcome) if ready and outcome else None,
            source={"kind": "typed", "references": [each.label for each in given.references]},
        )


ASSAY = SequenceIdentity()


def _loci(parameters: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    rrna = (LOCUS_16S, "rrna_fasta")
    return (rrna,) if parameters["loci"] == "16S only" else (rrna, (LOCUS_STRAIN, "strain_fasta"))


def _fields(parameters: Mapping[str, str]) -> Iterable[Field]:
    yield Field(
        "extraction", "DNA extraction kit lot", "setup", FieldKind.MATERIAL, stock="reagent"
    )
    yield Field("polymerase", "PCR reagent lot", "setup", FieldKind.MATERIAL, stock="reagent")
    yield Field("sequencer", "Sequencer", "setup", FieldKind.EQUIPMENT, stock="sequencer")
    yield Field("sequenced_at", "Sequenced", "setup", FieldKind.MOMENT)
    for locus, key in _loci(parameters):
        yield Field(
            key,
            f"{locus}, consensus as FASTA",
            "sequences",
            FieldKind.LONG_TEXT,
            hint="one record; IUPAC codes; up to 5 000 bases",
        )
    yield Field("quality", "Bases of Q20 or better", "sequences", FieldKind.NUMBER, "%")
    yield Field(
        "blank", "Extraction blank", "controls", FieldKind.CHOICE, choices=(NEGATIVE, POSITIVE)
    )
    yield Field(
        "template_control",
        "Positive control",
        "controls",
        FieldKind.CHOICE,
        choices=(POSITIVE, NEGATIVE),
    )
    yield REMARK


def _control_checks(entries: Mapping[str, str], parameters: Mapping[str, str]) -> Iterable[Check]:
    yield category_check(entries, "blank", NEGATIVE, "Extraction blank")
    yield category_check(entries, "template_control", POSITIVE, "Positive control")
    least = parameters["quality"]
    text = entries.get("quality", "")
    if not text:
        yield Check(
            "Sequence quality", CheckState.OPEN, "", f"NLT {least} % of bases Q20 or better"
        )
        return
    enough = Decimal(least) <= Decimal(text) <= 100  # noqa: PLR2004
    state = CheckState.PASSED if enough else CheckState.FAILED
    yield Check("Sequence quality", state, f"{text} %", f"NLT {least} % of bases Q20 or better")


def _compare(
    locus: str, fasta: str, references: Sequence[Reference]
) -> tuple[Outcome | None, Check]:
    """The best agreement of a consensus with an approved reference of its locus."""
    usable = [each for each in references if each.locus == locus]
    if not usable:
        detail = "no approved reference sequence of this strain"
        return None, Check(locus, CheckState.FAILED, "", detail)
    if not fasta:
        return None, Check(locus, CheckState.OPEN, "", f"against {usable[0].label}")
    try:
        outcomes = [_aligned(fasta, locus, each) for each in usable]
    except ScienceError as refusal:
        return None, Check(locus, CheckState.FAILED, "", str(refusal))
    best = max(outcomes, key=lambda outcome: exact(_number(outcome)))
    label = str(best.details["reference"])
    shown = to_places(exact(_number(best)), 2)
    return best, Check(locus, CheckState.PASSED, f"{shown} %", f"against {label}")


def _aligned(fasta: str, locus: str, reference: Reference) -> Outcome:
    query = read_fasta(fasta, locus)
    target = read_fasta(reference.letters, reference.label)
    outcome = sequence_identity(query, target, Convention(ends=Ends.OUTSIDE))
    details = {**outcome.details, "reference": reference.label, "strain": reference.strain}
    return Outcome(
        outcome.value,
        outcome.qualifier,
        outcome.unit,
        outcome.interval,
        outcome.invalid,
        outcome.warnings,
        outcome.trace,
        details,
    )


def _number(outcome: Outcome) -> float:
    assert isinstance(outcome.value, float | int)  # noqa: S101
    return float(outcome.value)


def _called(
    found: Mapping[str, Outcome], steps: Sequence[Step], parameters: Mapping[str, str]
) -> Outcome:
    trace = Trace()
    rrna, strain = found[LOCUS_16S], found.get(LOCUS_STRAIN)
    value = trace.step(
        "call",
        "",
        identity_call,
        rrna_identity=exact(_number(rrna)),
        rrna_length=_count(rrna, "alignment_length"),
        rrna_least=Decimal(parameters["rrna_identity"]),
        rrna_least_length=int(parameters["rrna_length"]),
        strain_identity=None if strain is None else exact(_number(strain)),
        strain_coverage=None if strain is None else exact(_float(strain, "coverage_percent")),
        strain_least=Decimal(parameters["strain_identity"]),
        strain_least_coverage=Decimal(parameters["strain_coverage"]),
    )
    warnings = tuple(text for outcome in found.values() for text in outcome.warnings)
    details: dict[str, object] = {
        locus: {
            "identity_percent": outcome.value,
            "reference": outcome.details["reference"],
            "compared_bp": outcome.details["alignment_length"],
            "coverage_percent": outcome.details["coverage_percent"],
        }
        for locus, outcome in found.items()
    }
    return Outcome(value, warnings=warnings, trace=(*steps, *trace.steps), details=details)


def _count(outcome: Outcome, key: str) -> int:
    value = outcome.details[key]
    assert isinstance(value, int)  # noqa: S101
    return value


def _float(outcome: Outcome, key: str) -> float:
    value = outcome.details[key]
    assert isinstance(value, float | int)  # noqa: S101
    return float(value)


def _reported(outcome: Outcome) -> Reported:
    parts = []
    for locus, name in ((LOCUS_STRAIN, "strain locus"), (LOCUS_16S, "16S")):
        told = outcome.details.get(locus)
        if isinstance(told, dict):
            parts.append(f"{name} {to_places(exact(told['identity_percent']), 2)} %")
    # Without the strain there is nothing to compare with the criterion: no verdict, never a pass.
    value = None if outcome.value == SPECIES_ONLY else str(outcome.value)
    words = {CONFORMS: "Conforms", DIFFERS: "Does not conform"}.get(
        str(outcome.value), "Species consistent, strain not shown"
    )
    return Reported(Measured(value), words=words, also=", ".join(parts))
