"""`lims init`: an empty laboratory with its first administrator."""

from pathlib import Path

import click

from lims.audit.act import SYSTEM, Source, acting
from lims.cli import ground
from lims.foundation.db import Database
from lims.foundation.errors import LimsError
from lims.foundation.registry import load_models
from lims.foundation.strongbox import Strongbox
from lims.site.actions import Description
from lims.workflow import founding

_SOURCE = Source("local", "lims init")
_LOGO_LIMIT = 200_000


@click.command(name="init")
@click.option("--name", prompt="Name of the laboratory")
@click.option("--address", prompt="Address as printed on certificates")
@click.option("--telephone", default="", help="As printed on certificates.")
@click.option("--zone", prompt="Time zone, as Europe/Vienna")
@click.option(
    "--public-url",
    default="http://127.0.0.1:8000",
    show_default=True,
    help="Where anybody may check a certificate.",
)
@click.option(
    "--logo",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PNG for the certificate, up to 200 kB.",
)
@click.option("--administrator", prompt="Login of the first administrator")
@click.option("--administrator-name", prompt="Full name of the first administrator")
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Default: var.")
def command(
    name: str,
    address: str,
    telephone: str,
    zone: str,
    public_url: str,
    logo: Path | None,
    administrator: str,
    administrator_name: str,
    home: Path | None,
) -> None:
    """Make an empty laboratory: name, address, zone, logo, first administrator.

    The administrator comes in once with the address that is printed at the end, and chooses a
    password there. Running it twice is refused.
    """
    place = (home or ground.default_home()).resolve()
    laid = ground.lay(place, click.echo)
    try:
        ground.bring_up_to_date(laid.urls, click.echo)
        told = Description(name, address, telephone, zone, public_url, _logo(logo))
        token = _found(laid, told, (administrator, administrator_name))
    finally:
        if laid.cluster is not None and laid.cluster.started_here:
            laid.cluster.stop()
    click.echo(f"\n{name} is founded. Start it with: lims serve")
    click.echo(f"First sign-in of {administrator}, once, within 72 hours:")
    click.echo(f"  {public_url.rstrip('/')}/account/invitation/{token}")


def _logo(path: Path | None) -> bytes | None:
    if path is None:
        return None
    content = path.read_bytes()
    if not content.startswith(b"\x89PNG") or len(content) > _LOGO_LIMIT:
        raise click.ClickException(f"{path.name} is not a PNG of at most 200 kB.")
    return content


def _found(laid: ground.Ground, told: Description, administrator: tuple[str, str]) -> str:
    load_models()
    database = Database(laid.urls.application)
    secret = bytes.fromhex((laid.home / "secrets" / "server-key").read_text("ascii").strip())
    box = Strongbox(secret, laid.keys / "authority.pem")
    try:
        with (
            database.session() as session,
            acting(session, SYSTEM, source=_SOURCE, strongbox=box) as act,
        ):
            _, token = founding.found(act, told, administrator)
    except LimsError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    finally:
        database.close()
    return token
