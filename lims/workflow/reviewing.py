"""A second person looks: the result is approved or returned, and the lot moves on."""

from lims.audit.act import Act
from lims.lots import actions as lots
from lims.lots import queries as lot_queries
from lims.lots.models import Lot, LotState
from lims.results import actions as results
from lims.results import queries as result_queries
from lims.results.models import Result, ResultState, TestState
from lims.runs import actions as runs
from lims.runs.models import Run


def decide(
    act: Act,
    result: Result,
    decision: results.ReviewDecision,
    password: str,
    shown: str | None = None,
) -> None:
    """Review one result; with the last one approved the lot is tested."""
    lot = lot_queries.lock(act.session, result.lot_id)
    act.session.refresh(result, with_for_update={"of": Result})
    results.review(act, result, decision, password, shown)
    _settle_run(act, result.run)
    _settle_lot(act, lot)


def _settle_run(act: Act, run: Run) -> None:
    states = {each.state for each in result_queries.of_run(act.session, run)}
    if ResultState.RECORDED in states:
        return
    if ResultState.RETURNED in states:
        runs.give_back(run)
    else:
        runs.close(run)


def _settle_lot(act: Act, lot: Lot) -> None:
    states = {test.state for test in result_queries.tests_of(act.session, lot)}
    if states != {TestState.APPROVED}:
        return
    if lot.state is LotState.IN_TEST:
        lots.move(act, lot, LotState.TESTED, "lot.tested")
    elif lot.state is LotState.ON_HOLD:
        lot.held_from = LotState.TESTED
