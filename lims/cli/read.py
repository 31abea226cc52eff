"""`lims read`: what an instrument file says."""

import json
import sys
from pathlib import Path

import click

_REFUSED = 3
_DIFFERENT = 1


@click.command("read")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole reading as one document.")
@click.option(
    "--recheck",
    "again",
    is_flag=True,
    help="Read every stored file again and tell what differs from the day of its import.",
)
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="With --recheck: the laboratory's folder. Default: var.",
)
def command(file: Path | None, *, as_json: bool, again: bool, home: Path | None) -> None:
    """Read an instrument FILE and print what it says.

    Exit status: 0 read; 3 refused, with the reason on the error stream and in the document. With
    --recheck, which changes nothing: 0 when all is read as it was, 1 when something differs.
    """
    if again:
        if file is not None:
            message = "--recheck reads the stored files; leave FILE out."
            raise click.UsageError(message)
        _recheck(home, as_json=as_json)
    elif file is None:
        message = "Name a FILE, or ask for --recheck."
        raise click.UsageError(message)
    else:
        _read(file, as_json=as_json)


def _recheck(home: Path | None, *, as_json: bool) -> None:
    from lims.cli import recheck  # noqa: PLC0415 - needs the database, which a FILE does not

    findings = recheck.run(home)
    click.echo(recheck.document(findings) if as_json else recheck.told(findings))
    sys.exit(0 if all(finding.same for finding in findings) else _DIFFERENT)


def _read(file: Path, *, as_json: bool) -> None:
    from instruments import read  # noqa: PLC0415 - numpy is loaded only when a file is read
    from instruments.errors import InstrumentFileError  # noqa: PLC0415
    from instruments.limits import FILE_BYTES  # noqa: PLC0415

    with file.open("rb") as stream:
        content = stream.read(FILE_BYTES + 1)  # one byte too many is enough to refuse
    try:
        reading = read(content, file.name).to_json()
    except InstrumentFileError as refusal:
        if as_json:
            click.echo(json.dumps({"refused": refusal.to_json()}))
        click.echo(str(refusal), err=True)
        sys.exit(_REFUSED)
    click.echo(json.dumps(reading, allow_nan=False) if as_json else _summary(reading))


def _summary(reading: dict[str, object]) -> str:
    """A few lines for a person at the terminal."""
    from instruments.summary import lines  # noqa: PLC0415

    return "\n".join(lines(reading))
