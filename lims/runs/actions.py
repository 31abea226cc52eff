"""What happens in runs: opened, readings recorded and corrected, submitted, closed."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from lims.assays.assay import BadEntry, Check, Field, FieldKind
from lims.assays.entries import MOMENT_FORMAT, check_entry
from lims.audit.act import Act
from lims.equipment import queries as equipment
from lims.equipment import rules as usable
from lims.foundation import clock
from lims.foundation.errors import LimsError, RuleBroken, Stale
from lims.methods.models import Method
from lims.runs import queries, rules
from lims.runs.models import Observation, Run, RunState
from lims.site import queries as site


class EntryRefused(RuleBroken):
    """A typed text was not accepted; nothing was saved and the text stays on the screen."""

    def __init__(self, key: str, sentence: str) -> None:
        self.key = key
        super().__init__(sentence, **{key: sentence})


def open_run(act: Act, method: Method, repeat_reason: str = "") -> Run:
    """A new session of a method."""
    year = f"{clock.local(act.at, site.laboratory(act.session).zone):%y}"
    number = site.next_number(act.session, f"run-{year}")
    run = Run(
        code=f"R{year}-{number:05d}",
        method_id=method.id,
        state=RunState.OPEN,
        started_by_id=act.actor.id,
        started_at=act.at,
        repeat_reason=repeat_reason,
        checks=[],
    )
    run.method = method
    act.session.add(run)
    act.session.flush()
    return run


def record(
    act: Act, run: Run, field: Field, text: str, seen_version: int, lot_id: int | None
) -> Observation | None:
    """Keep one reading as typed; None when it says what stands there already.

    A reading that replaces another needs a reason, and the one before stays.

    Raises:
        EntryRefused: the text is no reading of this field, or names something not usable.
        Stale: somebody else recorded it since it was shown.
    """
    rules.check_editable(run)
    kept = _accepted(act, field, text)
    before = queries.latest(act.session, run, field.key)
    version = before.version if before else 0
    if before is not None and before.text == kept:
        return None
    if version != seen_version:
        raise Stale(field.label, yours=kept, theirs=before.text if before else "")
    if before is not None:
        act.need_reason()
    made = Observation(
        run_id=run.id,
        key=field.key,
        version=version + 1,
        text=kept,
        reason=act.reason if before else "",
        recorded_by_id=act.actor.id,
        recorded_at=act.at,
    )
    act.session.add(made)
    act.session.flush()
    event = "reading.corrected" if before else "reading.recorded"
    act.note(
        event, made, lot_id, run=run.code, field=field.label, old=before and before.text, new=kept
    )
    return made


def _accepted(act: Act, field: Field, text: str) -> str:
    try:
        kept = check_entry(field, text)
        _check_known(act, field, kept)
    except BadEntry as refusal:
        raise EntryRefused(field.key, str(refusal)) from refusal
    except LimsError as refusal:
        raise EntryRefused(field.key, f"{field.label}: {refusal}") from refusal
    return kept


def _check_known(act: Act, field: Field, text: str) -> None:
    """Instruments and materials must exist and be in date on the day of use; no future moment."""
    zone = site.laboratory(act.session).zone
    here = clock.local(act.at, zone)
    if field.kind is FieldKind.MOMENT:
        moment = datetime.strptime(text, MOMENT_FORMAT).replace(tzinfo=ZoneInfo(zone))
        if moment > here:
            raise BadEntry(
                f"{field.label}: {moment:%d %b %Y %H:%M} lies in the future; it is now "
                f"{here:%d %b %Y %H:%M}. Enter it when it has happened."
            )
    if field.kind is FieldKind.MATERIAL:
        usable.check_material(equipment.get_material(act.session, text), here.date())
    if field.kind is FieldKind.EQUIPMENT:
        usable.check_equipment(equipment.get_equipment(act.session, text), here.date())


def submit(act: Act, run: Run, checks: Sequence[Check], *, valid: bool) -> None:
    """Close the bench: an invalid run ends here, a valid one goes to review."""
    to = RunState.SUBMITTED if valid else RunState.INVALID
    rules.check_move(run, to)
    run.state, run.submitted_at = to, act.at
    run.checks = [check.as_data() for check in checks]


def give_back(run: Run) -> None:
    rules.check_move(run, RunState.RETURNED)
    run.state = RunState.RETURNED


def close(run: Run) -> None:
    rules.check_move(run, RunState.CLOSED)
    run.state = RunState.CLOSED
