"""A test is done: a run opened, readings recorded, the run submitted; a failure holds the lot."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from instruments.errors import InstrumentFileError
from lims import assays
from lims.assays.assay import Assay, Evaluation, Field
from lims.audit.act import Act
from lims.foundation.errors import NotFound, RuleBroken
from lims.imports import actions as imports
from lims.imports import rules as import_rules
from lims.imports.models import PlateImport
from lims.imports.queries import BytesChanged
from lims.lots import actions as lots
from lims.lots import queries as lot_queries
from lims.lots import rules as lot_rules
from lims.lots.models import LotState
from lims.results import actions as results
from lims.results import queries as result_queries
from lims.results.models import PlannedTest, Result
from lims.results.rules import printed
from lims.runs import actions as runs
from lims.runs import queries as run_queries
from lims.runs.models import Observation, Run
from lims.samples import rules as sample_rules
from lims.science import criteria_data
from lims.science.criteria import Verdict
from lims.science.errors import ScienceError
from lims.science.outcome import Outcome
from lims.workflow import circumstances


@dataclass(frozen=True)
class Sheet:
    """A run as its page shows it: fields, what stands in them, what they give so far."""

    run: Run
    assay: Assay
    parameters: dict[str, str]
    fields: tuple[Field, ...]
    readings: dict[str, Observation]
    results: tuple[Result, ...]
    evaluations: tuple[Evaluation, ...]

    def field(self, key: str) -> Field:
        for field in self.fields:
            if field.key == key:
                return field
        raise NotFound("field", key)


def start(act: Act, test: PlannedTest) -> Run:
    """Open a run for one test.

    A repeat after an invalid run needs a reason (the act's). A test whose result stands, failing
    or not, is not started again.
    """
    _check_open(act, test)
    repeat = ""
    if test.results:
        repeat = act.need_reason()
    run = runs.open_run(act, test.line.method, repeat)
    results.attempt(act, test, run)
    return run


def _check_open(act: Act, test: PlannedTest) -> None:
    lot = lot_queries.lock(act.session, test.lot_id)
    lot_rules.check_open_for_tests(lot)
    sample_rules.check_usable(test.sample)
    if lot.state is LotState.REGISTERED:
        lots.move(act, lot, LotState.IN_TEST, "lot.in_test")


def parameters_of(run: Run) -> dict[str, str]:
    return {key: str(value) for key, value in run.method.parameters.items()}


def sheet(session: Session, run: Run) -> Sheet:
    """The run with everything it gives at this moment; the server computes, never the browser."""
    assay, parameters = assays.find(run.method.assay), parameters_of(run)
    readings = run_queries.newest(run_queries.history(session, run))
    found = tuple(result_queries.of_run(session, run))
    entries = {key: reading.text for key, reading in readings.items()}
    try:
        plate = circumstances.plate_of(session, run) if assay.takes_file else None
    except BytesChanged as refusal:
        # The sheet stays readable, with what was recorded; nothing new is computed from it.
        evaluations = tuple(Evaluation({"plate": str(refusal)}) for _ in found)
    else:
        evaluations = tuple(
            assay.evaluate(entries, parameters, circumstances.of_result(session, result, plate))
            for result in found
        )
    fields = tuple(assay.fields(parameters))
    return Sheet(run, assay, parameters, fields, readings, found, evaluations)


def enter(act: Act, run: Run, key: str, text: str, seen_version: int) -> Observation | None:
    """Keep one reading of a run."""
    assay = assays.find(run.method.assay)
    field = next((each for each in assay.fields(parameters_of(run)) if each.key == key), None)
    if field is None:
        raise NotFound("field", key)
    # Two saves of one cell meet here: the second waits, then sees the first one's version.
    act.session.refresh(run, with_for_update={"of": Run})
    lot_id = next((each.lot_id for each in result_queries.of_run(act.session, run)), None)
    return runs.record(act, run, field, text, seen_version, lot_id)


def submit(act: Act, run: Run) -> None:
    """Close the bench part of a run.

    Controls decide first: an invalid run gives no result. A failing result holds its lot in the
    same act.

    Raises:
        RuleBroken: readings are missing, each named by its field.
    """
    act.session.refresh(run, with_for_update={"of": Run})
    state = sheet(act.session, run)
    for evaluation in state.evaluations:
        results.check_recordable(evaluation)
    valid = all(evaluation.valid for evaluation in state.evaluations)
    checks = [check for evaluation in state.evaluations[:1] for check in evaluation.checks]
    runs.submit(act, run, checks, valid=valid)
    for result, evaluation in zip(state.results, state.evaluations, strict=True):
        _settle(act, result, evaluation, valid=valid)


def _settle(act: Act, result: Result, evaluation: Evaluation, *, valid: bool) -> None:
    if not valid:
        results.mark_invalid(act, result, evaluation.faults or ("another result of the run",))
        return
    if evaluation.reported is None:
        raise RuleBroken(f"{result.test.line.name} gives no reportable result yet.")
    results.record(act, result, evaluation)
    if result.verdict is Verdict.FAILS:
        hold_for_failure(act, result)


def hold_for_failure(act: Act, result: Result) -> None:
    """A failing result holds its lot at once; release is out of reach until QA decides."""
    lot = lot_queries.lock(act.session, result.lot_id)
    if lot.state is LotState.ON_HOLD:
        return
    act.reason = f"{result.test.line.name} does not conform: {results.as_text(result)}."
    lots.hold(act, lot)


def confirm_import(act: Act, plate_import: PlateImport) -> Run:
    """Turn a preview into a run with a result draft for each matched slot."""
    open_points = open_points_of(act.session, plate_import)
    if open_points:
        raise import_rules.NotReady(open_points)
    tests = [
        (int(slot), result_queries.get_test(act.session, int(test_id)))
        for slot, test_id in sorted(plate_import.mapping.items(), key=lambda item: int(item[0]))
    ]
    for _, test in tests:
        _check_open(act, test)
    repeat = act.need_reason() if any(test.results for _, test in tests) else ""
    run = runs.open_run(act, tests[0][1].line.method, repeat)
    imports.confirm(act, plate_import, run)
    for slot, test in tests:
        results.attempt(act, test, run, slot)
    return run


def open_points_of(session: Session, plate_import: PlateImport) -> list[str]:
    """What has to be decided before a preview can be confirmed."""
    if plate_import.refusal:
        return ["The file was not understood."]
    points = []
    if plate_import.layout is None or plate_import.equipment is None:
        points.append("Choose the layout and the reader.")
    if not plate_import.mapping:
        points.append("Match at least one sample slot to a test.")
    methods = set()
    for test_id in plate_import.mapping.values():
        test = result_queries.get_test(session, int(test_id))
        methods.add(test.line.method_id)
        if not assays.find(test.line.method.assay).takes_file:
            points.append(f"{test.line.name} is not read from a plate file.")
    if len(methods) > 1:
        points.append("The matched tests follow different methods; import them one by one.")
    return points


def recompute(session: Session, result: Result) -> list[str]:
    """Compute a recorded result anew from its readings; one sentence a difference, none if equal.

    Everything is taken from what is stored: readings as typed, the bytes of the file, the method
    and reference versions the result names.
    """
    if result.outcome is None:
        return []
    name = f"{result.test.lot.number}, {result.test.line.name}"
    differences = _steps_that_differ(name, result.outcome)
    try:
        evaluation = evaluate(session, result)
    except (BytesChanged, InstrumentFileError) as refusal:
        return [*differences, f"{name}: {refusal}"]
    if evaluation.outcome is None or evaluation.reported is None:
        return [*differences, f"{name}: the readings give no result any more."]
    if evaluation.outcome.canonical() != result.outcome:
        differences.append(f"{name}: the calculation gives another outcome.")
    found = printed(evaluation.reported, criteria_data.from_data(result.test.line.criterion))
    if (found.qualifier, found.text, found.verdict) != (
        result.qualifier,
        result.reported,
        result.verdict,
    ):
        differences.append(f"{name}: printed was {results.as_text(result)}, now {found.text}.")
    return differences


def evaluate(session: Session, result: Result) -> Evaluation:
    """What the readings behind one result give."""
    run = result.run
    assay = assays.find(run.method.assay)
    readings = run_queries.newest(run_queries.history(session, run))
    entries = {key: reading.text for key, reading in readings.items()}
    plate = circumstances.plate_of(session, run) if assay.takes_file else None
    given = circumstances.of_result(session, result, plate)
    return assay.evaluate(entries, parameters_of(run), given)


def _steps_that_differ(name: str, outcome: str) -> list[str]:
    """The kept trace once more, step by step; a step this release no longer knows is told too."""
    try:
        found = Outcome.from_canonical(outcome).recompute()
    except ScienceError as refusal:
        return [f"{name}: {refusal}"]
    return [f"{name}: step “{each.step}” no longer gives its value." for each in found]


def recompute_all(session: Session) -> Iterator[tuple[Result, list[str]]]:
    """Every recorded result, oldest first, with what it no longer gives; read in pages."""
    for result in result_queries.every_recorded(session):
        yield result, recompute(session, result)
