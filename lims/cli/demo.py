"""`lims demo`: the main job on a scratch database, without a browser."""

import shutil
import sys
import tempfile
from pathlib import Path

import click

from lims.audit.verify import verify_chain
from lims.certificates import queries as certificates
from lims.certificates.register import verify_with_register
from lims.cli import ground
from lims.demonstration import rehearse
from lims.demonstration.performing import Stage
from lims.demonstration.street import FAILING, IN_TEST, RELEASED
from lims.foundation import embedded, migrate
from lims.foundation.embedded import Cluster
from lims.lots import queries as lots
from lims.results import queries as results
from lims.results.actions import as_text
from lims.results.models import PlannedTest

_SCRATCH = "demonstration_scratch"
_EXPECTED = {RELEASED: "released", FAILING: "on hold", IN_TEST: "in test"}


@click.command(name="demo")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to put the signed certificate. Default: a temporary folder.",
)
def command(output: Path | None) -> None:
    """Take one lot from registration to a certificate signed by two people.

    Everything goes through the actions, permission checks and passwords of the pages, on a
    scratch database that is removed at the end. The last line is the path of the signed PDF;
    the exit status is 0 only if all of it holds.
    """
    folder = Path(tempfile.mkdtemp(prefix="livelot-demo-"))
    home = folder / "home"
    ground.make_folders(home)
    click.echo("Starting a scratch database ...")
    cluster = embedded.ensure_started(home / "postgres", durable=False)
    try:
        path = _performed(cluster, home, output or folder / "certificate.pdf")
    finally:
        cluster.destroy()
        shutil.rmtree(home, ignore_errors=True)
    if path is None:
        sys.exit(1)
    click.echo(path)


def _performed(cluster: Cluster, home: Path, target: Path) -> Path | None:
    urls = cluster.create_database(_SCRATCH)
    migrate.upgrade(urls.owner)
    stage = Stage.open(urls, home)
    try:
        rehearse(stage, click.echo)
        holds = _told(stage)
        verdict = _verdict(stage, target)
    finally:
        stage.close()
    chain = verify_chain(urls.reader)
    state = "intact" if chain.intact else f"NOT intact at event {chain.first_bad}"
    click.echo(f"\nAudit trail: {chain.events} events, {state}")
    return target if holds and verdict and chain.intact else None


def _told(stage: Stage) -> bool:
    """The result table of the released lot, and whether each lot is where it should be."""
    holds = True
    with stage.database.session() as session:
        click.echo(f"\nResults of {RELEASED}")
        for test in results.tests_of(session, lots.get(session, RELEASED)):
            click.echo(_row(test))
        click.echo("")
        for number, expected in _EXPECTED.items():
            state = lots.get(session, number).state.value
            click.echo(f"{number}: {state}")
            holds = holds and state == expected
    return holds


def _row(test: PlannedTest) -> str:
    result = results.current(test)
    told, verdict = (as_text(result), result.verdict) if result else ("", "")
    return f"  {test.line.name:<24} {test.line.criterion_text:<52} {told:<52} {verdict}"


def _verdict(stage: Stage, target: Path) -> bool:
    """The signed PDF, written out and held against the register."""
    with stage.database.session() as session:
        lot = lots.get(session, RELEASED)
        certificate = certificates.get_current(session, lot)
        pdf = certificates.pdf(session, certificates.newest_file(certificate))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(pdf)
        verdict = verify_with_register(session, pdf, stage.strongbox)
    click.echo(f"\n{verdict.sentence}")
    for fact in verdict.facts:
        click.echo(f"  {'yes' if fact.holds else 'NO '} {fact.sentence}")
    return verdict.genuine
