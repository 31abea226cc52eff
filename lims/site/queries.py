"""Questions about the laboratory, and its numbers."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lims.foundation.errors import RuleBroken
from lims.site.models import Counter, Laboratory


class NotSetUp(RuleBroken):
    def __init__(self) -> None:
        super().__init__("The laboratory is not set up yet: run `lims init`.")


def laboratory(session: Session) -> Laboratory:
    found = session.get(Laboratory, 1)
    if found is None:
        raise NotSetUp
    return found


def find_laboratory(session: Session) -> Laboratory | None:
    return session.get(Laboratory, 1)


def next_number(session: Session, series: str) -> int:
    """The next number of a series, in the caller's transaction: none is lost or doubled."""
    taken = insert(Counter).values(series=series, value=1)
    taken_next = taken.on_conflict_do_update(
        index_elements=[Counter.series], set_={"value": Counter.value + 1}
    )
    return session.execute(taken_next.returning(Counter.value)).scalar_one()
