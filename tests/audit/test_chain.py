"""The trail finds what anybody did to it."""

import pytest
from sqlalchemy import Engine, create_engine, text

from lims.audit.verify import Head, verify_chain


def tamper(engine: Engine, *statements: str) -> None:
    """What the database's owner could do: switch the guards off and write."""
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_event DISABLE TRIGGER ALL"))
        for statement in statements:
            connection.execute(text(statement))
        connection.execute(text("ALTER TABLE audit_event ENABLE TRIGGER ALL"))


@pytest.fixture
def owner(demo):
    engine = create_engine(demo.urls.owner)
    yield engine
    engine.dispose()


@pytest.mark.req("AT-05")
def test_an_untouched_trail_is_intact(demo):
    verdict = verify_chain(demo.urls.reader)

    assert verdict.intact
    assert verdict.events > 200


@pytest.mark.req("AT-05")
@pytest.mark.parametrize(
    ("statements", "first_bad"),
    [
        (
            [
                "UPDATE audit_event SET hashed = replace(hashed, 'demonstration', 'Demonstration') WHERE id = 120"
            ],
            120,
        ),
        (["UPDATE audit_event SET login = 'somebody' WHERE id = 77"], 77),
        (["UPDATE audit_event SET at = at + interval '1 hour' WHERE id = 60"], 60),
        (["DELETE FROM audit_event WHERE id = 50"], 51),
        (
            [
                "UPDATE audit_event SET id = -1 WHERE id = 30",
                "UPDATE audit_event SET id = 30 WHERE id = 31",
                "UPDATE audit_event SET id = 31 WHERE id = -1",
            ],
            30,
        ),
    ],
)
def test_an_edit_a_deletion_and_a_swap_are_found_at_their_number(
    demo, owner, statements, first_bad
):
    tamper(owner, *statements)

    verdict = verify_chain(demo.urls.reader)

    assert not verdict.intact
    assert verdict.first_bad == first_bad


@pytest.mark.req("AT-05")
def test_a_cut_end_is_found_by_the_head_and_by_each_certificate(demo, owner):
    tamper(
        owner,
        "DELETE FROM audit_event WHERE id > 100",
        "UPDATE audit_head SET number = 100, hash = (SELECT hash FROM audit_event WHERE id = 100)",
    )

    verdict = verify_chain(demo.urls.reader)

    assert not verdict.intact
    assert verdict.first_bad == 101
    assert "certificate COA-" in " ".join(verdict.findings)


@pytest.mark.req("AT-06")
def test_a_complete_rewrite_is_found_by_a_checkpoint_kept_elsewhere(demo):
    kept = Head(40, "0" * 64, "the checkpoint of yesterday")

    verdict = verify_chain(demo.urls.reader, [kept])

    assert not verdict.intact
    assert "rewritten" in verdict.findings[0]


@pytest.mark.req("AT-04")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET login = 'x'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "UPDATE audit_head SET number = 0",
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "UPDATE lot SET state = 'released'",
        "DELETE FROM lot",
        "UPDATE observation SET text = '1'",
        "UPDATE signature SET reason = ''",
        "SET session_replication_role = replica",
        "INSERT INTO audit_event (id, at, action, hashed) VALUES (9999, now(), 'x', 'x')",
    ],
)
def test_the_application_login_cannot_rewrite_history(demo, statement):
    engine = create_engine(demo.urls.application)

    with (
        pytest.raises(Exception, match=r"denied|inside an act only|must be owner"),
        engine.begin() as connection,
    ):
        connection.execute(text(statement))

    engine.dispose()
