"""What happens to tests and results: planned, attempted, recorded, reviewed."""

from collections.abc import Sequence
from enum import StrEnum

from lims import __version__
from lims.accounts import signing
from lims.accounts.models import Meaning
from lims.assays.assay import Evaluation
from lims.audit.act import Act
from lims.foundation import canonical
from lims.foundation.errors import RuleBroken
from lims.lots.models import Lot
from lims.results import rules
from lims.results.models import PlannedTest, Result, ResultState, TestState
from lims.runs import queries as runs
from lims.runs.models import Run
from lims.samples.models import Sample
from lims.science import criteria_data
from lims.specifications.models import SpecificationLine


class ReviewDecision(StrEnum):
    APPROVE = "approve"
    RETURN = "return"


def plan(act: Act, lot: Lot, lines: Sequence[SpecificationLine], sample: Sample) -> None:
    """One test for each line of the lot's specification."""
    for line in lines:
        test = PlannedTest(
            lot_id=lot.id,
            line_id=line.id,
            sample_id=sample.id,
            state=TestState.PLANNED,
            due_on=lot.due_on,
        )
        act.session.add(test)
    act.session.flush()
    act.note("tests.planned", lot, tests=[line.name for line in lines])


def attempt(act: Act, test: PlannedTest, run: Run, slot: int = 1) -> Result:
    """Begin a test in a run; a repeat of an invalid run is a further attempt."""
    rules.check_startable(test)
    result = Result(
        test_id=test.id,
        lot_id=test.lot_id,
        run_id=run.id,
        slot=slot,
        attempt=len(test.results) + 1,
        state=ResultState.DRAFT,
    )
    result.run = run
    test.results.append(result)
    test.state = TestState.IN_PROGRESS
    act.session.add(result)
    act.session.flush()
    event = "test.repeated" if result.attempt > 1 else "test.started"
    act.note(event, result, test=test.line.name, run=run.code, reason_given=run.repeat_reason)
    return result


def record(act: Act, result: Result, evaluation: Evaluation) -> None:
    """Record what a valid run gave: rounded once, judged, with its whole trace."""
    assert evaluation.outcome is not None  # noqa: S101
    assert evaluation.reported is not None  # noqa: S101
    criterion = criteria_data.from_data(result.test.line.criterion)
    found = rules.printed(evaluation.reported, criterion)
    result.qualifier, result.reported, result.unit = found.qualifier, found.text, found.unit
    result.also, result.unrounded, result.verdict = found.also, found.unrounded, found.verdict
    result.outcome = evaluation.outcome.canonical()
    result.source = {key: canonical.plain(value) for key, value in evaluation.source.items()}
    result.engine = __version__
    result.state, result.test.state = ResultState.RECORDED, TestState.IN_REVIEW
    result.recorded_by_id, result.recorded_at = act.actor.id, act.at
    act.note(
        "result.recorded",
        result,
        test=result.test.line.name,
        result=as_text(result),
        verdict=found.verdict,
    )


def mark_invalid(act: Act, result: Result, faults: Sequence[str]) -> None:
    """The run failed its controls: no result exists, and the attempt stays visible."""
    result.state, result.test.state = ResultState.INVALID, TestState.PLANNED
    result.recorded_by_id, result.recorded_at = act.actor.id, act.at
    act.note("result.invalid", result, test=result.test.line.name, faults=list(faults))


def review(
    act: Act, result: Result, decision: ReviewDecision, password: str, shown: str | None = None
) -> None:
    """Approve or return a recorded result as a second person, signed (21 CFR 211.194(a)(8)).

    Raises:
        ReviewerIsAnalyst: the reviewer recorded or changed something in the run.
        WrongState: it is not waiting for review.
        Stale: it changed since it was shown.
        CannotSign, WrongPassword: the signature was refused.
    """
    rules.check_reviewable(result, act.actor.id, runs.recorders(act.session, result.run))
    if decision is ReviewDecision.RETURN:
        rules.check_returnable(result)
        act.need_reason()
    meaning = Meaning.REVIEWED if decision is ReviewDecision.APPROVE else Meaning.RETURNED
    signing.sign(act, meaning, result, content(result), password, shown)
    approved = decision is ReviewDecision.APPROVE
    result.state = ResultState.APPROVED if approved else ResultState.RETURNED
    result.test.state = TestState.APPROVED if approved else TestState.RETURNED
    result.reviewed_by_id, result.reviewed_at = act.actor.id, act.at
    result.review_comment = act.reason
    event = "result.approved" if approved else "result.returned"
    act.note(event, result, test=result.test.line.name, result=as_text(result))


def content(result: Result) -> dict[str, object]:
    """What a reviewer signs: the value, its origin, its calculation and the readings' versions."""
    return {
        "test": result.test_id,
        "attempt": result.attempt,
        "run": result.run.code,
        "qualifier": result.qualifier,
        "reported": result.reported,
        "unit": result.unit,
        "unrounded": result.unrounded,
        "verdict": result.verdict,
        "outcome": canonical.digest(result.outcome),
        "source": result.source,
        "recorded_by": result.recorded_by_id,
        "recorded_at": result.recorded_at,
    }


def short_text(result: Result) -> str:
    """The reportable result alone: qualifier, number, unit."""
    parts = [result.qualifier or "", result.reported or "", result.unit or ""]
    return " ".join(part for part in parts if part)


def as_text(result: Result) -> str:
    """The reportable result as one line, with what stands beside it in parentheses."""
    text = short_text(result)
    return f"{text} ({result.also})" if text and result.also else text


def check_recordable(evaluation: Evaluation) -> None:
    """Refuse to submit a run with gaps, naming each."""
    if not evaluation.complete:
        count = len(evaluation.missing)
        raise RuleBroken(
            f"{count} {'entry is' if count == 1 else 'entries are'} missing; "
            "the run can be submitted when they are recorded.",
            **dict(evaluation.missing),
        )
