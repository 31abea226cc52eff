"""Questions about runs and their readings."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from lims.foundation.errors import NotFound
from lims.runs.models import Observation, Run


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
