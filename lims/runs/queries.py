"""Questions about runs and their readings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from lims.assays.entries import MOMENT_FORMAT
from lims.foundation.errors import NotFound
from lims.runs.models import Observation, Run, RunState


def get(session: Session, run_id: int) -> Run:
    run = session.get(Run, run_id, options=[joinedload(Run.method)])
    if run is None:
        raise NotFound("run", run_id)
    return run


def history(session: Session, run: Run) -> Sequence[Observation]:
    """Every version of every reading, in the order they were recorded."""
    return session.scalars(
        select(Observation).where(Observation.run_id == run.id).order_by(Observation.id)
    ).all()


def newest(versions: Sequence[Observation]) -> dict[str, Observation]:
    """The version of each reading that counts."""
    return {each.key: each for each in sorted(versions, key=lambda each: each.version)}


def latest(session: Session, run: Run, key: str) -> Observation | None:
    return session.scalar(
        select(Observation)
        .where(Observation.run_id == run.id, Observation.key == key)
        .order_by(Observation.version.desc())
        .limit(1)
    )


def recorders(session: Session, run: Run) -> frozenset[int]:
    """Everybody who recorded or changed a reading of the run, one value of forty included."""
    found = session.scalars(
        select(Observation.recorded_by_id).where(Observation.run_id == run.id).distinct()
    )
    return frozenset(found) | {run.started_by_id}


def find(session: Session, code: str) -> Run | None:
    return session.scalar(select(Run).where(Run.code == code))


def open_of(session: Session, person_id: int) -> Sequence[Run]:
    """Runs that a person began and has not submitted, newest first."""
    return session.scalars(
        select(Run)
        .where(Run.started_by_id == person_id, Run.state.in_((RunState.OPEN, RunState.RETURNED)))
        .options(joinedload(Run.method))
        .order_by(Run.id.desc())
        .limit(5)
    ).all()


@dataclass(frozen=True)
class Incubation:
    """An incubation that has begun: how long it runs, and the least the method asks, in hours."""

    run: Run
    hours: float
    least: float


_STARTS = ("incubation_start", "enrichment_start", "subculture_start")


def incubating(session: Session, here: datetime) -> list[Incubation]:
    """Open runs whose incubation began and has no end yet; `here` is the laboratory's clock."""
    began = session.execute(
        select(Run, Observation)
        .join(Observation, Observation.run_id == Run.id)
        .options(joinedload(Run.method))
        .where(
            Run.state.in_((RunState.OPEN, RunState.RETURNED)),
            or_(*(Observation.key == key for key in (*_STARTS, *map(_end, _STARTS)))),
        )
        .order_by(Run.id, Observation.version)
    ).all()
    found: dict[tuple[int, str], tuple[Run, str]] = {
        (run.id, reading.key): (run, reading.text) for run, reading in began
    }
    return [
        Incubation(run, _hours(text, here), _least(run, key))
        for (run_id, key), (run, text) in found.items()
        if key in _STARTS and (run_id, _end(key)) not in found
    ]


def _end(start: str) -> str:
    return start.replace("_start", "_end")


def _hours(text: str, here: datetime) -> float:
    began = datetime.strptime(text, MOMENT_FORMAT).replace(tzinfo=here.tzinfo)
    return (here - began).total_seconds() / 3600


def _least(run: Run, start: str) -> float:
    name = {"incubation_start": "hours_least"}.get(start, start.replace("_start", "_least"))
    return float(run.method.parameters.get(name, 24))


def recorders_of(session: Session, runs: Sequence[Run]) -> dict[int, frozenset[int]]:
    """The same for many runs by one statement, by the run's id."""
    rows = session.execute(
        select(Observation.run_id, Observation.recorded_by_id)
        .where(Observation.run_id.in_([run.id for run in runs]))
        .distinct()
    )
    found = {run.id: {run.started_by_id} for run in runs}
    for run_id, person_id in rows:
        found[run_id].add(person_id)
    return {run_id: frozenset(people) for run_id, people in found.items()}
