"""Sequence identity of a query to a reference over one global alignment, and its call."""

from collections.abc import Sequence as Many
from dataclasses import astuple, dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from lims.science.alignment import global_aligner
from lims.science.errors import BadInputs, NoAnswer
from lims.science.outcome import Outcome
from lims.science.sequences import BASES_OF, Sequence, compatible
from lims.science.trace import Tracing, operation, tracing


class Gaps(StrEnum):
    """Whether gap columns belong to the denominator of the identity."""

    INCLUDED = "including gaps"
    EXCLUDED = "excluding gaps"


class Ends(StrEnum):
    """Whether columns before one sequence begins or after it ends are compared."""

    COUNTED = "end gaps counted"
    OUTSIDE = "end gaps outside the compared window"


class Strands(StrEnum):
    FORWARD = "forward only"
    BOTH = "both strands"


@dataclass(frozen=True, slots=True)
class Scoring:
    """Alignment scores; `gap_open` is the score of a gap's first column."""

    match: float = 1.0
    mismatch: float = -1.0
    gap_open: float = -2.0
    gap_extend: float = -1.0


@dataclass(frozen=True, slots=True)
class Convention:
    """How two sequences are compared; kept with the result."""

    scoring: Scoring = field(default_factory=Scoring)
    gaps: Gaps = Gaps.INCLUDED
    ends: Ends = Ends.COUNTED
    strands: Strands = Strands.BOTH


MARKER_GENE = Convention()


def sequence_identity(
    query: Sequence,
    reference: Sequence,
    convention: Convention = MARKER_GENE,
    *,
    trace: bool = True,
) -> Outcome:
    """Percent identity of a query to a reference by one optimal global alignment.

    `100 × matches / aligned columns`, gap columns in or out of the denominator as the
    convention says. Codes that share a base (IUPAC) count as a match and are counted apart.
    With `Strands.BOTH` the reverse complement of the query is aligned too and the better
    scoring strand is taken. Among alignments of equal score the first that the aligner names
    is taken; it is the same each time.

    Returns:
        Identity in percent, unrounded; in `details`: matches, mismatches, gap_columns,
        alignment_length (compared columns), edit_distance (Levenshtein, whole sequences),
        identity_including_gaps, identity_excluding_gaps, ambiguous_matches, strand,
        reference_start and reference_end (1-based, inclusive), coverage_percent (of the
        reference), query_coverage_percent, the convention, and both aligned rows.

    Raises:
        NoAnswer: no column of the alignment pairs a base with a base.
        BadInputs: the scores do not favour matches.

    Source: Needleman & Wunsch 1970, J Mol Biol 48:443; Gotoh 1982, J Mol Biol 162:705;
        identity over the compared region as in Stackebrandt & Ebers 2006, Microbiol Today 33:152.
    """
    _check(convention.scoring)
    steps = tracing(trace)
    pair = steps.step(
        "alignment",
        "",
        aligned_rows,
        query=query.letters,
        query_reverse=query.reverse_complement if convention.strands is Strands.BOTH else "",
        reference=reference.letters,
        scores=astuple(convention.scoring),
        free_ends=convention.ends is Ends.OUTSIDE,
    )
    return _reported(query, reference, pair, convention, steps)


def _reported(
    query: Sequence,
    reference: Sequence,
    pair: dict[str, str],
    convention: Convention,
    steps: Tracing,
) -> Outcome:
    rows = {"query_row": pair["query"], "reference_row": pair["reference"]}
    counted = steps.step("columns", "", columns, **rows, trim=convention.ends is Ends.OUTSIDE)
    paired = counted["matches"] + counted["mismatches"]
    if paired == 0:
        raise NoAnswer("The sequences share no aligned position, so they have no identity.")
    whole = counted["alignment_length"]
    including = steps.step("identity", "%", percent, matches=counted["matches"], columns=whole)
    excluding = steps.step(
        "identity without gap columns", "%", percent, matches=counted["matches"], columns=paired
    )
    own = query.letters if pair["strand"] == "forward" else query.reverse_complement
    distance = steps.step("edit distance", "", levenshtein, one=own, other=reference.letters)
    details: dict[str, object] = {
        **counted,
        "edit_distance": distance,
        "identity_including_gaps": including,
        "identity_excluding_gaps": excluding,
        "strand": pair["strand"],
        "coverage_percent": 100 * counted["reference_bases"] / len(reference.letters),
        "query_coverage_percent": 100 * counted["query_bases"] / len(query.letters),
        "convention": [convention.gaps.value, convention.ends.value, convention.strands.value],
        **rows,
    }
    return Outcome(
        value=including if convention.gaps is Gaps.INCLUDED else excluding,
        unit="%",
        warnings=_warnings(counted, pair["strand"]),
        trace=steps.steps,
        details=details,
    )


def _warnings(counted: dict[str, int], strand: str) -> tuple[str, ...]:
    found = []
    if strand == "reverse":
        found.append("The query matches as its reverse complement; that strand was compared.")
    if counted["ambiguous_matches"]:
        found.append(
            f"{counted['ambiguous_matches']} of the matches rest on an ambiguity code "
            "that allows the reference's base."
        )
    return tuple(found)


def _check(scoring: Scoring) -> None:
    if not scoring.match > scoring.mismatch:
        raise BadInputs("A match must score higher than a mismatch.")
    if scoring.gap_open > 0 or scoring.gap_extend > 0:
        raise BadInputs("The scores of gaps must not be above zero.")


@operation("row of the query and row of the reference in an alignment of the highest score")
def aligned_rows(
    *,
    query: str,
    query_reverse: str,
    reference: str,
    scores: Many[float],
    free_ends: bool,
) -> dict[str, str]:
    """Both rows with `-` for gaps; the reverse strand only when it scores higher.

    `scores` are match, mismatch, gap's first column, each further column.
    """
    match, mismatch, gap_open, gap_extend = scores
    aligner = global_aligner(match, mismatch, gap_open, gap_extend, free_ends=free_ends)
    strand, letters = "forward", query
    if query_reverse and aligner.score(reference, query_reverse) > aligner.score(reference, query):
        strand, letters = "reverse", query_reverse
    best = aligner.align(reference, letters)[0]
    return {"strand": strand, "query": str(best[1]), "reference": str(best[0])}


@operation("columns of the alignment: compatible pairs, other pairs, gaps")
def columns(*, query_row: str, reference_row: str, trim: bool) -> dict[str, int]:
    """Counts over the compared columns; `trim` leaves out the gaps at both ends."""
    first, last = _window(query_row, reference_row) if trim else (0, len(query_row))
    pairs = list(zip(query_row[first:last], reference_row[first:last], strict=True))
    bases = [pair for pair in pairs if "-" not in pair]
    matches = sum(compatible(*pair) for pair in bases)
    before = first - reference_row.count("-", 0, first)
    within = sum(right != "-" for _, right in pairs)
    return {
        "matches": matches,
        "mismatches": len(bases) - matches,
        "gap_columns": len(pairs) - len(bases),
        "alignment_length": len(pairs),
        "ambiguous_matches": sum(_by_ambiguity(*pair) for pair in bases),
        "query_bases": sum(left != "-" for left, _ in pairs),
        "reference_bases": within,
        "reference_start": before + 1,
        "reference_end": before + within,
    }


def _window(query_row: str, reference_row: str) -> tuple[int, int]:
    """First and past-the-last column in which both sequences have begun and none has ended."""
    rows = (query_row, reference_row)
    first = max(len(row) - len(row.lstrip("-")) for row in rows)
    last = min(len(row.rstrip("-")) for row in rows)
    return (first, max(first, last))


def _by_ambiguity(one: str, other: str) -> bool:
    return compatible(one, other) and len(BASES_OF[one]) + len(BASES_OF[other]) > 2  # noqa: PLR2004


@operation("identity = 100 × matches / columns")
def percent(*, matches: int, columns: int) -> float:
    return 100 * matches / columns


@operation("fewest substitutions, insertions and deletions between the whole sequences")
def levenshtein(*, one: str, other: str) -> int:
    """Compatible codes cost nothing."""
    return round(-global_aligner(0.0, -1.0, -1.0, -1.0).score(other, one))


@dataclass(frozen=True, slots=True)
class SimilarityRule:
    """The least identity (as written: its decimals count) over the least compared length.

    The defaults are the species level for 16S rRNA; a method or specification may set others.
    """

    least_identity: Decimal = Decimal("98.7")
    least_length: int = 1400


SPECIES_16S = SimilarityRule()


def similarity_call(identity: Decimal, length: int, rule: SimilarityRule = SPECIES_16S) -> str:
    """*conforms*, *does not conform* or *invalid: alignment too short*.

    The identity is rounded half up to the decimals of its limit before it is compared
    (USP General Notices 7.20); an alignment below the least length gives no call at all.

    Args:
        identity: percent.
        length: compared columns.
        rule: least identity and length.

    Raises:
        BadInputs: an identity outside 0 to 100 or a negative length.
    Source: Stackebrandt & Ebers 2006, Microbiology Today 33:152; Chun et al. 2018,
        Int J Syst Evol Microbiol 68:461.
    """
    if not 0 <= identity <= 100:  # noqa: PLR2004
        raise BadInputs(f"An identity lies between 0 and 100 %, but {identity} was given.")
    if length < 0:
        raise BadInputs("The length of an alignment must not be negative.")
    if length < rule.least_length:
        return "invalid: alignment too short"
    shown = identity.quantize(rule.least_identity, rounding=ROUND_HALF_UP)
    return "conforms" if shown >= rule.least_identity else "does not conform"


def similarity_calls(
    rows: Many[tuple[Decimal, int]], rule: SimilarityRule = SPECIES_16S
) -> tuple[str, ...]:
    """The call of every (identity, length), as `similarity_call`."""
    return tuple(similarity_call(identity, length, rule) for identity, length in rows)
