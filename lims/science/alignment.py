"""The pairwise aligner behind sequence identity, loaded when first used."""

from functools import lru_cache
from typing import Protocol

from lims.science.sequences import BASES_OF, compatible


class Rows(Protocol):
    """An alignment: row 0 is the target, row 1 the query, `-` marks a gap."""

    def __getitem__(self, row: int) -> str: ...


class Ranked(Protocol):
    """Alignments of equal, highest score."""

    def __getitem__(self, rank: int) -> Rows: ...


class Aligner(Protocol):
    def score(self, target: str, query: str) -> float: ...

    def align(self, target: str, query: str) -> Ranked: ...


@lru_cache(maxsize=8)
def global_aligner(
    match: float,
    mismatch: float,
    gap_open: float,
    gap_extend: float,
    *,
    free_ends: bool = False,
) -> Aligner:
    """A global aligner in which codes that share a base score as a match.

    Args:
        match: score of a compatible pair.
        mismatch: score of any other pair.
        gap_open: score of a gap's first column.
        gap_extend: score of each further column.
        free_ends: gaps before one sequence begins or after it ends cost nothing.

    """
    # Imported here: the aligner takes longer to load than the whole package may.
    from Bio import Align  # noqa: PLC0415
    from Bio.Align import substitution_matrices  # noqa: PLC0415

    codes = "".join(BASES_OF)
    scores = substitution_matrices.Array(codes, dims=2)  # type: ignore[no-untyped-call]
    for one in codes:
        for other in codes:
            scores[one, other] = match if compatible(one, other) else mismatch
    aligner = Align.PairwiseAligner(mode="global")  # type: ignore[no-untyped-call]
    aligner.substitution_matrix = scores
    aligner.open_gap_score = gap_open
    aligner.extend_gap_score = gap_extend
    if free_ends:
        aligner.end_gap_score = 0.0
    made: Aligner = aligner
    return made
