"""`lims read`: what an instrument file says."""

import json
import sys
from pathlib import Path

import click

_REFUSED = 3


@click.command("read")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the whole reading as one document.")
def command(file: Path, *, as_json: bool) -> None:
    """Read an instrument FILE and print what it says.

    Exit status: 0 read; 3 refused, with the reason on the error stream and in the document.
    """
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
