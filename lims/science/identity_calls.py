"""Calls of identity tests that rest on scores and sets: MALDI-TOF and consortia."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from lims.science.errors import BadInputs
from lims.science.outcome import Outcome
from lims.science.rounding import SCORE_PLACES, plain_text, to_places
from lims.science.trace import operation, tracing

# --- MALDI-TOF -------------------------------------------------------------------------------


class Level(StrEnum):
    HIGH = "high"
    LOW = "low"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ScoreBands:
    """Lowest log score of each confidence level; defaults."""

    high: Decimal = Decimal("2.00")
    low: Decimal = Decimal("1.70")


BANDS = ScoreBands()


@operation("score rounded half up to two decimals")
def shown_score(score: Decimal) -> Decimal:
    return to_places(value=score, places=SCORE_PLACES)


def maldi_call(
    score: Decimal,
    species_allowed: bool,  # noqa: FBT001 -- what was found, not a switch
    bands: ScoreBands = BANDS,
    *,
    trace: bool = True,
) -> Outcome:
    """Confidence of a MALDI-TOF match, and whether it identifies the product strain's species.

    Args:
        score: log score of the best match, 0 to 3.
        species_allowed: the matched organism is in the list of allowed names, synonyms included.
        bands: lowest score of each level.
        trace: keep the steps.

    Returns:
        A `Level`; `details["conforms"]` is true for a high score on an allowed species. The score
        is rounded to two decimals before it is compared.

    Source: bands as printed by the identification software; USP General Notices 7.20.
    """
    if score > 3:  # noqa: PLR2004 -- the top of the log score; below 0 stands for no peaks
        raise BadInputs(f"A log score is at most 3; {score} is not.")
    steps = tracing(trace)
    shown = steps.step("score", "", shown_score, score=score)
    level = Level.NONE
    if shown >= bands.low:
        level = Level.HIGH if shown >= bands.high else Level.LOW
    conforms = level is Level.HIGH and species_allowed
    return Outcome(
        level.value, trace=steps.steps, details={"score": plain_text(shown), "conforms": conforms}
    )


@dataclass(frozen=True, slots=True)
class Spot:
    """One spot: log score of its best match, and the organism matched."""

    score: Decimal
    organism: str


def maldi_spots(
    spots: Sequence[Spot],
    allowed: Sequence[str],
    bands: ScoreBands = BANDS,
    *,
    all_must_agree: bool = False,
    calibrant_passed: bool = True,
    negative_spot_identified: bool = False,
) -> Outcome:
    """The call of replicate spots: the best one, or all of them where the method says so.

    A failed calibrant, or an identification on the matrix-only spot, makes the run invalid.
    """
    if not spots:
        raise BadInputs("At least one spot is needed.")
    invalid = [] if calibrant_passed else ["The calibrant did not pass."]
    if negative_spot_identified:
        invalid.append("The matrix-only spot gave an identification.")
    calls = [maldi_call(s.score, s.organism in allowed, bands) for s in spots]
    best = max(range(len(spots)), key=lambda at: spots[at].score)
    conforms = all(c.details["conforms"] for c in calls) if all_must_agree else None
    found = calls[best]
    details = {
        **found.details,
        "organism": spots[best].organism,
        "conforms": found.details["conforms"] if conforms is None else conforms,
    }
    return Outcome(found.value, invalid=tuple(invalid), trace=found.trace, details=details)


# --- consortia -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Member:
    """A listed strain; `lowest` and `highest` bound its share or log10 count where specified."""

    name: str
    lowest: Decimal | None = None
    highest: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ConsortiumRule:
    """What makes a consortium the registered one.

    Attributes:
        members: every strain that must be there.
        max_unlisted: an unlisted taxon above this share (percent of reads) fails; default 0.1.
        ignored: taxa known from the reagent blank, removed by rule.
    """

    members: tuple[Member, ...]
    max_unlisted: Decimal = Decimal("0.1")
    ignored: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [member.name for member in self.members]
        if not names or len(set(names)) != len(names):
            raise BadInputs("A consortium needs members, each named once.")


def consortium_call(
    rule: ConsortiumRule,
    detected: Mapping[str, bool],
    amounts: Mapping[str, Decimal] | None = None,
    unlisted: Mapping[str, Decimal] | None = None,
) -> Outcome:
    """Whether every member is there, in its range, and nothing else.

    Args:
        rule: the members and limits.
        detected: by member, whether the validated strain-specific method detected it; a member
            below the detection limit, or not in the mapping, is not detected.
        amounts: share or log10 count by member, for members with a range.
        unlisted: share of reads by taxon outside the list, percent.

    Returns:
        "conforms" or "does not conform"; `details`: missing, out_of_range, not_measured, others. A
        ranged member without an amount makes the outcome invalid: it was not tested.
    """
    amounts, unlisted = amounts or {}, unlisted or {}
    missing = [m.name for m in rule.members if not detected.get(m.name, False)]
    ranged = [m for m in rule.members if m.lowest is not None or m.highest is not None]
    untested = [m.name for m in ranged if m.name not in amounts and m.name not in missing]
    outside = [m.name for m in ranged if m.name in amounts and not _within(amounts[m.name], m)]
    others = sorted(
        taxon
        for taxon, share in unlisted.items()
        if taxon not in rule.ignored and share > rule.max_unlisted
    )
    invalid = (f"No amount was measured for {', '.join(untested)}.",) if untested else ()
    return Outcome(
        "does not conform" if missing or outside or others else "conforms",
        invalid=invalid,
        details={
            "missing": tuple(missing),
            "out_of_range": tuple(outside),
            "not_measured": tuple(untested),
            "others": tuple(others),
        },
    )


def _within(amount: Decimal, member: Member) -> bool:
    above = member.lowest is None or amount >= member.lowest
    return above and (member.highest is None or amount <= member.highest)
