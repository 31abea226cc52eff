"""Bring a database to the present schema, as its owner."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

HERE = Path(__file__).resolve().parents[2] / "migrations"


def settings(owner_url: str, application_role: str, reader_role: str) -> Config:
    """Alembic's configuration without a file: the two roles get their grants in the migrations."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option(
        "file_template",
        "%%(year)d%%(month).2d%%(day).2d_%%(hour).2d%%(minute).2d_%%(rev)s_%%(slug)s",
    )
    config.attributes.update(
        url=owner_url, application_role=application_role, reader_role=reader_role
    )
    return config


def upgrade(
    owner_url: str, application_role: str = "lims_app", reader_role: str = "lims_reader"
) -> None:
    """Run every migration that is missing, in one transaction."""
    command.upgrade(settings(owner_url, application_role, reader_role), "head")


def newest() -> str:
    """The revision that the code expects."""
    head = ScriptDirectory.from_config(settings("", "", "")).get_current_head()
    assert head is not None  # noqa: S101
    return head


def present(url: str) -> str | None:
    """The revision that a database has."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
