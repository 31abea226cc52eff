"""The database is what the migrations make of it, and the models say the same."""

import os
import re

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, create_engine, make_url, text

from lims.app import CouldRewriteHistory, refuse_powerful_login
from lims.foundation.db import Base, Database
from lims.foundation.embedded.place import SUPERUSER
from lims.foundation.migrate import newest, present, upgrade
from lims.foundation.registry import load_models
from tests.laboratory import Browser

load_models()

KEPT_FOR_EVER = {
    "audit_event",
    "observation",
    "signature",
    "stored_file",
    "certificate_file",
    "disposition",
}
READ_ONLY = {"audit_event", "audit_head", "alembic_version"}
HIDDEN_FROM_READERS = {"credential", "signing_key", "web_session"}


@pytest.fixture(scope="module")
def migrated(shared_demo):
    engine = create_engine(shared_demo.urls.owner)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_models_and_migrations_name_the_same_tables_columns_and_indexes(migrated):
    context = MigrationContext.configure(migrated, opts={"compare_type": True})

    assert compare_metadata(context, Base.metadata) == []


def test_every_check_of_the_models_is_a_check_of_the_database(migrated):
    """Alembic compares no check constraints, so they are compared here by name."""
    found = migrated.execute(
        text(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint"
            " WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
        )
    )
    in_the_database = {tuple(row) for row in found}

    in_the_models = {
        (table.name, str(constraint.name))
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }

    assert in_the_database == in_the_models


def test_every_value_of_an_enumeration_is_allowed_by_its_check(migrated):
    """A state added to the code and forgotten in a migration would be refused when first used."""
    found = migrated.execute(
        text(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
        )
    )
    allowed = {name: set(re.findall(r"'([^']*)'", said)) for name, said in found}

    forgotten = [
        (table.name, column.name, value)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if hasattr(column.type, "enums")
        for value in column.type.enums
        if value not in allowed.get(f"ck_{table.name}_{column.type.name}", set())
    ]

    assert forgotten == []


def test_an_upgrade_of_an_upgraded_database_changes_nothing(database):
    engine = create_engine(database.owner)
    with engine.connect() as connection:
        before = connection.execute(text("SELECT count(*) FROM pg_class")).scalar()

    upgrade(database.owner)

    with engine.connect() as connection:
        after = connection.execute(text("SELECT count(*) FROM pg_class")).scalar()
    engine.dispose()
    assert before == after
    assert present(database.owner) == newest()


def _rights(connection, role):
    found = connection.execute(
        text(
            "SELECT c.relname, right_ FROM pg_class c,"
            " unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER',"
            " 'REFERENCES']) AS right_"
            " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace"
            " AND has_table_privilege(:role, c.oid, right_)"
        ),
        {"role": role},
    )
    rights = {}
    for table, right in found:
        rights.setdefault(table, set()).add(right)
    return rights


@pytest.mark.req("AT-04")
def test_the_application_may_write_what_is_written_and_erase_nothing_but_sessions(migrated):
    rights = _rights(migrated, "lims_app")

    for table in Base.metadata.tables:
        expected = {"SELECT", "INSERT", "UPDATE"}
        if table in KEPT_FOR_EVER:
            expected = {"SELECT", "INSERT"}
        if table in READ_ONLY:
            expected = {"SELECT"}
        if table == "web_session":
            expected = {"SELECT", "INSERT", "UPDATE", "DELETE"}
        assert rights[table] == expected, table
    assert rights["alembic_version"] == {"SELECT"}


@pytest.mark.req("EX-03")
def test_the_reader_reads_everything_but_secrets_and_writes_nothing(migrated):
    rights = _rights(migrated, "lims_reader")

    assert set(map(frozenset, rights.values())) == {frozenset({"SELECT"})}
    assert set(rights) == {*Base.metadata.tables, "alembic_version"} - HIDDEN_FROM_READERS


@pytest.mark.req("AT-04")
def test_the_append_function_is_for_the_application_alone(migrated):
    may = migrated.execute(
        text(
            "SELECT has_function_privilege('lims_app', 'append_events(text[])', 'EXECUTE'),"
            " has_function_privilege('lims_reader', 'append_events(text[])', 'EXECUTE')"
        )
    ).one()

    assert tuple(may) == (True, False)


@pytest.mark.req("SY-01")
def test_a_login_that_owns_the_tables_is_refused(shared_demo):
    database = Database(shared_demo.urls.owner)

    with pytest.raises(CouldRewriteHistory, match="could rewrite history"):
        refuse_powerful_login(database)

    database.close()


@pytest.mark.req("SY-01")
@pytest.mark.parametrize(
    "gift",
    [
        "ALTER ROLE {} SUPERUSER",
        "GRANT lims_owner TO {}",
        "GRANT INSERT ON audit_event TO {}",
        "GRANT UPDATE ON audit_head TO {}",
    ],
)
def test_a_login_with_one_right_too_many_is_refused(cluster, demo, gift):
    """Each right alone would let the application write its own history."""
    strong = f"strong_{os.getpid()}"  # roles belong to the server, which workers share
    with _superuser(cluster, make_url(demo.urls.owner).database) as connection:
        connection.execute(f"CREATE ROLE {strong} LOGIN PASSWORD 'x'")
        try:
            connection.execute(f"GRANT CONNECT ON DATABASE {connection.info.dbname} TO {strong}")
            connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {strong}")
            connection.execute(gift.format(strong))
            database = Database(_as(demo.urls.application, strong))
            with pytest.raises(CouldRewriteHistory):
                refuse_powerful_login(database)
            database.close()
        finally:
            connection.execute(f"DROP OWNED BY {strong}")
            connection.execute(f"DROP ROLE {strong}")


def _superuser(cluster, name):
    return psycopg.connect(
        host=str(cluster.place.socket),
        port=5432,
        user=SUPERUSER,
        password=cluster.place.read_passwords()[SUPERUSER],
        dbname=name,
        autocommit=True,
    )


def _as(url, login):
    return re.sub(r"//[^@]*@", f"//{login}:x@", url)


@pytest.mark.req("SY-01")
def test_the_applications_own_login_is_let_in(shared_app):
    assert Browser(shared_app).get("/verify").status_code == 200
