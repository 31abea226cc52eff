"""Generations, minimum inhibitory concentrations, plasmids and variants against the cell bank."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import log2

from lims.science.count_uncertainty import CONFIDENCE
from lims.science.errors import BadInputs, NoAnswer
from lims.science.outcome import Outcome, Qualifier
from lims.science.rounding import CONTEXT
from lims.science.trace import operation, tracing
from lims.science.viability import proportion

RETENTION_PERCENT = 95.0  # default: colonies that must have kept a plasmid

# --- generations -----------------------------------------------------------------------------


@operation("n = log2(N_t/N_0)")
def doublings(before: float, after: float) -> float:
    """Generations from one population to the next; CFU or cells, not OD unless converted."""
    return log2(after / before)


@operation("Σ n")
def summed(generations: Sequence[float]) -> float:
    return sum(generations)


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage: population at its start and end, on the same basis."""

    before: float
    after: float


def generations(
    passages: Sequence[Passage], limit: float | None = None, *, trace: bool = True
) -> Outcome:
    """Generations over one or more passages, counted from the master cell bank.

    Args:
        passages: in order.
        limit: validated maximum in vitro age, generations.
        trace: keep the steps.

    Returns:
        The cumulative number; `details["passages"]` has each. A sum above the limit, and a passage
        in which the population fell, add warnings.

    Raises:
        BadInputs: no passages, or a population that is not above zero.

    Source: n = log2(N_t/N_0).
    """
    if not passages or any(not (p.before > 0 and p.after > 0) for p in passages):
        raise BadInputs("Generations need passages whose populations are above zero.")
    steps = tracing(trace)
    each = tuple(
        steps.step(f"passage {at}", "generations", doublings, before=p.before, after=p.after)
        for at, p in enumerate(passages, start=1)
    )
    total = steps.step("cumulative", "generations", summed, generations=each)
    warnings = ["The population fell in a passage."] if min(each) < 0 else []
    if limit is not None and total > limit:
        warnings.append(f"{total:.1f} generations exceed the validated age of {limit:g}.")
    return Outcome(
        total,
        unit="generations",
        warnings=tuple(warnings),
        trace=steps.steps,
        details={"passages": each},
    )


# --- minimum inhibitory concentration --------------------------------------------------------


class Resistance(StrEnum):
    RESISTANT = "resistant"
    NOT_RESISTANT = "not resistant"
    UNDETERMINED = "undetermined"
    NOT_REQUIRED = "not required"


@dataclass(frozen=True, slots=True)
class Mic:
    """A MIC, mg/L: a step of the dilution series, or a bound at its end."""

    value: Decimal
    qualifier: Qualifier = Qualifier.EQUAL

    def __post_init__(self) -> None:
        if self.value <= 0:
            raise BadInputs(f"A MIC must be above zero, not {self.value}.")


@operation("resistant if MIC > cut-off; a bound decides only when all it may stand for agrees")
def against_cutoff(value: Decimal, qualifier: str, cutoff: Decimal) -> str:
    """A `Resistance`. `≤ c` passes if c ≤ cut-off; `> m` is resistant if m ≥ cut-off."""
    if qualifier in {Qualifier.LESS, Qualifier.AT_MOST}:
        inside = value <= cutoff
        return (Resistance.NOT_RESISTANT if inside else Resistance.UNDETERMINED).value
    if qualifier in {Qualifier.GREATER, Qualifier.AT_LEAST}:
        beyond = value > cutoff or (value == cutoff and qualifier == Qualifier.GREATER)
        return (Resistance.RESISTANT if beyond else Resistance.UNDETERMINED).value
    return (Resistance.RESISTANT if value > cutoff else Resistance.NOT_RESISTANT).value


def mic_call(mic: Mic, cutoff: Decimal | None, *, trace: bool = True) -> Outcome:
    """A MIC against the microbiological cut-off of the taxon.

    Args:
        mic: the strain's MIC, mg/L.
        cutoff: mg/L from the table in force; `None` where none is required.
        trace: keep the steps.

    Returns:
        A `Resistance`. A MIC one two-fold step above the cut-off adds the warning to repeat: that
        much is the repeatability of the method.

    Source: EFSA FEEDAP 2018, EFSA Journal 16:5206 (resistant only above the cut-off); ISO 10932.
    """
    if cutoff is None:
        return Outcome(Resistance.NOT_REQUIRED.value)
    if cutoff <= 0:
        raise BadInputs(f"A cut-off must be above zero, not {cutoff}.")
    steps = tracing(trace)
    word = steps.step(
        "call",
        "",
        against_cutoff,
        value=mic.value,
        qualifier=mic.qualifier.value,
        cutoff=cutoff,
    )
    near = word == Resistance.RESISTANT.value and mic.value == 2 * cutoff
    warnings = ("One two-fold step above the cut-off: repeat the test.",) if near else ()
    return Outcome(word, warnings=warnings, trace=steps.steps)


@operation("middle of the sorted values; the lower of two")
def middle(values: Sequence[Decimal]) -> Decimal:
    return sorted(values)[(len(values) - 1) // 2]


def median_mic(values: Sequence[Decimal], *, trace: bool = True) -> Outcome:
    """The MIC of replicates on the doubling scale: their median, never an arithmetic mean.

    An even number of replicates gives the lower of the middle two when they are equal or
    adjacent steps, with a warning when they differ; further apart there is no median.

    Raises:
        NoAnswer: the middle replicates lie more than one two-fold step apart.
    """
    if not values or min(values) <= 0:
        raise BadInputs("MICs must be above zero, and at least one is needed.")
    ordered = sorted(values)
    low, high = ordered[(len(values) - 1) // 2], ordered[len(values) // 2]
    if high > 2 * low:
        raise NoAnswer(f"The middle replicates, {low} and {high} mg/L, are too far apart.")
    steps = tracing(trace)
    value = steps.step("median", "mg/L", middle, values=tuple(values))
    warnings = (f"The median lies between {low} and {high} mg/L.",) if high > low else ()
    return Outcome(value, unit="mg/L", warnings=warnings, trace=steps.steps)


# --- plasmids and variants -------------------------------------------------------------------


@operation("copies = plasmid depth/chromosome depth")
def depth_ratio(plasmid: Decimal, chromosome: Decimal) -> Decimal:
    return CONTEXT.divide(plasmid, chromosome)


def plasmid_copy_number(plasmid: Decimal, chromosome: Decimal, *, trace: bool = True) -> Outcome:
    """Copies of a plasmid per chromosome, from mean sequencing depths.

    Raises:
        BadInputs: a negative depth, or a chromosome without any.
    """
    if plasmid < 0 or chromosome <= 0:
        raise BadInputs("Depths must not be negative, and the chromosome's is above zero.")
    steps = tracing(trace)
    value = steps.step("copies", "", depth_ratio, plasmid=plasmid, chromosome=chromosome)
    return Outcome(value, unit="copies/chromosome", trace=steps.steps)


def plasmid_retention(
    kept: int,
    colonies: int,
    required_percent: float = RETENTION_PERCENT,
    confidence: float = CONFIDENCE,
    *,
    trace: bool = True,
) -> Outcome:
    """Percent of colonies that kept a plasmid, with its binomial interval.

    `details["meets"]` compares the percentage itself; the interval shows how sure it is.

    Source: Wilson 1927; Clopper & Pearson 1934.
    """
    found = proportion(kept, colonies, confidence, trace=trace)
    meets = 100 * kept >= required_percent * colonies
    return Outcome(
        found.value,
        unit=found.unit,
        interval=found.interval,
        trace=found.trace,
        details={**found.details, "meets": meets},
    )


@dataclass(frozen=True, slots=True)
class Variant:
    """A difference from the master cell bank in the callable region."""

    gene: str
    effect: str  # such as synonymous, nonsynonymous, intergenic, frameshift
    allele_fraction: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class VariantRule:
    """Which differences from the cell bank are accepted; the figures are defaults.

    Attributes:
        max_variants: fixed SNPs and indels per genome.
        critical_genes: genes in which only `silent` effects are accepted.
        mixed_from, mixed_to: allele fractions between which a site is a sub-population, reported
            and not counted as fixed.
    """

    max_variants: int = 3
    critical_genes: tuple[str, ...] = ()
    silent: tuple[str, ...] = ("synonymous", "intergenic")
    mixed_from: Decimal = Decimal("0.05")
    mixed_to: Decimal = Decimal("0.95")
    min_coverage: Decimal = Decimal(50)
    min_callable_percent: Decimal = Decimal(95)


def variants_against_bank(
    variants: Sequence[Variant], coverage: Decimal, callable_percent: Decimal, rule: VariantRule
) -> Outcome:
    """Whether a genome is still that of the master cell bank.

    Args:
        variants: called against the bank's own sequence.
        coverage: mean depth.
        callable_percent: share of the genome in which variants can be called.
        rule: what is accepted.

    Returns:
        "conforms" or "does not conform" with `details`: fixed, mixed, critical (gene names);
        invalid below the coverage or the callable share.
    """
    mixed = [v for v in variants if rule.mixed_from <= v.allele_fraction <= rule.mixed_to]
    fixed = [v for v in variants if v.allele_fraction > rule.mixed_to]
    critical = sorted(
        {v.gene for v in fixed if v.gene in rule.critical_genes and v.effect not in rule.silent}
    )
    invalid: list[str] = []
    if coverage < rule.min_coverage:
        invalid.append(f"The mean coverage is {coverage}; NLT {rule.min_coverage} is needed.")
    if callable_percent < rule.min_callable_percent:
        invalid.append(
            f"Only {callable_percent} % is callable; NLT {rule.min_callable_percent} % is needed."
        )
    meets = len(fixed) <= rule.max_variants and not critical
    return Outcome(
        "conforms" if meets else "does not conform",
        invalid=tuple(invalid),
        warnings=("Mixed sites: a sub-population is present.",) if mixed else (),
        details={"fixed": len(fixed), "mixed": len(mixed), "critical": tuple(critical)},
    )
