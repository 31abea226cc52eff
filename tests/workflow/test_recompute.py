"""Every figure is recomputed to the last digit, and a changed byte is named with what it spoils."""

import pytest
from sqlalchemy import create_engine, text

from lims.demonstration.street import FAILING, RELEASED
from lims.foundation.db import Database
from lims.workflow import recording


def differences(demo) -> dict[str, list[str]]:
    database = Database(demo.urls.application)
    with database.session() as session:
        found = {
            f"{result.test.lot.number} {result.test.line.name}": told
            for result, told in recording.recompute_all(session)
        }
    database.close()
    return found


def change_as_owner(demo, statement: str) -> None:
    engine = create_engine(demo.urls.owner)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lims.act = 'tampering'"))
        for table in ("stored_file", "observation"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(text(statement))
    engine.dispose()


@pytest.mark.req("DI-06")
def test_all_results_give_the_same_digits_again(demo):
    found = differences(demo)

    assert len(found) == 7
    assert not any(found.values())


def test_one_changed_byte_of_a_stored_file_names_the_results_it_spoils(demo):
    change_as_owner(
        demo,
        "UPDATE stored_file SET content = set_byte(content, 30000, get_byte(content, 30000) # 1)",
    )

    found = differences(demo)

    spoiled = {name for name, told in found.items() if told}
    assert spoiled == {f"{lot} Phage, lysis kinetics" for lot in (RELEASED, FAILING)}
    assert "SHA-256" in found[f"{RELEASED} Phage, lysis kinetics"][0]


def test_one_changed_count_is_found_without_the_trail(demo):
    change_as_owner(
        demo,
        "UPDATE observation SET text = '183' WHERE key = 'plate:1:-6:1' AND text = '182'",
    )

    found = differences(demo)

    assert any("another outcome" in each for each in found[f"{RELEASED} Viable count"])


def test_a_step_that_this_release_no_longer_knows_is_told_and_nothing_breaks(demo):
    engine = create_engine(demo.urls.owner)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lims.act = 'tampering'"))
        connection.execute(
            text("UPDATE result SET outcome = replace(outcome, 'plate_count:', 'gone_away:')")
        )
    engine.dispose()

    found = differences(demo)

    assert any("does not exist" in each for told in found.values() for each in told)
