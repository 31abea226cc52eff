"""`lims audit verify`: recompute the whole trail and name the first bad event."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from lims.audit.verify import ChainVerdict, Head, verify_chain
from lims.cli import ground

EXIT_BROKEN = 1


@click.group(name="audit")
def command() -> None:
    """The audit trail."""


@command.command("verify")
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Default: var.")
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    metavar="NUMBER:HASH",
    help="A head that was kept elsewhere, such as in a certificate. Repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def verify(home: Path | None, checkpoints: tuple[str, ...], *, as_json: bool) -> None:
    """Recompute every event's hash and its link to the one before.

    Exit status 0 when the trail is intact, 1 when it is not.
    """
    place = (home or ground.default_home()).resolve()
    ground.check_there(place)
    kept = [_head(text) for text in checkpoints]
    laid = ground.lay(place)
    try:
        verdict = verify_chain(laid.urls.reader, kept)
    finally:
        if laid.cluster is not None and laid.cluster.started_here:
            laid.cluster.stop()
    click.echo(json.dumps(asdict(verdict), indent=1) if as_json else _told(verdict))
    sys.exit(0 if verdict.intact else EXIT_BROKEN)


def _head(text: str) -> Head:
    number, _, digest = text.partition(":")
    if not number.isdigit() or len(digest) != 64:  # noqa: PLR2004
        raise click.BadParameter(f"{text} is not NUMBER:HASH with 64 hexadecimal digits.")
    return Head(int(number), digest.lower(), f"the checkpoint {number}")


def _told(verdict: ChainVerdict) -> str:
    if verdict.intact:
        return f"Intact: {verdict.events} events, head {verdict.head}"
    lines = [f"NOT INTACT. First bad event: {verdict.first_bad}", *verdict.findings]
    return "\n".join(lines)
