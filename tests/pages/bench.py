"""What the tests of entry and review look up in a demonstration laboratory."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.orm import Session

from lims.audit.models import AuditEvent
from lims.demonstration import street
from lims.lots import queries as lots
from lims.results import queries as results
from lims.results.models import PlannedTest, Result
from lims.runs import queries as runs
from lims.runs.models import Observation, Run
from tests.laboratory import Laboratory

COUNT = {
    "plate:1:-7:1": "19",
    "plate:1:-7:2": "16",
    "plate:1:-7:3": "21",
    "blank": "0",
    "reference": "87",
    "reference_lot": "REF-BL07",
    "anaerobe": "growth",
    "aerobe": "no growth",
}
"""What the viable count of the lot in test still lacks."""


@contextmanager
def looking(demo: Laboratory) -> Iterator[Session]:
    stage = demo.stage()
    try:
        with stage.database.session() as session:
            yield session
    finally:
        stage.close()


def planned(session: Session, number: str, assay: str) -> PlannedTest:
    lot = lots.get(session, number)
    found = results.tests_of(session, lot)
    return next(test for test in found if test.line.method.assay == assay)


def id_of(demo: Laboratory, assay: str, number: str = street.IN_TEST) -> int:
    with looking(demo) as session:
        return planned(session, number, assay).id


def result_of(demo: Laboratory, assay: str, number: str = street.IN_TEST) -> Result:
    """The newest attempt at a test, with what belongs to it loaded."""
    with looking(demo) as session:
        return results.get(session, planned(session, number, assay).results[-1].id)


def open_count(demo: Laboratory) -> int:
    """The run of the viable count that the demonstration leaves half done."""
    return result_of(demo, "plate_count").run_id


def readings(demo: Laboratory, run_id: int) -> dict[str, Observation]:
    with looking(demo) as session:
        return runs.newest(runs.history(session, session.get_one(Run, run_id)))


def events(demo: Laboratory, action: str) -> int:
    with looking(demo) as session:
        return len(session.scalars(select(AuditEvent).where(AuditEvent.action == action)).all())


def version(page: str) -> str:
    """The versions of the readings as a page of a run carries them."""
    found = re.search(r'id="version" name="version" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def fingerprint(page: str) -> str:
    found = re.search(r'name="fingerprint" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]


def spoil(demo: Laboratory) -> None:
    """Change one byte of a stored file as only the owner of the database can."""
    _as_owner(demo, "UPDATE stored_file SET content = set_byte(content, 900, 49)")


def expire(demo: Laboratory, code: str) -> None:
    """Let the use-by day of a material pass."""
    _as_owner(demo, f"UPDATE material SET expires_on = current_date - 3 WHERE code = '{code}'")


def _as_owner(demo: Laboratory, statement: str) -> None:
    engine = create_engine(demo.urls.owner)
    with engine.begin() as connection:
        for table in ("stored_file", "material"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(text(statement))
    engine.dispose()


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Collects the SQL statements of what runs inside."""
    seen: list[str] = []
    engine = app.extensions["livelot"]["database"].engine

    def note(_connection, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)
