"""Decisions about a lot's state: pure."""

from datetime import date

from lims.foundation.errors import RuleBroken, WrongState
from lims.lots.models import Lot, LotState

TRANSITIONS: dict[LotState, frozenset[LotState]] = {
    LotState.REGISTERED: frozenset({LotState.IN_TEST, LotState.ON_HOLD, LotState.CANCELLED}),
    LotState.IN_TEST: frozenset({LotState.TESTED, LotState.ON_HOLD, LotState.CANCELLED}),
    LotState.TESTED: frozenset(
        {LotState.IN_TEST, LotState.RELEASED, LotState.REJECTED, LotState.ON_HOLD}
    ),
    LotState.ON_HOLD: frozenset(
        {
            LotState.REGISTERED,
            LotState.IN_TEST,
            LotState.TESTED,
            LotState.REJECTED,
            LotState.CANCELLED,
        }
    ),
    LotState.RELEASED: frozenset({LotState.ON_HOLD}),
    LotState.REJECTED: frozenset(),
    LotState.CANCELLED: frozenset(),
}

OPEN_FOR_TESTS = frozenset({LotState.REGISTERED, LotState.IN_TEST, LotState.ON_HOLD})


def check_move(lot: Lot, to: LotState) -> None:
    """Refuse a step that the life of a lot does not have."""
    if to not in TRANSITIONS[lot.state]:
        wanted = sorted(state.value for state, next_ in TRANSITIONS.items() if to in next_)
        raise WrongState(f"Lot {lot.number}", lot.state.value, " or ".join(wanted) or "another")


def check_open_for_tests(lot: Lot) -> None:
    if lot.state not in OPEN_FOR_TESTS:
        raise WrongState(f"Lot {lot.number}", lot.state.value, "registered, in test or on hold")


def check_dates(manufactured_on: date, expires_on: date, today: date) -> None:
    """Dates of a new lot: made in the past, expiring later than made."""
    if manufactured_on > today:
        sentence = f"The manufacture date {manufactured_on} lies in the future."
        raise RuleBroken(sentence, manufactured_on=sentence)
    if expires_on <= manufactured_on:
        sentence = f"The expiry {expires_on} must lie after the manufacture on {manufactured_on}."
        raise RuleBroken(sentence, expires_on=sentence)
