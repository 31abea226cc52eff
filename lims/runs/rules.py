"""Decisions about runs: pure."""

from lims.foundation.errors import WrongState
from lims.runs.models import Run, RunState

TRANSITIONS: dict[RunState, frozenset[RunState]] = {
    RunState.OPEN: frozenset({RunState.SUBMITTED, RunState.INVALID}),
    RunState.SUBMITTED: frozenset({RunState.RETURNED, RunState.CLOSED}),
    RunState.RETURNED: frozenset({RunState.SUBMITTED, RunState.INVALID}),
    RunState.INVALID: frozenset(),
    RunState.CLOSED: frozenset(),
}

EDITABLE = frozenset({RunState.OPEN, RunState.RETURNED})


def check_editable(run: Run) -> None:
    if run.state not in EDITABLE:
        raise WrongState(f"Run {run.code}", run.state.value, "open or returned to its analyst")


def check_move(run: Run, to: RunState) -> None:
    if to not in TRANSITIONS[run.state]:
        raise WrongState(f"Run {run.code}", run.state.value, "at another step")
