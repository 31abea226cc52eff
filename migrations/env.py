"""Run migrations as the owner login. They never import the application's nouns."""

from alembic import context
from sqlalchemy import create_engine

config = context.config
target_metadata = config.attributes.get("metadata")


def _render(kind: str, item: object, _context: object) -> str | bool:
    """Our moment type is a plain column of the database: a migration names no code of ours."""
    if kind == "type" and type(item).__name__ == "Moment":
        return "sa.DateTime(timezone=True)"
    return False


engine = create_engine(config.attributes["url"])
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=target_metadata,
        compare_type=True,
        render_item=_render,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
