"""What several stories of refusal ask and do."""

from sqlalchemy import create_engine, text

NUMBER = "BL07-26-0401"
REASON = "A reason that says why in words"


def sessions(walk, login):
    return walk.ask(
        "SELECT count(*) FROM audit_event WHERE login = :login AND action = 'login.succeeded'",
        login=login,
    )


def events(walk, action):
    return walk.ask("SELECT count(*) FROM audit_event WHERE action = :action", action=action)


def force(demo, *statements):
    """What only the owner of the database can do, with the guards switched off."""
    engine = create_engine(demo.urls.owner)
    with engine.begin() as connection:
        connection.execute(text("SELECT set_config('lims.act', 'forced', true)"))
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
