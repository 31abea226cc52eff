"""`lims recompute`: every recorded result once more from what is stored, to the last digit."""

import json
import sys
from pathlib import Path

import click

from lims.cli import ground
from lims.foundation.db import Database
from lims.foundation.registry import load_models
from lims.results.actions import as_text
from lims.workflow import recording

EXIT_DIFFERENT = 1


@click.command(name="recompute")
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Default: var.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(home: Path | None, *, as_json: bool) -> None:
    """Compute all recorded results anew from readings and files; name those that differ.

    Nothing is changed. Exit status 0 when every digit is the same, 1 when not.
    """
    place = (home or ground.default_home()).resolve()
    ground.check_there(place)
    load_models()
    laid = ground.lay(place)
    database = Database(laid.urls.application)
    try:
        told = _recomputed(database)
    finally:
        database.close()
        if laid.cluster is not None and laid.cluster.started_here:
            laid.cluster.stop()
    different = [each for each in told if each["differences"]]
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for each in different:
            click.echo("\n".join(each["differences"]))
        click.echo(f"{len(told)} results computed anew, {len(different)} of them differ.")
    sys.exit(EXIT_DIFFERENT if different else 0)


def _recomputed(database: Database) -> list[dict[str, list[str]]]:
    with database.session() as session:
        return [
            {
                "result": [result.test.lot.number, result.test.line.name, as_text(result)],
                "differences": differences,
            }
            for result, differences in recording.recompute_all(session)
        ]
