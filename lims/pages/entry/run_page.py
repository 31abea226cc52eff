"""The page of one run: its sheet, what it gives, and what happened to it."""

from collections.abc import Mapping, Sequence

from flask import url_for
from flask.typing import ResponseReturnValue

from lims.accounts import queries as people
from lims.assays.assay import Evaluation
from lims.foundation import clock
from lims.foundation.permissions import Permission
from lims.imports import queries as imports
from lims.imports.queries import BytesChanged
from lims.pages.entry import cells, figures, pictures
from lims.pages.entry.cells import SheetView
from lims.results.models import Result, ResultState
from lims.runs import rules
from lims.runs.models import Run, RunState
from lims.science.criteria import Verdict
from lims.science.outcome import Outcome
from lims.web.request import laboratory, page, session, visitor
from lims.workflow import recording


def sheet(
    run: Run,
    status: int = 200,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    stale: Sequence[tuple[str, str, str]] = (),
    recomputed: Sequence[tuple[str, list[str]]] | None = None,
) -> ResponseReturnValue:
    """The sheet of a run: to be filled in by who may, to be read by everybody else."""
    editable = run.state in rules.EDITABLE and Permission.RESULT_ENTER in visitor().permissions
    view = view_of(run, editable=editable, typed=typed, errors=errors)
    tests = [result.test for result in view.state.results]
    return page(
        "entry/show.html",
        status,
        title=tests[0].line.name if tests else run.code,
        sheet=view,
        run=run,
        plate=plate_of(view),
        save_url=url_for("entry.save", run_id=run.id) if editable else "",
        errors={view.cells[k].id if k in view.cells else k: v for k, v in (errors or {}).items()},
        stale=stale,
        typed_reason=(typed or {}).get("reason", ""),
        recomputed=recomputed,
        names=people.names(session()),
        repeatable=_repeatable(view),
        **figures_of(view),
    )


def view_of(
    run: Run,
    *,
    editable: bool,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> SheetView:
    state = recording.sheet(session(), run)
    today = clock.local(clock.now(), laboratory().zone).date()
    return cells.view(
        session(),
        state,
        today,
        editable=editable,
        names=people.names(session()),
        typed=typed,
        errors=errors,
    )


def figures_of(view: SheetView) -> dict[str, object]:
    """What the cards beside the sheet show, computed now; of a closed run, as it was recorded."""
    state = view.state
    answers = [
        figures.answer(result, evaluation)
        for result, evaluation in zip(state.results, state.evaluations, strict=True)
    ]
    outcomes = [outcome_of(*pair) for pair in zip(state.results, state.evaluations, strict=True)]
    closed = state.run.state not in rules.EDITABLE
    return {
        "answers": answers,
        "calculations": [
            (result.test.lot.number, figures.short_list(outcome), figures.steps(outcome))
            for result, outcome in zip(state.results, outcomes, strict=True)
        ],
        "checks": figures.kept_checks(state.run.checks)
        if closed
        else figures.checks(state.evaluations),
        "invalid": any(not evaluation.valid for evaluation in state.evaluations),
        "failing": any(each.verdict is Verdict.FAILS for each in answers),
        "ended_invalid": state.run.state is RunState.INVALID,
        "warnings": list(dict.fromkeys(w for o in outcomes if o is not None for w in o.warnings)),
    }


def outcome_of(result: Result, evaluation: Evaluation) -> Outcome | None:
    """The calculation as recorded; before that, as far as the readings go."""
    if result.outcome is not None and result.state is not ResultState.RETURNED:
        return Outcome.from_canonical(result.outcome)
    return evaluation.outcome


def plate_of(view: SheetView) -> pictures.PlateView | None:
    """The plate the run was read from; None where everything was typed, or the bytes changed."""
    state = view.state
    if not state.assay.takes_file:
        return None
    found = imports.of_run(session(), state.run)
    try:
        plate = None if found is None else imports.plate_reading(session(), found)
    except BytesChanged:
        return None
    if found is None or plate is None or all(each.outcome is None for each in state.evaluations):
        return None
    return pictures.plate_view(state, found, plate)


def recomputed(run: Run) -> list[tuple[str, list[str]]]:
    """For each recorded result of a run its name and what differs now; nothing when equal."""
    state = recording.sheet(session(), run)
    return [
        (f"{each.test.lot.number}, {each.test.line.name}", recording.recompute(session(), each))
        for each in state.results
        if each.outcome is not None
    ]


def _repeatable(view: SheetView) -> list[Result]:
    """Results of an invalid run whose test waits to be done again."""
    if Permission.RESULT_ENTER not in visitor().permissions:
        return []
    return [
        result
        for result in view.state.results
        if result.state is ResultState.INVALID and result.test.state.value == "planned"
    ]
