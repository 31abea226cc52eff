"""The `lims` command. Each subcommand lives in a module of its own, loaded when it is called."""

from importlib import import_module

import click

from lims import __version__

_COMMANDS = {
    "audit": "lims.cli.audit",
    "backup": "lims.cli.backup",
    "calc": "lims.cli.calc",
    "demo": "lims.cli.demo",
    "doctor": "lims.cli.doctor",
    "init": "lims.cli.init",
    "read": "lims.cli.read",
    "recompute": "lims.cli.recompute",
    "restore": "lims.cli.restore",
    "serve": "lims.cli.serve",
    "user": "lims.cli.user",
    "verify": "lims.cli.verify",
}


class _Lazy(click.Group):
    """A group that imports a subcommand only when it is asked for, so that `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command = import_module(_COMMANDS[cmd_name]).command
        assert isinstance(command, click.Command)  # noqa: S101
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="lims")
def main() -> None:
    """Livelot: quality control of live biotherapeutic products."""
