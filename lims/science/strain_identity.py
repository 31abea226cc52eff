"""Whether sequences show the registered strain: the strain locus decides, 16S rRNA supports."""

from decimal import Decimal

from lims.science.rounding import to_places
from lims.science.trace import operation


@operation(
    "strain locus and 16S rRNA gene each at or above their limits; 16S alone shows a species"
)
def identity_call(
    *,
    rrna_identity: Decimal,
    rrna_length: int,
    rrna_least: Decimal,
    rrna_least_length: int,
    strain_identity: Decimal | None,
    strain_coverage: Decimal | None,
    strain_least: Decimal,
    strain_least_coverage: Decimal,
) -> str:
    """`conforms`, `does not conform`, or `strain not shown` when no strain locus was compared.

    Identities in percent are rounded to the places of their limits before they are compared
    (USP General Notices 7.20); lengths in base pairs; coverage in percent of the reference.
    """
    species = rrna_length >= rrna_least_length and _rounded(rrna_identity, rrna_least) >= rrna_least
    if not species:
        return "does not conform"
    if strain_identity is None or strain_coverage is None:
        return "strain not shown"
    same = _rounded(strain_identity, strain_least) >= strain_least
    covered = _rounded(strain_coverage, strain_least_coverage) >= strain_least_coverage
    return "conforms" if same and covered else "does not conform"


def _rounded(value: Decimal, limit: Decimal) -> Decimal:
    return to_places(value, max(0, -int(limit.as_tuple().exponent)))
