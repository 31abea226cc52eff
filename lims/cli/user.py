"""`lims user`: who has an account, and a way back in for an administrator who is locked out."""

import json
from pathlib import Path

import click

from lims.accounts import actions, queries, roles
from lims.audit.act import SYSTEM, Source, acting
from lims.cli import ground
from lims.foundation import clock
from lims.foundation.db import Database
from lims.foundation.errors import LimsError
from lims.foundation.registry import load_models
from lims.foundation.strongbox import Strongbox
from lims.site import queries as site

_HOME = click.option(
    "--home", type=click.Path(path_type=Path, file_okay=False), help="Default: var."
)


@click.group(name="user")
def command() -> None:
    """Accounts: list them, or let an administrator in again."""


@command.command("list")
@_HOME
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def listing(home: Path | None, *, as_json: bool) -> None:
    """Everybody with state and roles of today."""
    laid = _laid(home)
    database = Database(laid.urls.application)
    try:
        with database.session() as session:
            today = clock.now().date()
            told = [
                {
                    "login": person.login,
                    "name": person.name,
                    "state": person.state.value,
                    "roles": [role.value for role in roles.held(person.grants, today)],
                    "may_sign": person.identity_checked_at is not None,
                }
                for person in queries.everyone(session)
            ]
    finally:
        _leave(laid, database)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    for each in told:
        click.echo(f"{each['login']:<24} {each['state']:<9} {each['name']}: {each['roles']}")


@command.command("reset")
@click.argument("login")
@click.option("--reason", prompt="Reason", help="At least 10 characters; kept in the trail.")
@_HOME
def reset(login: str, reason: str, home: Path | None) -> None:
    """Give an account a new one-time invitation; its old key is revoked and signing is off.

    For an administrator whom no other administrator can help. The trail tells that it was done
    at the terminal.
    """
    laid = _laid(home)
    database = Database(laid.urls.application)
    secret = bytes.fromhex((laid.home / "secrets" / "server-key").read_text("ascii").strip())
    box = Strongbox(secret, laid.keys / "authority.pem")
    try:
        with (
            database.session() as session,
            acting(session, SYSTEM, reason, Source("local", "lims user reset"), box) as act,
        ):
            person = queries.find_login(session, login)
            if person is None:
                raise click.ClickException(f"There is no account {login}.")
            token = actions.reset(act, person)
            url = site.laboratory(session).public_url
    except LimsError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    finally:
        _leave(laid, database)
    click.echo(f"Once, within 72 hours: {url}/account/invitation/{token}")


def _laid(home: Path | None) -> ground.Ground:
    place = (home or ground.default_home()).resolve()
    ground.check_there(place)
    load_models()
    return ground.lay(place)


def _leave(laid: ground.Ground, database: Database) -> None:
    database.close()
    if laid.cluster is not None and laid.cluster.started_here:
        laid.cluster.stop()
