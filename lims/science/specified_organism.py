"""The call of a test for a specified microorganism: enrichment, subculture, confirmation.

Source: USP <62>; Ph. Eur. 2.6.13: typical colonies are confirmed by suitable identification tests.
"""

from lims.science.trace import operation


@operation("detected if typical colonies grew and their identity was confirmed")
def absence_call(*, typical: bool, confirmed: bool) -> str:
    """`detected` or `not detected`; without a confirmation typical colonies are no result."""
    return "detected" if typical and confirmed else "not detected"
