"""Questions about tests and results."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from lims.foundation.errors import NotFound
from lims.lots.models import Lot, LotState
from lims.results.models import PlannedTest, Result, ResultState, TestState
from lims.runs.models import Run
from lims.science.criteria import Verdict
from lims.specifications.models import SpecificationLine


def tests_of(session: Session, lot: Lot) -> Sequence[PlannedTest]:
    """All tests of a lot with their attempts, in the order of the specification."""
    return session.scalars(
        _test_query().where(PlannedTest.lot_id == lot.id).order_by(SpecificationLine.position)
    ).all()


def get_test(session: Session, test_id: int) -> PlannedTest:
    test = session.scalar(_test_query().where(PlannedTest.id == test_id))
    if test is None:
        raise NotFound("test", test_id)
    return test


def _test_query() -> Select[PlannedTest]:
    return (
        select(PlannedTest)
        .join(PlannedTest.line)
        .options(
            joinedload(PlannedTest.line).joinedload(SpecificationLine.method),
            joinedload(PlannedTest.lot).joinedload(Lot.product),
            joinedload(PlannedTest.sample),
            selectinload(PlannedTest.results).joinedload(Result.run),
        )
    )


def get(session: Session, result_id: int) -> Result:
    result = session.scalar(_result_query().where(Result.id == result_id))
    if result is None:
        raise NotFound("result", result_id)
    return result


def of_run(session: Session, run: Run) -> Sequence[Result]:
    return session.scalars(
        _result_query().where(Result.run_id == run.id).order_by(Result.slot, Result.id)
    ).all()


def waiting_for_review(session: Session) -> Sequence[Result]:
    """Results that a second person has to look at, oldest first."""
    return session.scalars(
        _result_query().where(Result.state == ResultState.RECORDED).order_by(Result.recorded_at)
    ).all()


def ids_waiting(session: Session) -> Sequence[int]:
    """The same, by their ids alone: for the way to the next one."""
    return session.scalars(
        select(Result.id).where(Result.state == ResultState.RECORDED).order_by(Result.recorded_at)
    ).all()


def every_recorded(session: Session) -> Iterator[Result]:
    """All results with an outcome, oldest first, a hundred at a time."""
    last = 0
    while True:
        query = _result_query().where(Result.outcome.is_not(None), Result.id > last)
        found = session.scalars(query.order_by(Result.id).limit(100)).all()
        if not found:
            return
        yield from found
        last = found[-1].id


def open_tests(session: Session, limit: int = 200) -> Sequence[PlannedTest]:
    """Tests somebody has to work on, of lots that are open, by due day."""
    states = (TestState.PLANNED, TestState.IN_PROGRESS, TestState.RETURNED)
    return session.scalars(
        _test_query()
        .join(PlannedTest.lot)
        .where(
            PlannedTest.state.in_(states),
            Lot.state.in_((LotState.REGISTERED, LotState.IN_TEST, LotState.ON_HOLD)),
        )
        .order_by(PlannedTest.due_on, PlannedTest.id)
        .limit(limit)
    ).all()


def current(test: PlannedTest) -> Result | None:
    """The attempt that counts: the newest that is not invalid."""
    valid = [result for result in test.results if result.state is not ResultState.INVALID]
    return valid[-1] if valid else None


def _result_query() -> Select[Result]:
    return select(Result).options(
        joinedload(Result.run).joinedload(Run.method),
        joinedload(Result.test).joinedload(PlannedTest.line).joinedload(SpecificationLine.method),
        joinedload(Result.test).joinedload(PlannedTest.lot).joinedload(Lot.product),
        joinedload(Result.test).joinedload(PlannedTest.sample),
    )


@dataclass(frozen=True)
class FamilyState:
    """How far the tests of one family of one lot are.

    `sign` is `+` all conform, `x` one does not, `e` in review, `~` in test, `o` nothing begun.
    """

    family: str
    done: int
    planned: int
    sign: str


def by_family(session: Session, lot_ids: Sequence[int]) -> dict[int, list[FamilyState]]:
    """The four families of each lot at a glance, by one statement for all of them."""
    rows = session.execute(
        select(PlannedTest.lot_id, SpecificationLine.family, PlannedTest.state, Result.verdict)
        .join(PlannedTest.line)
        .outerjoin(
            Result, (Result.test_id == PlannedTest.id) & (Result.state != ResultState.INVALID)
        )
        .where(PlannedTest.lot_id.in_(lot_ids))
    ).all()
    found: dict[int, dict[str, list[tuple[TestState, Verdict | None]]]] = {}
    for lot_id, family, state, verdict in rows:
        found.setdefault(lot_id, {}).setdefault(family, []).append((state, verdict))
    return {
        lot_id: [_family(name, families[name]) for name in FAMILIES if name in families]
        for lot_id, families in found.items()
    }


FAMILIES = ("identity", "potency", "contaminants", "phage")


def family_of(name: str, tests: Sequence[PlannedTest]) -> FamilyState:
    """The same for tests already at hand."""
    found = [(test, current(test)) for test in tests]
    return _family(name, [(test.state, each.verdict if each else None) for test, each in found])


def _family(name: str, tests: list[tuple[TestState, Verdict | None]]) -> FamilyState:
    done = sum(state is TestState.APPROVED for state, _ in tests)
    return FamilyState(name, done, len(tests), _sign(tests, done))


def _sign(tests: list[tuple[TestState, Verdict | None]], done: int) -> str:
    states = {state for state, _ in tests}
    if any(verdict is Verdict.FAILS for _, verdict in tests):
        return "x"
    if done == len(tests):
        return "+"
    if states <= {TestState.APPROVED, TestState.IN_REVIEW}:
        return "e"
    return "o" if states == {TestState.PLANNED} else "~"
