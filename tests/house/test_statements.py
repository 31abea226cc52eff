"""Pages ask the database as often for many lots as for few."""

from dataclasses import dataclass, field

import pytest
from sqlalchemy import event, text

from lims.demonstration.people import ANALYST, INSPECTOR, QUALITY, REVIEWER, Login
from tests.factories.lots import LotFactory

LISTS: dict[str, tuple[Login, str, int]] = {
    "queue of an analyst": (ANALYST, "/", 24),
    "queue of a reviewer": (REVIEWER, "/", 24),
    "queue of quality assurance": (QUALITY, "/", 24),
    "list of lots": (INSPECTOR, "/lots/", 8),
    "one lot": (INSPECTOR, "/lots/BL07-26-0116", 16),
    "entry": (ANALYST, "/entry/", 10),
    "review": (REVIEWER, "/review/", 12),
    "release": (QUALITY, "/release/", 10),
    "certificates": (INSPECTOR, "/certificates/", 8),
    "plate import": (ANALYST, "/imports/", 8),
    "audit trail": (INSPECTOR, "/audit/", 12),
    "people": (INSPECTOR, "/people/", 9),
    "catalogue": (INSPECTOR, "/catalogue/", 12),
    "equipment and media": (INSPECTOR, "/laboratory/", 10),
}
"""Who looks, where, and the most statements that the page may need, the frame's six included."""


@dataclass
class Counter:
    statements: list[str] = field(default_factory=list)

    def __call__(self, _connection, _cursor, statement, _parameters, _context, _many):
        if not statement.startswith(("SELECT pg_catalog", "SHOW", "BEGIN")):
            self.statements.append(statement)


def _count(app, browser, address):
    engine = app.extensions["livelot"]["database"].engine
    browser.get(address)  # whatever a process does once is done before
    counter = Counter()
    event.listen(engine, "before_cursor_execute", counter)
    answer = browser.get(address)
    event.remove(engine, "before_cursor_execute", counter)
    assert answer.status_code == 200, address
    return len(counter.statements)


@pytest.fixture(scope="module")
def counted(shared_app, shared_demo, seated):
    """Statements of each page with one more lot of each kind, then with sixty."""
    factory = LotFactory(shared_demo)
    _make(factory, 1, 1)
    few = {name: _count(shared_app, seated(who), url) for name, (who, url, _) in LISTS.items()}
    _make(factory, 25, 7)
    factory.close()
    many = {name: _count(shared_app, seated(who), url) for name, (who, url, _) in LISTS.items()}
    return few, many


def _make(factory, count, tested):
    factory.make(count)
    factory.make(count, received=True)
    factory.make(tested, tested=True)


def test_a_page_needs_as_many_statements_for_sixty_lots_as_for_six(counted):
    few, many = counted

    assert {n: (few[n], many[n]) for n in few if many[n] > few[n]} == {}


def test_no_page_needs_more_statements_than_it_was_given(counted):
    _, many = counted

    assert {name: n for name, n in many.items() if n > LISTS[name][2]} == {}


def test_the_many_lots_are_there(counted, shared_demo):
    from sqlalchemy import create_engine

    engine = create_engine(shared_demo.urls.reader)
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT count(*) FROM lot"))
    engine.dispose()
    assert found == 63
