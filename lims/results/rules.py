"""Decisions about results: pure."""

from dataclasses import dataclass
from decimal import Decimal

from lims.assays.assay import Reported
from lims.foundation.errors import NotAllowed, WrongState
from lims.results.models import PlannedTest, Result, ResultState, TestState
from lims.science.acceptance import Criterion
from lims.science.criteria import Judgement, Verdict, judge
from lims.science.outcome import Qualifier
from lims.science.rounding import to_figures

STARTABLE = frozenset({TestState.PLANNED})


class ReviewerIsAnalyst(NotAllowed):
    def __init__(self) -> None:
        super().__init__(
            "You entered, changed or imported data of this run, if only one value, "
            "so another person has to review it."
        )


class FailureStands(WrongState):
    def __init__(self, test: str) -> None:
        super().__init__(
            f"{test} does not conform. A failing result is not repeated or edited",
            "closed to that",
            "investigated first; until then the lot stays on hold or is rejected",
        )


@dataclass(frozen=True)
class Printed:
    """A reportable result as it is printed and compared, rounded once."""

    qualifier: str
    text: str
    unit: str
    also: str
    unrounded: str
    verdict: Verdict
    reason: str


def printed(reported: Reported, criterion: Criterion) -> Printed:
    """Round a result as its criterion says, compare it, and keep both forms."""
    judgement = judge(criterion, reported.measured)
    measured = reported.measured
    return Printed(
        qualifier="" if measured.qualifier is Qualifier.EQUAL else measured.qualifier.value,
        text=reported.words or _number(measured.value, judgement),
        unit="" if reported.words else measured.unit,
        also=reported.also,
        unrounded=str(measured.value) if isinstance(measured.value, Decimal) else "",
        verdict=judgement.verdict,
        reason=judgement.reason,
    )


def _number(value: object, judgement: Judgement) -> str:
    """The number compared is the number printed; without a comparison, two significant figures."""
    if judgement.compared:
        return judgement.compared.replace("e", " × 10^").replace("-", "−")
    if isinstance(value, Decimal):
        return str(to_figures(value, 2))
    return str(value)


def check_startable(test: PlannedTest) -> None:
    if test.state not in STARTABLE:
        raise WrongState(f"The test {test.line.name}", test.state.value, "planned")


def check_reviewable(result: Result, reviewer: int | None, recorders: frozenset[int]) -> None:
    """21 CFR 211.194(a)(8): a second person, not involved in any value of the run."""
    if result.state is not ResultState.RECORDED:
        raise WrongState("This result", result.state.value, "waiting for review")
    if reviewer is None or reviewer in recorders or reviewer == result.recorded_by_id:
        raise ReviewerIsAnalyst


def check_returnable(result: Result) -> None:
    """A result that fails is confirmed as it stands; it does not go back to be changed."""
    if result.verdict is Verdict.FAILS:
        raise FailureStands(result.test.line.name)
